import { isKeptFree } from '../nodegroup/node-ownership.ts';
import { countByZone, type GroupNode } from '../nodegroup/nodegroup.ts';
import { checksumOf } from '../text.ts';
import type { Demand } from './contention.ts';

/** Nodes in an order that is random for each run and the same however often a step is retried. */
export function inRandomOrder(nodes: readonly GroupNode[], runId: string): GroupNode[] {
  const keys = new Map(nodes.map((node) => [node, checksumOf(`${runId} ${node.instanceId}`).padStart(8, '0')]));
  const keyOf = (node: GroupNode) => keys.get(node) as string;
  return [...nodes].sort((left, right) => keyOf(left).localeCompare(keyOf(right)));
}

/** Nodes that are looked at to find one without pods. */
const MOST_COMPARED = 20;

/**
 * Surplus nodes, those first that hurt least: kept free, without pods, not Ready, of the zone with the most members, youngest.
 *
 * Protected instances come last.
 */
export function surplusInOrder(members: readonly GroupNode[], demands: ReadonlyMap<string, Demand>): GroupNode[] {
  const counts = countByZone(members);
  const youth = ({ node }: GroupNode) => (node === undefined ? Number.POSITIVE_INFINITY : Date.parse(node.createdAt));
  const isFree = ({ node }: GroupNode) => node !== undefined && isKeptFree(node);
  const podsOn = ({ instanceId }: GroupNode) => demands.get(instanceId)?.pods ?? 0;
  return [...members]
    .sort(
      (left, right) =>
        Number(left.isProtectedFromScaleIn) - Number(right.isProtectedFromScaleIn) ||
        Number(isFree(right)) - Number(isFree(left)) ||
        (counts.get(right.zone) as number) - (counts.get(left.zone) as number) ||
        Number(left.isReady) - Number(right.isReady) ||
        youth(right) - youth(left) ||
        left.instanceId.localeCompare(right.instanceId),
    )
    .slice(0, MOST_COMPARED)
    .sort((left, right) => Number(isFree(right)) - Number(isFree(left)) || podsOn(left) - podsOn(right));
}
