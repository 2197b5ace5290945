import type { Deps } from '../../clients/ports.ts';
import { writeRecord } from '../../domain/admission/record-text.ts';
import { type LaunchTemplate, launchesFrom } from '../../domain/nodegroup/launch-template.ts';
import {
  AZ_REBALANCE,
  leftTagsOf,
  newWish,
  ORIGINAL_SETTINGS_TAGS,
  originalSettingsTags,
} from '../../domain/nodegroup/original-settings.ts';
import type { WorkflowRun } from '../../domain/state.ts';
import type { AutoScalingGroup } from '../../domain/types.ts';
import { changeRecord } from '../lease/record.ts';

/** A version of a template. */
type LaunchVersion = Pick<LaunchTemplate, 'launchTemplateId' | 'version'>;

/** Write the original settings of the group as tags before it is touched, and again where somebody has removed them. */
async function writeOriginalSettings(deps: Deps, run: WorkflowRun, group: AutoScalingGroup): Promise<void> {
  const tags = originalSettingsTags(group, run);
  if (Object.keys(tags).length > 0) await deps.autoScaling.setTags(group.name, tags);
}

/**
 * Write the original settings again when somebody has removed them in the middle of a run, but for the template version, which
 * the group no longer shows.
 *
 * @param checkRecord throws when the record is no longer the caller's: tags are also missing when the run has ended while a step of
 *   it stood still
 * @returns the group with its tags as they are now
 */
export async function restoreTags(
  deps: Deps,
  run: WorkflowRun,
  group: AutoScalingGroup,
  checkRecord: () => Promise<unknown>,
): Promise<AutoScalingGroup> {
  const { [ORIGINAL_SETTINGS_TAGS.launchTemplateVersion]: _, ...tags } = originalSettingsTags(group, run);
  if (Object.keys(tags).length === 0) return group;
  await checkRecord();
  await deps.autoScaling.setTags(group.name, tags);
  return { ...group, tags: { ...group.tags, ...tags } };
}

/** Pin a group that follows `$Latest` to the version in use, so that creating a version changes nothing yet. */
export async function pinToSource(deps: Deps, run: WorkflowRun, group: AutoScalingGroup): Promise<void> {
  if (!launchesFrom(group, { launchTemplateId: run.target.launchTemplateId, version: '$Latest' })) return;
  await writeOriginalSettings(deps, run, group);
  await deps.autoScaling.useLaunchTemplateVersion(group, run.target.sourceVersion);
}

/** Keep Auto Scaling from moving instances between zones: it does not drain them. True when it is we who did. */
async function suspendRebalancing(deps: Deps, group: AutoScalingGroup): Promise<boolean> {
  if (group.suspendedProcesses.some(({ name }) => name === AZ_REBALANCE)) {
    return group.tags[ORIGINAL_SETTINGS_TAGS.suspendedProcess] !== undefined;
  }
  await deps.autoScaling.setTags(group.name, { [ORIGINAL_SETTINGS_TAGS.suspendedProcess]: AZ_REBALANCE });
  await deps.autoScaling.suspendProcess(group.name, AZ_REBALANCE);
  return true;
}

/** Book that the owner has set the desired capacity since the run before: none of it is our surge any more. */
async function bookNewWish(deps: Deps, run: WorkflowRun, desiredCapacity: number): Promise<void> {
  await changeRecord(await deps.cluster(run.clusterName), run.autoScalingGroupName, (record) => {
    const { lease, accounts, holder, nonce = '', inputs } = record;
    if (holder !== run.executionArn || accounts === undefined || accounts === 'unreadable') return 'keep';
    if (accounts.wish === desiredCapacity && accounts.surge === 0 && accounts.raise === undefined) return 'keep';
    const { raise: _, ...rest } = accounts;
    return writeRecord(lease, { nonce, accounts: { ...rest, wish: desiredCapacity, surge: 0 }, inputs });
  });
}

/** Take sizes that differ from those a failed run left as the owner's new wish; then nothing is left of that run's. */
async function takeOverSizes(deps: Deps, run: WorkflowRun, group: AutoScalingGroup): Promise<void> {
  const left = leftTagsOf(group);
  if (left.length === 0) return;
  const { maxSize, desiredCapacity } = newWish(group);
  if (desiredCapacity !== undefined) await bookNewWish(deps, run, desiredCapacity);
  if (maxSize !== undefined) await deps.autoScaling.setTags(group.name, { [ORIGINAL_SETTINGS_TAGS.maxRaisedBy]: '0' });
  await deps.autoScaling.removeTags(group.name, left);
}

/**
 * Let the group launch from our version again where somebody has pointed it at another one, or at another template, in the
 * middle of a run: every replacement would be outdated.
 *
 * @returns the group as it is now
 */
export async function pointBack(
  deps: Deps,
  group: AutoScalingGroup,
  { launchTemplateId, version }: LaunchVersion,
): Promise<AutoScalingGroup> {
  const { launchSource } = group;
  if (launchSource === undefined || launchesFrom(group, { launchTemplateId, version })) return group;
  const ours = { ...group, launchSource: { ...launchSource, launchTemplateId, version } };
  await deps.autoScaling.useLaunchTemplateVersion(ours, version);
  return ours;
}

/** Prepare the group for the upgrade: first write its original settings, then suspend AZRebalance, then set the version. */
export async function setUpGroup(
  deps: Deps,
  run: WorkflowRun,
  group: AutoScalingGroup,
  version: LaunchVersion,
): Promise<{ isRepointed: boolean; isRebalancingSuspended: boolean }> {
  await writeOriginalSettings(deps, run, group);
  await takeOverSizes(deps, run, group);
  const isRebalancingSuspended = await suspendRebalancing(deps, group);
  const isRepointed = (await pointBack(deps, group, version)) !== group;
  return { isRepointed, isRebalancingSuspended };
}
