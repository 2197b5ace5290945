import { ClusterUnreachable, InvalidInput, UnsupportedNodegroup } from '../errors.ts';
import type { UpgradeInput } from '../input/input.ts';
import { isLeaving } from '../nodegroup/nodegroup.ts';
import type { AutoScalingGroup, EksCluster, EksNodegroup, LaunchSource } from '../types.ts';

/** What to do about a cluster that is not ACTIVE. */
const CLUSTER_WAYS_OUT: Readonly<Record<string, string>> = {
  CREATING: 'wait until it has been created, then start again',
  UPDATING: 'wait until its own update has ended, then start again',
  DELETING: 'it is being deleted, so there is nothing to upgrade',
  FAILED: 'it could not be created: delete it and create it again',
};

/** Refuse a cluster that is not in a state to be worked on. @throws {UnsupportedNodegroup} @throws {ClusterUnreachable} */
export function checkCluster(cluster: EksCluster): void {
  if (cluster.status !== 'ACTIVE') {
    throw new UnsupportedNodegroup(
      `cluster ${cluster.name} is ${cluster.status}, not ACTIVE: ${CLUSTER_WAYS_OUT[cluster.status] ?? 'wait until it is, then start again'}`,
    );
  }
  if (cluster.endpoint === undefined) throw new ClusterUnreachable(`cluster ${cluster.name} has no endpoint`);
}

/** What EKS says of a group whose template somebody else has changed, as engine workflow does. */
const TEMPLATE_MISMATCH = /^Ec2LaunchTemplateVersionMismatch:/;

/** True for a group that EKS calls DEGRADED for no other reason than a template version that is not its own. */
const isOnForeignTemplate = ({ status, healthIssues }: EksNodegroup): boolean =>
  status === 'DEGRADED' && healthIssues.length > 0 && healthIssues.every((issue) => TEMPLATE_MISMATCH.test(issue));

/** What to do about a managed node group that is not ACTIVE. */
const WAYS_OUT: Readonly<Record<string, string>> = {
  CREATING: 'wait until it is ACTIVE, then start again',
  UPDATING: 'wait for its update, then start again',
  DELETING: 'it is being deleted, so there is nothing to upgrade',
  CREATE_FAILED: 'delete it and create it again',
  DELETE_FAILED: 'delete it again, once what EKS names is mended',
  DEGRADED: 'mend what EKS names, then start again',
};

/**
 * Refuse a managed node group that is busy or broken, in EKS's words.
 *
 * With engine eks an update that is under way is handled later, so UPDATING is accepted. With engine workflow a group is
 * accepted that is DEGRADED only because this workflow has changed its template version.
 *
 * @returns name of its Auto Scaling group
 * @throws {UnsupportedNodegroup}
 */
export function checkNodegroup(nodegroup: EksNodegroup, engine: 'workflow' | 'eks'): string {
  const { name, status, healthIssues } = nodegroup;
  const isUsable = status === 'ACTIVE' || (engine === 'eks' ? status === 'UPDATING' : isOnForeignTemplate(nodegroup));
  if (!isUsable) {
    const issues = healthIssues.length === 0 ? '' : ` (${healthIssues.join('; ')})`;
    const own = isOnForeignTemplate(nodegroup)
      ? 'let its Auto Scaling group launch from the version that EKS expects, as docs/managed-nodegroups.md says, then start again'
      : (WAYS_OUT[status] ?? 'mend it, then start again');
    const refusal =
      engine === 'eks' ? '. EKS says: Nodegroup cannot be updated as it is currently not in Active State' : '';
    throw new UnsupportedNodegroup(`node group ${name} is ${status}, not ACTIVE${issues}: ${own}${refusal}`);
  }
  if (nodegroup.autoScalingGroupName === undefined) {
    throw new UnsupportedNodegroup(`node group ${nodegroup.name} has no Auto Scaling group`);
  }
  return nodegroup.autoScalingGroupName;
}

/**
 * Refuse a group that cannot be upgraded safely, with the reason and what to do.
 *
 * @param engine the one that upgrades the managed node group this Auto Scaling group belongs to; EKS handles a warm pool
 * @throws {UnsupportedNodegroup}
 */
export function checkGroup(group: AutoScalingGroup, engine: 'self-managed' | 'workflow' | 'eks'): LaunchSource {
  const refuse = (reason: string) => new UnsupportedNodegroup(`Auto Scaling group ${group.name} ${reason}`);
  const owner = group.tags['eks:nodegroup-name'];
  if (owner !== undefined && engine === 'self-managed') {
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
  if (group.hasWarmPool && engine !== 'eks') {
    throw refuse('has a warm pool, whose instances were prepared with the old AMI: delete the warm pool first');
  }
  return group.launchSource;
}

/** Why a canary is refused: it is larger than the group. Undefined when it is not. */
export const canaryRefusal = ({ canary }: Pick<UpgradeInput, 'canary'>, members: number): InvalidInput | undefined =>
  canary !== undefined && canary.nodes > members
    ? new InvalidInput(`"canary.nodes" is ${canary.nodes}, but the group has ${members} nodes: name ${members} at most`)
    : undefined;

/** Instances an operator has set aside: they are neither capacity nor upgraded. */
export const standbyInstances = (group: AutoScalingGroup): string[] =>
  group.instances
    .filter(({ lifecycleState }) => isLeaving(lifecycleState) && /Standby/.test(lifecycleState))
    .map(({ instanceId }) => instanceId);
