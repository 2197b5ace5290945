import type { AutoScalingGroup } from '../../auto-scaling/state/group.ts';
import type { RegionState } from '../../region-state.ts';
import type { NodeConfiguration, Nodegroup } from '../state/nodegroup.ts';
import type { ClusterAccess, KubernetesNode } from './cluster-access.ts';

/** An update of the nodes of a group, while it runs. */
export interface UpdateRun {
  readonly state: RegionState;
  readonly nodegroup: Nodegroup;
  readonly group: AutoScalingGroup;
  readonly target: NodeConfiguration;
  readonly access: ClusterAccess;
  readonly mustForce: boolean;
  readonly maxParallel: number;
  /** Whether a node has the newest configuration, by its labels; nodes renewed by an earlier, failed update have it too. */
  isNewest(node: KubernetesNode): boolean;
}

/** How often EKS checks whether what it waits for has happened; the real interval is not documented. */
export const CHECK_SECONDS = 15;

export const isReady = ({ status }: KubernetesNode): boolean =>
  status?.conditions?.some((condition) => condition.type === 'Ready' && condition.status === 'True') ?? false;

/** Id of the instance behind a node; a node without one has just registered. */
export const instanceIdOf = ({ spec }: KubernetesNode): string => spec?.providerID?.split('/').at(-1) ?? '';
