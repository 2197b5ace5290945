import type { Accounts } from '../admission/record.ts';
import { isIgnoredByDrain } from '../drain/pod-filters.ts';
import type { Sizes } from '../state.ts';
import type { AutoScalingGroup, Pod } from '../types.ts';
import type { GroupNode } from './nodegroup.ts';
import { outstandingMaximum } from './original-settings.ts';

/**
 * The new nodes of a run that none of them proves right: none is Ready, and none carries pods. `undefined` when there is a
 * healthy one, or a node is in hand: then the run goes on from what it has reached.
 *
 * @param podsOf pods on the nodes of new members, by node name
 */
export function unprovedNodes(
  members: readonly GroupNode[],
  entries: Accounts['entries'],
  podsOf: ReadonlyMap<string, readonly Pod[]>,
): GroupNode[] | undefined {
  const fresh = members.filter(({ isOutdated }) => !isOutdated);
  const carries = ({ node }: GroupNode): boolean =>
    node !== undefined && (podsOf.get(node.name) ?? []).some((pod) => !isIgnoredByDrain(pod));
  const isProved = entries.length > 0 || fresh.some((member) => member.isReady || carries(member));
  return isProved ? undefined : fresh;
}

/** How many of the new nodes go with a decrement: those that only the surge asked for. */
export const surplusOf = ({ desiredCapacity }: Pick<Sizes, 'desiredCapacity'>, wish: number): number =>
  Math.max(0, desiredCapacity - wish);

/**
 * Sizes without what the run has added, as far as no instance goes by it: capacity that was asked for and never launched, and
 * the maximum.
 *
 * @param group      as described last, which may be old
 * @param terminated ids of instances that have gone with a decrement since the run failed
 * @param desired    the desired capacity after these decrements
 */
export function sizesBefore(
  group: AutoScalingGroup,
  terminated: readonly string[],
  desired: number,
  wish: number,
): Omit<Sizes, 'minSize'> {
  const staying = group.instances.filter(
    ({ instanceId, lifecycleState }) => !/^(Terminat|Detach)/.test(lifecycleState) && !terminated.includes(instanceId),
  );
  const desiredCapacity = Math.min(desired, Math.max(wish, staying.length, group.minSize));
  return { desiredCapacity, maxSize: Math.max(desiredCapacity, group.maxSize - outstandingMaximum(group)) };
}

/** The accounts of a run whose surge was put back, but for what is left of it. */
export function accountsPutBack(
  { raise: _, ...accounts }: Accounts,
  { desiredCapacity }: Pick<Sizes, 'desiredCapacity'>,
): Accounts {
  return { ...accounts, surge: surplusOf({ desiredCapacity }, accounts.wish) };
}
