import { countByZone, type GroupNode } from './nodegroup.ts';

/**
 * Choose the new nodes that get no pods: those which exist only so that every zone has one, and which leave at the end.
 *
 * @param extra how many more nodes the surge has than there are outdated ones
 * @param outdated outdated nodes that are upgraded
 */
export function chooseKeptFree(
  members: readonly GroupNode[],
  outdated: readonly GroupNode[],
  extra: number,
): GroupNode[] {
  const fresh = members
    .filter(({ isOutdated, node }) => !isOutdated && node !== undefined)
    .sort((left, right) => (right.node?.createdAt ?? '').localeCompare(left.node?.createdAt ?? ''));
  const needed = countByZone(outdated);
  const left = countByZone(fresh);
  const chosen: GroupNode[] = [];
  while (chosen.length < extra) {
    const spare = (zone: string) => (left.get(zone) ?? 0) - (needed.get(zone) ?? 0);
    const candidates = fresh.filter((node) => !chosen.includes(node));
    const [best] = [...candidates].sort((one, other) => spare(other.zone) - spare(one.zone));
    if (best === undefined || spare(best.zone) <= 0) return chosen;
    chosen.push(best);
    left.set(best.zone, (left.get(best.zone) as number) - 1);
  }
  return chosen;
}
