import pMap from 'p-map';
import type { Deps } from '../../clients/ports.ts';
import type { Accounts } from '../../domain/admission/record.ts';
import { type LaunchTemplate, launchesFrom } from '../../domain/nodegroup/launch-template.ts';
import type { GroupNode } from '../../domain/nodegroup/nodegroup.ts';
import { ORIGINAL_SETTINGS_TAGS, originalVersion } from '../../domain/nodegroup/original-settings.ts';
import { sizesBefore, surplusOf, unprovedNodes } from '../../domain/nodegroup/put-back.ts';
import type { WorkflowRun } from '../../domain/state.ts';
import type { AutoScalingGroup } from '../../domain/types.ts';
import { observeGroup, readGroup } from '../nodegroup/observe-group.ts';
import { pointBack } from '../scale/set-up-group.ts';

const PODS_AT_ONCE = 4;
const NOTHING_RAISED = { [ORIGINAL_SETTINGS_TAGS.maxRaisedBy]: '0' };

/** A run that has ended before any of its new nodes was Ready, as far as it got. */
export interface UnprovedRun {
  readonly run: WorkflowRun;
  /** Absent when the run ended before it had a version. */
  readonly launchTemplate?: LaunchTemplate | undefined;
  /** Template version as the group stated it before the run. */
  readonly statedVersion: string;
}

/** What was put back. */
export interface PutBack {
  readonly group: AutoScalingGroup;
  readonly terminatedInstances: number;
  /** The version that the group launches from now, as it states it. */
  readonly launchTemplateVersion: string;
  /** Nothing of the run is left on the group. */
  readonly isComplete: boolean;
}

/** Terminate instances. @returns ids of those that go now, and went with the decrement that was asked for */
async function terminateAll(deps: Deps, nodes: readonly GroupNode[], decrement: boolean): Promise<string[]> {
  const going: string[] = [];
  for (const { instanceId } of nodes) {
    if ((await deps.autoScaling.terminate(instanceId, { decrement })) === 'terminating') going.push(instanceId);
  }
  return going;
}

/**
 * Take back the capacity that was asked for and never launched, and the maximum.
 *
 * @param gone ids of instances that have gone with a decrement
 * @returns the group as it is now
 */
async function restoreSizes(
  deps: Deps,
  before: AutoScalingGroup,
  gone: readonly string[],
  wish: number,
): Promise<AutoScalingGroup> {
  const group = await readGroup(deps, before.name);
  // An answer may be old: what the decrements have done is known without it.
  const desired = Math.min(group.desiredCapacity, before.desiredCapacity - gone.length);
  const { desiredCapacity, maxSize } = sizesBefore(group, gone, desired, wish);
  const isSmaller = desiredCapacity < desired;
  if (isSmaller || maxSize < group.maxSize) {
    await deps.autoScaling.resize(group.name, { maxSize, ...(isSmaller && { desiredCapacity }) });
    await deps.autoScaling.setTags(group.name, NOTHING_RAISED);
  }
  return { ...group, desiredCapacity, maxSize, tags: { ...group.tags, ...NOTHING_RAISED } };
}

/**
 * Let the group launch from the version it had, and delete ours, so that `$Latest` of the template means the one before again.
 *
 * A group that followed `$Latest` stays pinned to the number when somebody has made a later version meanwhile.
 *
 * @returns the version that the group launches from now, as it states it
 */
async function restoreVersion(
  deps: Deps,
  group: AutoScalingGroup,
  { run, launchTemplate, statedVersion }: UnprovedRun,
): Promise<string> {
  const { launchTemplateId, sourceVersion } = run.target;
  const isOurs = launchTemplate !== undefined && launchesFrom(group, launchTemplate);
  const isPinned = launchesFrom(group, { launchTemplateId, version: sourceVersion });
  if (!isOurs && !isPinned) return group.launchSource?.version ?? statedVersion;
  const numbered = statedVersion === '$Latest' ? sourceVersion : statedVersion;
  await pointBack(deps, group, { launchTemplateId, version: numbered });
  if (launchTemplate?.isNew === true) {
    await deps.ec2.deleteLaunchTemplateVersion(launchTemplateId, launchTemplate.version);
  }
  if (statedVersion !== '$Latest') return numbered;
  const latest = await deps.ec2.findLaunchTemplateVersion(launchTemplateId, '$Latest');
  if (String(latest?.version) !== sourceVersion) return numbered;
  await deps.autoScaling.useLaunchTemplateVersion(group, '$Latest');
  return '$Latest';
}

/**
 * Put the group back after a run none of whose new nodes became healthy: a group is never left launching an AMI that was just
 * proved broken.
 *
 * First the surge goes, each instance with a decrement while failing launches cannot take its place; then sizes and version;
 * then what stands for a node of the owner's, without a decrement, so that one of the version before takes its place.
 *
 * @returns `undefined` when a new node is healthy or a node is in hand: then nothing is put back
 */
export async function putBack(
  deps: Deps,
  unproved: UnprovedRun,
  accounts: Accounts | undefined,
): Promise<PutBack | undefined> {
  const { run, launchTemplate } = unproved;
  const { group: before, members } = await observeGroup(deps, run, launchTemplate?.version);
  const cluster = await deps.cluster(run.clusterName);
  const names = members.flatMap(({ isOutdated, node }) => (isOutdated || node === undefined ? [] : [node.name]));
  const listed = await pMap(names, async (name) => [name, (await cluster.listPodsOnNode(name)).pods] as const, {
    concurrency: PODS_AT_ONCE,
  });
  const fresh = unprovedNodes(members, accounts?.entries ?? [], new Map(listed));
  if (fresh === undefined) return undefined;
  const wish = accounts?.wish ?? run.originalSizes.desiredCapacity;
  const surplus = surplusOf(before, wish);
  const gone = await terminateAll(deps, fresh.slice(0, surplus), true);
  const smaller = await restoreSizes(deps, before, gone, wish);
  const launchTemplateVersion = await restoreVersion(deps, smaller, unproved);
  const replaced = await terminateAll(deps, fresh.slice(surplus), false);
  const isAsBefore = originalVersion(smaller, run.target.launchTemplateId) === launchTemplateVersion;
  return {
    group: smaller,
    terminatedInstances: gone.length + replaced.length,
    launchTemplateVersion,
    isComplete: isAsBefore && smaller.desiredCapacity === wish,
  };
}
