import { countByZone, type GroupNode } from '../nodegroup/nodegroup.ts';
import { mayShrink } from './entries.ts';
import { type Observation, stayingMembers } from './observation.ts';
import type { Accounts } from './record.ts';

/** Nodes of the surge that may be given back: never what MinSize or others want. */
export const spareSurge = (
  { sizes }: Pick<Observation, 'sizes'>,
  { surge, wish }: Pick<Accounts, 'surge' | 'wish'>,
): number => Math.max(0, Math.min(surge, sizes.desiredCapacity - Math.max(sizes.minSize, wish)));

/**
 * Members by zone once everything under way is over: every launch that is missing done, each in the zone with the fewest
 * members, as Auto Scaling does, and decremented nodes gone.
 */
export function expectedByZone(seen: Observation, accounts: Accounts): Map<string, number> {
  const { entries, wish, surge } = accounts;
  const staying = stayingMembers(seen, accounts);
  const counts = countByZone(staying);
  // A zone whose last member is being replaced gets the replacement.
  for (const { zone } of [...seen.members, ...entries]) counts.set(zone, counts.get(zone) ?? 0);
  const zones = [...counts.keys()].sort();
  const present = new Set(staying.map(({ instanceId }) => instanceId));
  const going = entries.filter((entry) => mayShrink(entry) && present.has(entry.instanceId));
  const replaced = countByZone(entries.filter((entry) => entry.state === 'leaving' && !mayShrink(entry)));
  // Of two zones that have equally few, the one that has just lost a node had fewer when its replacement was launched.
  const weight = (zone: string) => (counts.get(zone) ?? 0) - ((replaced.get(zone) ?? 0) > 0 ? 0.5 : 0);
  for (let missing = wish + surge + going.length - staying.length; missing > 0 && zones.length > 0; missing -= 1) {
    const emptiest = zones.reduce((best, zone) => (weight(zone) < weight(best) ? zone : best));
    counts.set(emptiest, (counts.get(emptiest) ?? 0) + 1);
    replaced.set(emptiest, (replaced.get(emptiest) ?? 0) - 1);
  }
  for (const { zone } of going) counts.set(zone, (counts.get(zone) ?? 0) - 1);
  return counts;
}

/**
 * Share the surge among the zones, so that they end balanced: one node after the other from the zone with the most members,
 * of several from one that has an outdated node left. What a zone without outdated nodes has too much leaves as surplus.
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
  const zones = [...members.keys()].sort();
  const quota = new Map<string, number>();
  for (let surge = spareSurge(seen, accounts); surge > 0 && zones.length > 0; surge -= 1) {
    const weight = (zone: string) => (members.get(zone) ?? 0) + ((left.get(zone) ?? 0) > 0 ? 0.5 : 0);
    const fullest = zones.reduce((best, zone) => (weight(zone) > weight(best) ? zone : best));
    quota.set(fullest, (quota.get(fullest) ?? 0) + 1);
    members.set(fullest, (members.get(fullest) ?? 0) - 1);
    left.set(fullest, (left.get(fullest) ?? 0) - 1);
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

/**
 * Find the zones in which no termination may lower the desired capacity yet, because a replacement of another zone could come
 * up there instead: it would be one too many when no outdated node is left to go for it, and its pods would move twice.
 *
 * Auto Scaling launches in the zone with the fewest members, so a zone is safe that stays above the others after everything
 * that is under way. Nobody waits for a node that was blocked, or is not Ready.
 *
 * @param accounts with the entries of what was just taken
 * @param outdated nodes that are not taken
 * @param quota    decrements by zone
 */
export function waitingZones(
  seen: Observation,
  accounts: Accounts,
  outdated: readonly GroupNode[],
  quota: ReadonlyMap<string, number>,
): Set<string> {
  const members = countByZone(stayingMembers(seen, accounts));
  const inHand = accounts.entries.filter(({ state }) => state === 'inHand');
  const going = countByZone(inHand);
  const parked = new Set(accounts.parked.map(({ instanceId }) => instanceId));
  const next = countByZone(outdated.filter(({ instanceId, isReady }) => isReady && !parked.has(instanceId)));
  const untaken = [...next].flatMap(([zone, left]) => (left > (quota.get(zone) ?? 0) ? [zone] : []));
  const replaced = inHand.filter(({ decrement }) => !decrement);
  const pending = new Set([...untaken, ...replaced.map(({ zone }) => zone)]);
  const lowest = (zone: string) => (members.get(zone) ?? 0) - (going.get(zone) ?? 0) - 1;
  const isAtRisk = (zone: string) =>
    [...pending].some((other) => other !== zone && lowest(zone) < (members.get(other) ?? 0));
  return new Set([...members.keys()].filter(isAtRisk));
}
