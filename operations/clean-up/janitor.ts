import type { Deps } from '../../clients/ports.ts';
import { type EndedRun, isScheduled, type JanitorEvent, runOfEvent } from '../../domain/nodegroup/ended-run.ts';
import { ORIGINAL_SETTINGS_TAGS } from '../../domain/nodegroup/original-settings.ts';
import { type Tidied, type TidyRequest, tidyGroup } from './tidy-group.ts';

/** The Auto Scaling group of a run; `undefined` when its node group is gone. */
export async function groupNameOf(deps: Deps, run: EndedRun): Promise<string | undefined> {
  if (run.autoScalingGroupName !== undefined || run.nodegroupName === undefined) return run.autoScalingGroupName;
  return (await deps.eks.findNodegroup(run.clusterName, run.nodegroupName))?.autoScalingGroupName;
}

async function ofEvent(deps: Deps, event: JanitorEvent): Promise<TidyRequest[]> {
  const run = runOfEvent(event);
  const autoScalingGroupName = run && (await groupNameOf(deps, run));
  if (run === undefined || autoScalingGroupName === undefined) return [];
  const { clusterName, executionArn } = run;
  return [{ clusterName, autoScalingGroupName, ownArn: executionArn, endedArn: event.detail?.executionArn }];
}

/** Groups that a run of ours has tagged and not finished with. */
async function ofTags(deps: Deps): Promise<TidyRequest[]> {
  const groups = await deps.autoScaling.listTaggedGroups(ORIGINAL_SETTINGS_TAGS.desiredCapacity);
  return groups.flatMap(({ name, tags }) => {
    const clusterName = tags[ORIGINAL_SETTINGS_TAGS.cluster];
    const ownArn = tags[ORIGINAL_SETTINGS_TAGS.run];
    return clusterName === undefined || ownArn === undefined
      ? []
      : [{ clusterName, autoScalingGroupName: name, ownArn }];
  });
}

/** What became of the groups. */
export interface Rounds {
  readonly status: 'tidied';
  readonly groups: readonly { readonly autoScalingGroupName: string; readonly outcome: Tidied }[];
}

/**
 * Clean up after runs that were stopped, timed out, or failed in their recovery: the one an event tells of, or all.
 *
 * @throws the first failure, once every group was tried
 */
export async function tidyEndedRuns(deps: Deps, event: JanitorEvent): Promise<Rounds> {
  const requests = isScheduled(event) ? await ofTags(deps) : await ofEvent(deps, event);
  const groups: { autoScalingGroupName: string; outcome: Tidied }[] = [];
  const failures: unknown[] = [];
  for (const request of requests) {
    const { autoScalingGroupName } = request;
    try {
      groups.push({ autoScalingGroupName, outcome: await tidyGroup(deps, request) });
    } catch (failure) {
      failures.push(failure);
    }
  }
  if (failures.length > 0) throw failures[0];
  return { status: 'tidied', groups };
}
