export type InstanceRefreshStatus = 'Pending' | 'InProgress' | 'Successful' | 'Failed' | 'Cancelling' | 'Cancelled';

/** One instance refresh of a group. */
export interface InstanceRefresh {
  readonly id: string;
  /** Percent of the desired capacity that stays in service. */
  readonly minHealthyPercentage: number;
  /** From being in service until an instance counts as healthy. */
  readonly warmupSeconds: number;
  /** As the request gave them. */
  readonly preferences: Readonly<Record<string, unknown>>;
  /** Ids of the instances that it replaces. */
  readonly instanceIds: readonly string[];
  status: InstanceRefreshStatus;
  statusReason?: string;
  startedAt?: number;
  endedAt?: number;
  /** Instances that are still to be replaced. */
  remaining: number;
}

const ENDED: readonly InstanceRefreshStatus[] = ['Successful', 'Failed', 'Cancelled'];

/** Whether a refresh is under way. */
export const isActive = ({ status }: InstanceRefresh): boolean => !ENDED.includes(status);
