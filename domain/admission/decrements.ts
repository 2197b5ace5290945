import { countByZone, type GroupNode } from '../nodegroup/nodegroup.ts';
import { type Observation, stayingMembers } from './observation.ts';
import type { Accounts } from './record.ts';

/** Nodes of the surge that may be given back: never what MinSize or others want. */
export const spareSurge = ({ sizes }: Observation, { surge, wish }: Accounts): number =>
  Math.max(0, Math.min(surge, sizes.desiredCapacity - Math.max(sizes.minSize, wish)));

/**
 * Share the surge among the zones, so that they end balanced: one node after the other from the zone with the most members
 * that has an outdated one left.
 *
 * @returns decrements by zone
 */
export function quotaByZone(seen: Observation, accounts: Accounts, outdated: readonly GroupNode[]): Map<string, number> {
  const going = new Set(accounts.entries.filter(({ decrement }) => decrement).map(({ instanceId }) => instanceId));
  const members = countByZone(stayingMembers(seen, accounts).filter(({ instanceId }) => !going.has(instanceId)));
  const left = countByZone(outdated);
  const quota = new Map<string, number>();
  for (let surge = spareSurge(seen, accounts); surge > 0; surge -= 1) {
    const zones = [...left].flatMap(([zone, count]) => (count > 0 ? [zone] : []));
    if (zones.length === 0) break;
    const fullest = zones.reduce((best, zone) => ((members.get(zone) ?? 0) > (members.get(best) ?? 0) ? zone : best));
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
