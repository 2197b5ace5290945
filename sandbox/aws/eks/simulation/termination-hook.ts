import type { AutoScalingGroup, Member } from '../../auto-scaling/state/group.ts';
import { eksTerminationHook } from '../../auto-scaling/state/group-from-scenario.ts';
import type { RegionState } from '../../region-state.ts';
import { UpdateFailure } from '../state/update.ts';
import { createClusterAccess } from './cluster-access.ts';
import { drainNode } from './drain-node.ts';

/**
 * How long the nodes of a group that is being deleted are drained.
 *
 * @see https://github.com/awsdocs/amazon-eks-user-guide/pull/1128
 */
const DRAIN_FOR_DELETION_SECONDS = 5 * 60;

/**
 * Drain the node of a managed group that Auto Scaling is about to terminate, then let the termination proceed, even if pods are
 * still there when the time is over.
 *
 * @see https://docs.aws.amazon.com/eks/latest/userguide/managed-node-groups.html
 */
export function drainBeforeTermination(state: RegionState, group: AutoScalingGroup, member: Member): void {
  const waiting = member.lifecycleAction;
  if (waiting?.hook !== eksTerminationHook) return;
  const { clock } = state;
  const access = createClusterAccess(state.asNodeManager(group.clusterName), clock);
  const nodeName = member.instance.privateDnsName;
  const drain = async () => {
    await access.changeNode(nodeName, ({ spec }) =>
      spec?.unschedulable ? undefined : { spec: { unschedulable: true } },
    );
    const isDeleted = state.nodegroups.ofAutoScalingGroup(group.name)?.status === 'DELETING';
    await drainNode(access, clock, nodeName, isDeleted ? DRAIN_FOR_DELETION_SECONDS : undefined);
  };
  void clock.run(async () => {
    try {
      await drain();
    } catch (thrown) {
      // A cluster that cannot be used does not keep an instance from being terminated.
      if (!(thrown instanceof UpdateFailure)) throw thrown;
    }
    if (member.lifecycleAction === waiting) waiting.proceed('CONTINUE');
  });
}
