import type { Run, Sizes } from '../state.ts';
import type { AutoScalingGroup } from '../types.ts';

/** The process that would move instances between zones, without draining, while nodes are replaced. */
export const AZ_REBALANCE = 'AZRebalance';

/**
 * Tags on the Auto Scaling group that hold what it was before the upgrade. Written once, before the group is touched, and
 * removed at the end: a later run reads the originals from them, however the run before it ended.
 */
export const ORIGINAL_SETTINGS_TAGS = {
  minSize: 'eks-nodegroup-upgrade/min-size',
  maxSize: 'eks-nodegroup-upgrade/max-size',
  desiredCapacity: 'eks-nodegroup-upgrade/desired-capacity',
  /** The template of the two versions below: they mean nothing for another one. */
  launchTemplateId: 'eks-nodegroup-upgrade/launch-template-id',
  /** As the group stated it: a number, `$Latest` or `$Default`. */
  launchTemplateVersion: 'eks-nodegroup-upgrade/launch-template-version',
  /** The number that stood for: what a rollback goes to. */
  previousVersion: 'eks-nodegroup-upgrade/previous-version',
  /** Present when this workflow suspended AZRebalance. */
  suspendedProcess: 'eks-nodegroup-upgrade/suspended-process',
  /** What the run that is under way has added to the maximum. */
  maxRaisedBy: 'eks-nodegroup-upgrade/max-raised-by',
  /** Name of the EKS cluster: the janitor finds the record by it. */
  cluster: 'eks-nodegroup-upgrade/cluster',
  /** ARN of the execution that has written the tags, or has continued from them. */
  run: 'eks-nodegroup-upgrade/run',
  /** Sizes as a failed run left them: other ones are the owner's new wish. */
  leftMinSize: 'eks-nodegroup-upgrade/left-min-size',
  leftMaxSize: 'eks-nodegroup-upgrade/left-max-size',
  leftDesiredCapacity: 'eks-nodegroup-upgrade/left-desired-capacity',
  /** By how much nodes still in hand then may lower the desired capacity on their own. */
  leftDecrements: 'eks-nodegroup-upgrade/left-decrements',
} as const;

/** Present sizes of a group. */
export const sizesOf = ({ minSize, maxSize, desiredCapacity }: AutoScalingGroup): Sizes => ({
  minSize,
  maxSize,
  desiredCapacity,
});

const readNumber = (group: AutoScalingGroup, key: string): number | undefined => {
  const text = group.tags[key];
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
};

/** Sizes the group had before the upgrade, as the tags say. */
function taggedSizes(group: AutoScalingGroup): Sizes | undefined {
  const minSize = readNumber(group, ORIGINAL_SETTINGS_TAGS.minSize);
  const maxSize = readNumber(group, ORIGINAL_SETTINGS_TAGS.maxSize);
  const desiredCapacity = readNumber(group, ORIGINAL_SETTINGS_TAGS.desiredCapacity);
  if (minSize === undefined || maxSize === undefined || desiredCapacity === undefined) return undefined;
  return { minSize, maxSize, desiredCapacity };
}

/**
 * Sizes that somebody has changed since a failed run left them: those are the owner's new wish.
 *
 * Nodes that were in hand when the run ended may have lowered the desired capacity themselves.
 */
export function newWish(group: AutoScalingGroup): Partial<Sizes> {
  const left = {
    minSize: readNumber(group, ORIGINAL_SETTINGS_TAGS.leftMinSize) ?? group.minSize,
    maxSize: readNumber(group, ORIGINAL_SETTINGS_TAGS.leftMaxSize) ?? group.maxSize,
    desiredCapacity: readNumber(group, ORIGINAL_SETTINGS_TAGS.leftDesiredCapacity) ?? group.desiredCapacity,
  };
  const lowest = left.desiredCapacity - (readNumber(group, ORIGINAL_SETTINGS_TAGS.leftDecrements) ?? 0);
  const { minSize, maxSize, desiredCapacity } = group;
  return {
    ...(minSize !== left.minSize && { minSize }),
    ...(maxSize !== left.maxSize && { maxSize }),
    ...((desiredCapacity > left.desiredCapacity || desiredCapacity < lowest) && { desiredCapacity }),
  };
}

/** Sizes to come back to: as the tags of an earlier run say, but for what the owner has changed since; else as they are. */
export const originalSizes = (group: AutoScalingGroup): Sizes => {
  const tagged = taggedSizes(group);
  return tagged === undefined ? sizesOf(group) : { ...tagged, ...newWish(group) };
};

const LEFT_TAGS: readonly string[] = [
  ORIGINAL_SETTINGS_TAGS.leftMinSize,
  ORIGINAL_SETTINGS_TAGS.leftMaxSize,
  ORIGINAL_SETTINGS_TAGS.leftDesiredCapacity,
  ORIGINAL_SETTINGS_TAGS.leftDecrements,
];

/** Keys of the tags that a failed run has left beside the original settings. */
export const leftTagsOf = ({ tags }: AutoScalingGroup): string[] => LEFT_TAGS.filter((key) => tags[key] !== undefined);

/** True when the run that wrote the tags was cleaned up after, by itself or by the janitor. */
export const isLeft = ({ tags }: AutoScalingGroup): boolean =>
  tags[ORIGINAL_SETTINGS_TAGS.leftDesiredCapacity] !== undefined;

/** Tags that hold the sizes as a failed run leaves them. @param decrements of nodes that are still in hand */
export const leftTags = ({ minSize, maxSize, desiredCapacity }: Sizes, decrements: number): Record<string, string> => ({
  [ORIGINAL_SETTINGS_TAGS.leftMinSize]: String(minSize),
  [ORIGINAL_SETTINGS_TAGS.leftMaxSize]: String(maxSize),
  [ORIGINAL_SETTINGS_TAGS.leftDesiredCapacity]: String(desiredCapacity),
  [ORIGINAL_SETTINGS_TAGS.leftDecrements]: String(decrements),
});

/** True when a run has written the tags on the group and not removed them. */
export const hasOriginalSettings = (group: AutoScalingGroup): boolean =>
  Object.values(ORIGINAL_SETTINGS_TAGS).some((key) => group.tags[key] !== undefined);

/** Tags that name a version of a template; none when they are about one that the owner has replaced since. */
function versionTagsOf({ tags }: AutoScalingGroup, launchTemplateId: string): AutoScalingGroup['tags'] {
  const { [ORIGINAL_SETTINGS_TAGS.launchTemplateId]: tagged = launchTemplateId } = tags;
  return tagged === launchTemplateId ? tags : {};
}

/** The version of a template the group launched from before the upgrade, as it was stated: a number, `$Latest` or `$Default`. */
export const originalVersion = (group: AutoScalingGroup, launchTemplateId: string): string | undefined =>
  versionTagsOf(group, launchTemplateId)[ORIGINAL_SETTINGS_TAGS.launchTemplateVersion] ??
  statedBy(group, launchTemplateId);

const statedBy = ({ launchSource }: AutoScalingGroup, launchTemplateId: string): string | undefined =>
  launchSource?.launchTemplateId === launchTemplateId ? launchSource.version : undefined;

/** Number of the template version before the upgrade, also when an earlier run has changed it. */
export const previousVersionOf = (
  group: AutoScalingGroup,
  { launchTemplateId, sourceVersion }: Pick<Run['target'], 'launchTemplateId' | 'sourceVersion'>,
): string => versionTagsOf(group, launchTemplateId)[ORIGINAL_SETTINGS_TAGS.previousVersion] ?? sourceVersion;

/**
 * Tags that are to hold the original settings and are not there, or say otherwise: written before the group is touched, and
 * again when somebody has removed them. What an earlier run has written stays, but for sizes that the owner has changed since.
 *
 * @param statedVersion template version as the group stated it before the run, for a group that launches from another one now
 */
export function originalSettingsTags(
  group: AutoScalingGroup,
  run: Pick<Run, 'clusterName' | 'executionArn' | 'originalSizes' | 'target'>,
  statedVersion: string = statedBy(group, run.target.launchTemplateId) ?? run.target.sourceVersion,
): Record<string, string> {
  const { minSize, maxSize, desiredCapacity } = run.originalSizes;
  const { launchTemplateId } = run.target;
  const wanted: Record<string, string> = {
    [ORIGINAL_SETTINGS_TAGS.minSize]: String(minSize),
    [ORIGINAL_SETTINGS_TAGS.maxSize]: String(maxSize),
    [ORIGINAL_SETTINGS_TAGS.desiredCapacity]: String(desiredCapacity),
    [ORIGINAL_SETTINGS_TAGS.cluster]: run.clusterName,
    [ORIGINAL_SETTINGS_TAGS.run]: run.executionArn,
    [ORIGINAL_SETTINGS_TAGS.launchTemplateId]: launchTemplateId,
    [ORIGINAL_SETTINGS_TAGS.launchTemplateVersion]:
      versionTagsOf(group, launchTemplateId)[ORIGINAL_SETTINGS_TAGS.launchTemplateVersion] ?? statedVersion,
    [ORIGINAL_SETTINGS_TAGS.previousVersion]: previousVersionOf(group, run.target),
    // Without tags, what exceeds the original maximum is ours as far as anybody can tell.
    ...(taggedSizes(group) === undefined &&
      group.maxSize > maxSize && { [ORIGINAL_SETTINGS_TAGS.maxRaisedBy]: String(group.maxSize - maxSize) }),
  };
  return Object.fromEntries(Object.entries(wanted).filter(([key, value]) => group.tags[key] !== value));
}

/** What is left of what this workflow added to the maximum. */
export function outstandingMaximum(group: AutoScalingGroup): number {
  const added = readNumber(group, ORIGINAL_SETTINGS_TAGS.maxRaisedBy) ?? 0;
  const excess = group.maxSize - originalSizes(group).maxSize;
  return Math.max(0, Math.min(added, excess));
}
