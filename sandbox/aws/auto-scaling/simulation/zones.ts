import { isCounted, type Member } from '../state/group.ts';

/** How many counted instances each zone of a group has. */
export function countByZone(zones: readonly string[], members: Iterable<Member>): Map<string, number> {
  const counts = new Map(zones.map((zone) => [zone, 0]));
  for (const member of members) {
    const zone = member.instance.availabilityZone;
    if (isCounted(member)) counts.set(zone, (counts.get(zone) ?? 0) + 1);
  }
  return counts;
}

/** The zone with the fewest instances, the first of several; undefined when every zone is excluded. */
export function emptiestZone(
  zones: readonly string[],
  counts: ReadonlyMap<string, number>,
  excluded: ReadonlySet<string> = new Set(),
): string | undefined {
  let best: string | undefined;
  for (const zone of zones) {
    if (excluded.has(zone)) continue;
    if (best === undefined || (counts.get(zone) ?? 0) < (counts.get(best) ?? 0)) best = zone;
  }
  return best;
}

/** Whether zones differ by more than the one instance that an odd number makes inevitable. */
export const isUnbalanced = (zones: readonly string[], counts: ReadonlyMap<string, number>): boolean => {
  const sizes = zones.map((zone) => counts.get(zone) ?? 0);
  return sizes.length > 1 && Math.max(...sizes) - Math.min(...sizes) > 1;
};
