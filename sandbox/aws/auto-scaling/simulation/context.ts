import type { SandboxClock, Timer } from '../../../world/clock.ts';
import type { Random } from '../../../world/random.ts';
import type { Timings } from '../../../world/scenario.ts';
import type { Instances } from '../../ec2/state/instances.ts';
import type { Network } from '../../ec2/state/network.ts';
import type { AutoScalingGroup, Member, ScalingProcess } from '../state/group.ts';
import type { LaunchCatalogue } from './launch-plan.ts';
import type { Membership } from './memberships.ts';

export interface SimulationOptions {
  readonly clock: SandboxClock;
  readonly random: Random;
  readonly nextId: () => string;
  readonly timings: Timings;
  readonly instances: Instances;
  readonly network: Network;
  readonly catalogue: LaunchCatalogue;
  /** Whether EC2 has machines left in a zone now. */
  hasCapacity(zone: string): boolean;
  onInService(group: AutoScalingGroup, member: Member): void;
  /** An instance waits at a lifecycle hook until somebody lets it proceed. */
  onHookWait(group: AutoScalingGroup, member: Member): void;
  /** Somebody changed something about a group, or a launch ended one way or the other. */
  onChanged(group: AutoScalingGroup): void;
}

/** What is under way in a group. */
export interface GroupProgress {
  reconcileTimer?: Timer | undefined;
  balanceTimer?: Timer | undefined;
  retryTimer?: Timer | undefined;
  failuresInARow: number;
  /** Sentences on what changed since the last reconciliation. */
  reasons: string[];
}

/** What the parts of the simulation share. */
export interface SimulationContext extends SimulationOptions {
  /** By instance id. */
  readonly memberships: Map<string, Membership>;
  progressOf(group: AutoScalingGroup): GroupProgress;
  /** Compare what a group has with what it should have, and act on the difference. */
  reconcile(group: AutoScalingGroup): void;
  /** Reconcile a group after the time that Auto Scaling needs to react. */
  reconcileSoon(group: AutoScalingGroup): void;
}

/** Whether any of these processes is suspended. */
export const isSuspended = (group: AutoScalingGroup, ...processes: readonly ScalingProcess[]): boolean =>
  processes.some((process) => group.suspended.has(process));

/** Whether the machine has been shut down. */
export const isDown = ({ instance }: Member): boolean =>
  instance.state === 'shutting-down' || instance.state === 'terminated';

/** The `Details` of an activity in a zone. */
export const activityDetails = ({ network }: SimulationContext, zone: string): string =>
  JSON.stringify({ 'Subnet ID': network.subnetOf(zone).subnetId, 'Availability Zone': zone });
