import { isKeptFree } from '../nodegroup/node-ownership.ts';
import { countByZone, type GroupNode } from '../nodegroup/nodegroup.ts';
import { checksumOf } from '../text.ts';
import type { Demand } from './contention.ts';

/** Nodes in an order that is random for each run and the same however often a step is retried. */
export function inRandomOrder(nodes: readonly GroupNode[], runId: string): GroupNode[] {
  const keys = new Map(nodes.map((node) => [node, checksumOf(`${node.instanceId},${runId}`).padStart(8, '0')]));
  const keyOf = (node: GroupNode) => keys.get(node) as string;
  return [...nodes].sort((left, right) => keyOf(left).localeCompare(keyOf(right)));
}

/**
 * Nodes of the zone with the most of them first, so that all zones come to their last nodes at the same time, and none of these
 * has to wait for another zone; of several such zones the node that comes first.
 */
export function levelByZone(nodes: readonly GroupNode[]): GroupNode[] {
  const left = countByZone(nodes);
  const stillLeft = new Map<GroupNode, number>();
  for (const node of nodes) {
    const count = left.get(node.zone) as number;
    stillLeft.set(node, count);
    left.set(node.zone, count - 1);
  }
  return [...nodes].sort((a, b) => (stillLeft.get(b) as number) - (stillLeft.get(a) as number));
}

/** Surplus nodes that are compared, whose pods must be listed for it. */
const MOST_COMPARED = 20;

const isFree = ({ node }: GroupNode): boolean => node !== undefined && isKeptFree(node);

const youth = ({ node }: GroupNode): number =>
  node === undefined ? Number.POSITIVE_INFINITY : Date.parse(node.createdAt);

/** One after the other from the zone with the most members, so that zones end balanced. */
function byFullestZone(
  nodes: readonly GroupNode[],
  countsBefore: ReadonlyMap<string, number>,
  most: number,
): GroupNode[] {
  const counts = new Map(countsBefore);
  const left = [...nodes];
  const chosen: GroupNode[] = [];
  while (left.length > 0 && chosen.length < most) {
    const fullest = Math.max(...left.map(({ zone }) => counts.get(zone) ?? 0));
    const [next] = left.splice(
      left.findIndex(({ zone }) => (counts.get(zone) ?? 0) === fullest),
      1,
    ) as [GroupNode];
    chosen.push(next);
    counts.set(next.zone, fullest - 1);
  }
  return chosen;
}

/**
 * Surplus nodes, one after the other of the zone with the most members, and there those first that hurt least: kept free,
 * without pods, not Ready, youngest. Protected instances come last.
 *
 * @param counts  members by zone
 * @param demands of those that were inspected
 */
export function surplusInOrder(
  members: readonly GroupNode[],
  counts: ReadonlyMap<string, number>,
  demands: ReadonlyMap<string, Demand>,
): GroupNode[] {
  const pods = ({ instanceId }: GroupNode) => demands.get(instanceId)?.pods ?? 0;
  const sorted = [...members].sort(
    (left, right) =>
      Number(left.isProtectedFromScaleIn) - Number(right.isProtectedFromScaleIn) ||
      Number(isFree(right)) - Number(isFree(left)) ||
      pods(left) - pods(right) ||
      Number(left.isReady) - Number(right.isReady) ||
      youth(right) - youth(left) ||
      left.instanceId.localeCompare(right.instanceId),
  );
  const isProtected = ({ isProtectedFromScaleIn }: GroupNode) => isProtectedFromScaleIn;
  const open = sorted.filter((node) => !isProtected(node));
  return byFullestZone(open.length > 0 ? open : sorted, counts, MOST_COMPARED);
}
