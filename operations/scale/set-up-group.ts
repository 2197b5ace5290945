import type { Deps } from '../../clients/ports.ts';
import {
  AZ_REBALANCE,
  ORIGINAL_SETTINGS_TAGS,
  originalSettingsTags,
} from '../../domain/nodegroup/original-settings.ts';
import type { WorkflowRun } from '../../domain/state.ts';
import type { AutoScalingGroup } from '../../domain/types.ts';

/** Write the original settings of the group as tags, once, before it is touched. */
async function writeOriginalSettings(deps: Deps, run: WorkflowRun, group: AutoScalingGroup): Promise<void> {
  const tags = originalSettingsTags(group, run.target.sourceVersion);
  if (Object.keys(tags).length > 0) await deps.autoScaling.setTags(group.name, tags);
}

/** Pin a group that follows `$Latest` to the version in use, so that creating a version changes nothing yet. */
export async function pinToSource(deps: Deps, run: WorkflowRun, group: AutoScalingGroup): Promise<void> {
  if (group.launchSource?.version !== '$Latest') return;
  await writeOriginalSettings(deps, run, group);
  await deps.autoScaling.useLaunchTemplateVersion(group, run.target.sourceVersion);
}

/** Keep Auto Scaling from moving instances between zones: it does not drain them. */
async function suspendRebalancing(deps: Deps, group: AutoScalingGroup): Promise<boolean> {
  if (group.suspendedProcesses.some(({ name }) => name === AZ_REBALANCE)) return false;
  await deps.autoScaling.setTags(group.name, { [ORIGINAL_SETTINGS_TAGS.suspendedProcess]: AZ_REBALANCE });
  await deps.autoScaling.suspendProcess(group.name, AZ_REBALANCE);
  return true;
}

/** Prepare the group for the upgrade: first write its original settings, then suspend AZRebalance, then set the version. */
export async function setUpGroup(
  deps: Deps,
  run: WorkflowRun,
  group: AutoScalingGroup,
  version: string,
): Promise<{ isRepointed: boolean; isRebalancingSuspended: boolean }> {
  await writeOriginalSettings(deps, run, group);
  const isRebalancingSuspended = await suspendRebalancing(deps, group);
  const isRepointed = group.launchSource?.version !== version;
  if (isRepointed) await deps.autoScaling.useLaunchTemplateVersion(group, version);
  return { isRepointed, isRebalancingSuspended };
}
