import { ClusterUnreachable, InvalidInput, UnsupportedNodegroup } from './errors.ts';
import { isLeaving } from './group-nodes.ts';
import type { UpgradeInput } from './input.ts';
import type { AutoScalingGroup, EksCluster, EksNodegroup, LaunchSource } from './types.ts';

/** Refuse a cluster that is not in a state to be worked on. @throws {UnsupportedNodegroup} @throws {ClusterUnreachable} */
export function checkCluster(cluster: EksCluster): void {
  if (cluster.status !== 'ACTIVE') {
    throw new UnsupportedNodegroup(
      `cluster ${cluster.name} is ${cluster.status}, not ACTIVE: wait until its own update has ended, then start again`,
    );
  }
  if (cluster.endpoint === undefined) throw new ClusterUnreachable(`cluster ${cluster.name} has no endpoint`);
}

/** Refuse a managed node group that is busy or broken. @throws {UnsupportedNodegroup} */
export function checkNodegroup(nodegroup: EksNodegroup): void {
  if (nodegroup.status !== 'ACTIVE') {
    const issues = nodegroup.healthIssues.length === 0 ? '' : ` (${nodegroup.healthIssues.join('; ')})`;
    throw new UnsupportedNodegroup(
      `node group ${nodegroup.name} is ${nodegroup.status}, not ACTIVE${issues}: mend it, or wait for its update, then start again`,
    );
  }
  if (nodegroup.autoScalingGroupName === undefined) {
    throw new UnsupportedNodegroup(`node group ${nodegroup.name} has no Auto Scaling group`);
  }
}

/**
 * Refuse a group that cannot be upgraded safely, with the reason and what to do.
 *
 * @param isManaged the input names the managed node group this Auto Scaling group belongs to
 * @throws {UnsupportedNodegroup}
 */
export function checkGroup(group: AutoScalingGroup, isManaged: boolean): LaunchSource {
  const refuse = (reason: string) => new UnsupportedNodegroup(`Auto Scaling group ${group.name} ${reason}`);
  const owner = group.tags['eks:nodegroup-name'];
  if (owner !== undefined && !isManaged) {
    throw refuse(`belongs to the EKS managed node group "${owner}": give {"nodegroupName": "${owner}"} instead`);
  }
  if (group.status !== undefined) throw refuse(`is being deleted (${group.status})`);
  if (group.launchConfigurationName !== undefined) {
    throw refuse(
      `uses the launch configuration ${group.launchConfigurationName}, which has no versions: move it to a launch template first`,
    );
  }
  if (group.launchSource === undefined) throw refuse('has no launch template');
  if (group.launchSource.overridingTemplates.length > 0) {
    throw refuse(
      `overrides its template in its mixed instances policy (${group.launchSource.overridingTemplates.join(', ')}): one AMI for all cannot be set`,
    );
  }
  if (group.launchSource.usesWeights) {
    throw refuse('counts capacity by weights, so its sizes are not numbers of nodes: remove WeightedCapacity first');
  }
  const suspended = group.suspendedProcesses.find(({ name }) => name === 'Launch' || name === 'Terminate');
  if (suspended !== undefined) {
    throw refuse(`has its ${suspended.name} process suspended (${suspended.reason}): resume it first`);
  }
  if (group.hasWarmPool) {
    throw refuse('has a warm pool, whose instances were prepared with the old AMI: delete the warm pool first');
  }
  return group.launchSource;
}

/** Refuse a canary that is larger than the group. @throws {InvalidInput} */
export function checkCanary(input: UpgradeInput, members: number): void {
  if (input.canary !== undefined && input.canary.nodes > members) {
    throw new InvalidInput(
      `"canary.nodes" is ${input.canary.nodes}, but the group has ${members} nodes: name ${members} at most`,
    );
  }
}

/** Instances an operator has set aside: they are neither capacity nor upgraded. */
export const standbyInstances = (group: AutoScalingGroup): string[] =>
  group.instances
    .filter(({ lifecycleState }) => isLeaving(lifecycleState) && /Standby/.test(lifecycleState))
    .map(({ instanceId }) => instanceId);
