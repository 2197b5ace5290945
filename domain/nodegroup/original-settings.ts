import type { Sizes } from '../state.ts';
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
  /** As the group stated it: a number, `$Latest` or `$Default`. */
  launchTemplateVersion: 'eks-nodegroup-upgrade/launch-template-version',
  /** The number that stood for: what a rollback goes to. */
  previousVersion: 'eks-nodegroup-upgrade/previous-version',
  /** Present when this workflow suspended AZRebalance. */
  suspendedProcess: 'eks-nodegroup-upgrade/suspended-process',
  /** Nodes added by the run that is under way. */
  surge: 'eks-nodegroup-upgrade/surge',
  /** What the run that is under way has added to the maximum. */
  maxRaisedBy: 'eks-nodegroup-upgrade/max-raised-by',
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

/** Sizes the group had before the upgrade: by the tags that a run has left on it, else as they are. */
export function originalSizes(group: AutoScalingGroup): Sizes {
  const minSize = readNumber(group, ORIGINAL_SETTINGS_TAGS.minSize);
  const maxSize = readNumber(group, ORIGINAL_SETTINGS_TAGS.maxSize);
  const desiredCapacity = readNumber(group, ORIGINAL_SETTINGS_TAGS.desiredCapacity);
  if (minSize === undefined || maxSize === undefined || desiredCapacity === undefined) return sizesOf(group);
  return { minSize, maxSize, desiredCapacity };
}

/** True when a run has written the tags on the group and not removed them. */
export const hasOriginalSettings = (group: AutoScalingGroup): boolean =>
  Object.values(ORIGINAL_SETTINGS_TAGS).some((key) => group.tags[key] !== undefined);

/** The version the group launched from before the upgrade, as it was stated: a number, `$Latest` or `$Default`. */
export const originalVersion = (group: AutoScalingGroup): string | undefined =>
  group.tags[ORIGINAL_SETTINGS_TAGS.launchTemplateVersion] ?? group.launchSource?.version;

/** Number of the template version before the upgrade, also when an earlier run has changed it. */
export const previousVersionOf = (group: AutoScalingGroup, versionInUse: string): string =>
  group.tags[ORIGINAL_SETTINGS_TAGS.previousVersion] ?? versionInUse;

/**
 * Tags to write before the group is touched; empty when an earlier run has written them.
 *
 * @param versionInUse number of the template version the group launches from
 */
export function originalSettingsTags(group: AutoScalingGroup, versionInUse: string): Record<string, string> {
  if (group.tags[ORIGINAL_SETTINGS_TAGS.desiredCapacity] !== undefined) return {};
  return {
    [ORIGINAL_SETTINGS_TAGS.minSize]: String(group.minSize),
    [ORIGINAL_SETTINGS_TAGS.maxSize]: String(group.maxSize),
    [ORIGINAL_SETTINGS_TAGS.desiredCapacity]: String(group.desiredCapacity),
    ...(group.launchSource !== undefined && {
      [ORIGINAL_SETTINGS_TAGS.launchTemplateVersion]: group.launchSource.version,
    }),
    [ORIGINAL_SETTINGS_TAGS.previousVersion]: versionInUse,
  };
}

/**
 * Nodes of our surge that are still in the desired capacity.
 *
 * Never more than the group exceeds its original size by, so that what somebody else took away or added is left to them.
 *
 * @param absorbed instances chosen for termination with decrement in this run
 */
export function outstandingSurge(group: AutoScalingGroup, absorbed: readonly string[]): number {
  const remaining = new Set(
    group.instances.flatMap(({ instanceId, lifecycleState }) =>
      /^(Terminat|Detach)/.test(lifecycleState) ? [] : [instanceId],
    ),
  );
  const taken = absorbed.filter((instanceId) => !remaining.has(instanceId)).length;
  const added = (readNumber(group, ORIGINAL_SETTINGS_TAGS.surge) ?? 0) - taken;
  const excess = group.desiredCapacity - originalSizes(group).desiredCapacity;
  return Math.max(0, Math.min(added, excess));
}

/** What is left of what this workflow added to the maximum. */
export function outstandingMaximum(group: AutoScalingGroup): number {
  const added = readNumber(group, ORIGINAL_SETTINGS_TAGS.maxRaisedBy) ?? 0;
  const excess = group.maxSize - originalSizes(group).maxSize;
  return Math.max(0, Math.min(added, excess));
}

/** Sizes to set so that the group has its surge; `undefined` when it has. */
export function raisedSizes(
  group: AutoScalingGroup,
  surge: number,
): { sizes: { maxSize: number; desiredCapacity: number }; tags: Record<string, string> } | undefined {
  const missing = surge - outstandingSurge(group, []);
  if (missing <= 0) return undefined;
  const desiredCapacity = group.desiredCapacity + missing;
  const maxSize = Math.max(group.maxSize, desiredCapacity);
  const raisedBy = outstandingMaximum(group) + (maxSize - group.maxSize);
  return {
    sizes: { maxSize, desiredCapacity },
    tags: { [ORIGINAL_SETTINGS_TAGS.surge]: String(surge), [ORIGINAL_SETTINGS_TAGS.maxRaisedBy]: String(raisedBy) },
  };
}
