import type { Deps } from '../../clients/ports.ts';
import { type LaunchTemplate, launchesFrom } from '../../domain/nodegroup/launch-template.ts';
import { isParked, leaveCordoned } from '../../domain/nodegroup/leave-cordoned.ts';
import { removeOwnedChanges } from '../../domain/nodegroup/node-ownership.ts';
import { AZ_REBALANCE, ORIGINAL_SETTINGS_TAGS, originalVersion } from '../../domain/nodegroup/original-settings.ts';
import type { AutoScalingGroup, Node } from '../../domain/types.ts';
import { changeNodes } from '../nodegroup/change-node.ts';

/** Nodes changed before it is checked again that nobody else has taken the Lease. */
const NODES_BETWEEN_CHECKS = 100;

/** The Nodes of the members of a group, without those that shut down: pods must not get on them again. */
export function nodesOf({ instances }: Pick<AutoScalingGroup, 'instances'>, nodes: readonly Node[]): Node[] {
  const members = new Set(
    instances.flatMap(({ instanceId, lifecycleState }) => (lifecycleState.startsWith('Terminat') ? [] : [instanceId])),
  );
  return nodes.filter(({ instanceId }) => instanceId !== undefined && members.has(instanceId));
}

/**
 * Remove taints, labels, cordons and annotations that a run of ours has set, and nothing else.
 *
 * @param cordonsParkedBy name of the execution by which blocked nodes stay cordoned; absent: they are reopened too
 * @param mayGoOn         asked now and then; the clean-up stops when the Lease has got another holder
 * @returns the number of nodes that had any
 */
export async function cleanUpNodes(
  deps: Deps,
  clusterName: string,
  nodes: readonly Node[],
  {
    cordonsParkedBy: by,
    mayGoOn = async () => true,
  }: { cordonsParkedBy?: string | undefined; mayGoOn?: () => Promise<boolean> } = {},
): Promise<number> {
  const cluster = await deps.cluster(clusterName);
  const decide = (node: Node) =>
    by !== undefined && isParked(node) ? leaveCordoned(node, by) : removeOwnedChanges(node);
  let changed = 0;
  for (let start = 0; start < nodes.length; start += NODES_BETWEEN_CHECKS) {
    if (start > 0 && !(await mayGoOn())) return changed;
    changed += await changeNodes(cluster, nodes.slice(start, start + NODES_BETWEEN_CHECKS), decide);
  }
  return changed;
}

/**
 * Resume the process we suspended, if we did.
 *
 * @param isOurs what the run's own state says, for a tag that somebody has removed
 */
export async function resumeProcesses(deps: Deps, group: AutoScalingGroup, isOurs = false): Promise<void> {
  const tagged = group.tags[ORIGINAL_SETTINGS_TAGS.suspendedProcess];
  const process = tagged ?? (isOurs ? AZ_REBALANCE : undefined);
  if (process === undefined) return;
  await deps.autoScaling.resumeProcess(group.name, process);
  if (tagged !== undefined) await deps.autoScaling.removeTags(group.name, [ORIGINAL_SETTINGS_TAGS.suspendedProcess]);
}

/** Let a group that followed `$Latest` follow it again, unless somebody has made a later version meanwhile. */
async function followLatestAgain(
  deps: Deps,
  group: AutoScalingGroup,
  launchTemplate: LaunchTemplate,
  statedVersion: string | undefined,
): Promise<void> {
  const followed = originalVersion(group, launchTemplate.launchTemplateId) === '$Latest' || statedVersion === '$Latest';
  const { launchTemplateId } = launchTemplate;
  const isMoved = group.launchSource?.launchTemplateId !== launchTemplateId;
  if (!followed || isMoved || launchesFrom(group, { launchTemplateId, version: '$Latest' })) return;
  const latest = await deps.ec2.findLaunchTemplateVersion(launchTemplate.launchTemplateId, '$Latest');
  if (String(latest?.version) === launchTemplate.version) {
    await deps.autoScaling.useLaunchTemplateVersion(group, '$Latest');
  }
}

/** What the state of a run says about the group, for tags that somebody has removed. */
export interface GroupState {
  /** Absent after an update by EKS, whose own template the group launches from. */
  readonly launchTemplate?: LaunchTemplate | undefined;
  /** Template version as the group stated it before the run. */
  readonly statedVersion?: string | undefined;
  readonly isRebalancingSuspended?: boolean | undefined;
}

/** Resume what we suspended, and remove the original settings tags; they are removed last. */
export async function removeTraces(
  deps: Deps,
  group: AutoScalingGroup,
  isRebalancingSuspended?: boolean,
): Promise<void> {
  await resumeProcesses(deps, group, isRebalancingSuspended);
  const keys = Object.values(ORIGINAL_SETTINGS_TAGS).filter(
    (key) => group.tags[key] !== undefined && key !== ORIGINAL_SETTINGS_TAGS.suspendedProcess,
  );
  if (keys.length > 0) await deps.autoScaling.removeTags(group.name, keys);
}

/** Put the group back in order after a success. */
export async function cleanUpGroup(deps: Deps, group: AutoScalingGroup, state: GroupState): Promise<void> {
  const { launchTemplate, statedVersion, isRebalancingSuspended } = state;
  if (launchTemplate !== undefined) await followLatestAgain(deps, group, launchTemplate, statedVersion);
  await removeTraces(deps, group, isRebalancingSuspended);
}
