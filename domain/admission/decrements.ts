import { countByZone, type GroupNode } from '../nodegroup/nodegroup.ts';
import { mayShrink } from './entries.ts';
import { type Observation, stayingMembers } from './observation.ts';
import type { Accounts } from './record.ts';

/** Nodes of the surge that may be given back: never what MinSize or others want. */
export const spareSurge = (
  { sizes }: Pick<Observation, 'sizes'>,
  { surge, wish }: Pick<Accounts, 'surge' | 'wish'>,
): number => Math.max(0, Math.min(surge, sizes.desiredCapacity - Math.max(sizes.minSize, wish)));

/** The zone with the most or, with -1, the fewest. The first of several. */
const extreme = (zones: readonly string[], counts: ReadonlyMap<string, number>, sign: 1 | -1): string =>
  zones.reduce((best, zone) => (sign * (counts.get(zone) ?? 0) > sign * (counts.get(best) ?? 0) ? zone : best));

/**
 * Members by zone once everything under way is over: decremented nodes gone, and every launch that is missing done, each
 * in the zone with the fewest members, as Auto Scaling does.
 */
export function expectedByZone(seen: Observation, accounts: Accounts): Map<string, number> {
  const going = new Set(accounts.entries.filter(mayShrink).map(({ instanceId }) => instanceId));
  const staying = stayingMembers(seen, accounts).filter(({ instanceId }) => !going.has(instanceId));
  const counts = countByZone(staying);
  // A zone whose last member is being replaced gets the replacement.
  for (const { zone } of [...seen.members, ...accounts.entries]) counts.set(zone, counts.get(zone) ?? 0);
  const zones = [...counts.keys()].sort();
  for (let missing = accounts.wish + accounts.surge - staying.length; missing > 0 && zones.length > 0; missing -= 1) {
    const emptiest = extreme(zones, counts, -1);
    counts.set(emptiest, (counts.get(emptiest) as number) + 1);
  }
  return counts;
}

/**
 * Share the surge among the zones, so that they end balanced: one node after the other from the zone with the most members
 * that has an outdated one left.
 *
 * @returns decrements by zone
 */
export function quotaByZone(
  seen: Observation,
  accounts: Accounts,
  outdated: readonly GroupNode[],
): Map<string, number> {
  const members = expectedByZone(seen, accounts);
  const left = countByZone(outdated);
  const quota = new Map<string, number>();
  for (let surge = spareSurge(seen, accounts); surge > 0; surge -= 1) {
    const zones = [...left].flatMap(([zone, count]) => (count > 0 ? [zone] : [])).sort();
    if (zones.length === 0) break;
    const fullest = extreme(zones, members, 1);
    quota.set(fullest, (quota.get(fullest) ?? 0) + 1);
    members.set(fullest, (members.get(fullest) ?? 0) - 1);
    left.set(fullest, (left.get(fullest) as number) - 1);
  }
  return quota;
}

/**
 * Decide whether a node's termination lowers the desired capacity: when no more outdated nodes are left in its zone than the
 * zone has decrements left, so that the surge is given back by the last ones.
 */
export function isDecremented(
  { zone }: Pick<GroupNode, 'zone'>,
  outdated: readonly GroupNode[],
  quota: ReadonlyMap<string, number>,
): boolean {
  return outdated.filter((other) => other.zone === zone).length <= (quota.get(zone) ?? 0);
}
