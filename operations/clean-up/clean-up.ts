import type { Deps } from '../../clients/ports.ts';
import { CONTROL, LEASE_NAMESPACE } from '../../domain/admission/control.ts';
import type { LaunchTemplate } from '../../domain/nodegroup/launch-template.ts';
import { removeOwnedChanges } from '../../domain/nodegroup/node-ownership.ts';
import type { GroupNode } from '../../domain/nodegroup/nodegroup.ts';
import { ORIGINAL_SETTINGS_TAGS, originalVersion } from '../../domain/nodegroup/original-settings.ts';
import type { Run } from '../../domain/state.ts';
import type { AutoScalingGroup } from '../../domain/types.ts';
import { findControl } from '../lease/control-record.ts';
import { changeNodes } from '../nodegroup/change-node.ts';

/** Remove taints, labels, cordons and annotations that a run of ours has set. Returns the number of nodes that had any. */
export async function cleanUpNodes(deps: Deps, run: Run, members: readonly GroupNode[]): Promise<number> {
  const nodes = members.flatMap(({ node }) => (node === undefined ? [] : [node]));
  return changeNodes(await deps.cluster(run.clusterName), nodes, removeOwnedChanges);
}

/** Resume the process we suspended, if we did. */
export async function resumeProcesses(deps: Deps, group: AutoScalingGroup): Promise<void> {
  const suspended = group.tags[ORIGINAL_SETTINGS_TAGS.suspendedProcess];
  if (suspended === undefined) return;
  await deps.autoScaling.resumeProcess(group.name, suspended);
  await deps.autoScaling.removeTags(group.name, [ORIGINAL_SETTINGS_TAGS.suspendedProcess]);
}

/** Let a group that followed `$Latest` follow it again, unless somebody has made a later version meanwhile. */
async function followLatestAgain(deps: Deps, group: AutoScalingGroup, launchTemplate: LaunchTemplate): Promise<void> {
  if (originalVersion(group) !== '$Latest') return;
  const latest = await deps.ec2.findLaunchTemplateVersion(launchTemplate.launchTemplateId, '$Latest');
  if (String(latest?.version) === launchTemplate.version) {
    await deps.autoScaling.useLaunchTemplateVersion(group, '$Latest');
  }
}

/**
 * Put the group back in order and remove the original settings tags; they are removed last.
 *
 * @param launchTemplate absent after an update by EKS, whose own template the group launches from
 */
export async function cleanUpGroup(
  deps: Deps,
  group: AutoScalingGroup,
  launchTemplate: LaunchTemplate | undefined,
): Promise<void> {
  if (launchTemplate !== undefined) await followLatestAgain(deps, group, launchTemplate);
  await resumeProcesses(deps, group);
  const keys = Object.values(ORIGINAL_SETTINGS_TAGS).filter(
    (key) => group.tags[key] !== undefined && key !== ORIGINAL_SETTINGS_TAGS.suspendedProcess,
  );
  if (keys.length > 0) await deps.autoScaling.removeTags(group.name, keys);
}

/** Delete the Lease, if this execution holds it. */
export async function cleanUpLock(deps: Deps, run: Run): Promise<void> {
  const cluster = await deps.cluster(run.clusterName);
  const lease = await findControl(cluster, run.autoScalingGroupName);
  if (lease?.holder === run.executionArn) await cluster.deleteLease(LEASE_NAMESPACE, lease);
}

/** Release the Lease after a failure; the list of absorbed instances stays on it for the accounts of the next run. */
export async function releaseLock(deps: Deps, run: Run): Promise<void> {
  const cluster = await deps.cluster(run.clusterName);
  const lease = await findControl(cluster, run.autoScalingGroupName);
  if (lease?.holder !== run.executionArn) return;
  const absorbed = lease.annotations[CONTROL.absorbed];
  const annotations = absorbed === undefined ? {} : { [CONTROL.absorbed]: absorbed };
  await cluster.replaceLease(LEASE_NAMESPACE, { ...lease, holder: '', annotations });
}
