import { countByZone, type GroupNode } from './group-nodes.ts';
import { MARKS } from './marks.ts';

/** The next unit of the scale-down. */
export type ScaleDownAction =
  /** A surplus node has to be drained and terminated with a decrement. */
  | { readonly kind: 'retire'; readonly member: GroupNode }
  /** A surplus instance that has no node: terminated with a decrement right away. */
  | { readonly kind: 'terminate'; readonly member: GroupNode }
  /** Lower the maximum by one. */
  | { readonly kind: 'lowerMaximum' }
  /** The last replacements are still booting. */
  | { readonly kind: 'awaitReady'; readonly missing: number }
  | { readonly kind: 'done' };

/**
 * Choose the surplus node that leaves: the one already chosen, else one of the zone with the most nodes, not Ready ones
 * first, then the youngest.
 *
 * Protected instances are left alone unless there are no others.
 */
export function chooseSurplus(members: readonly GroupNode[]): GroupNode | undefined {
  const chosen = members.find(({ node }) => node?.annotations[MARKS.surplus] !== undefined);
  if (chosen !== undefined) return chosen;
  const counts = countByZone(members);
  const youth = ({ node }: GroupNode) => (node === undefined ? Number.POSITIVE_INFINITY : Date.parse(node.createdAt));
  return [...members].sort(
    (left, right) =>
      Number(left.isProtectedFromScaleIn) - Number(right.isProtectedFromScaleIn) ||
      (counts.get(right.zone) as number) - (counts.get(left.zone) as number) ||
      Number(left.isReady) - Number(right.isReady) ||
      youth(right) - youth(left) ||
      left.instanceId.localeCompare(right.instanceId),
  )[0];
}

/**
 * Decide the next unit of the scale-down. Desired capacity comes first, and only by way of a drained node: lowering it
 * directly would let the Auto Scaling group kill a busy one. The maximum follows, never below desired. The run
 * is not over before every node of the desired capacity is Ready.
 *
 * @param surplus        nodes of our surge that are still in the desired capacity
 * @param maximumSurplus what we added to the maximum and have not taken back
 */
export function decideScaleDown(facts: {
  members: readonly GroupNode[];
  surplus: number;
  maximumSurplus: number;
  maxSize: number;
  desiredCapacity: number;
}): ScaleDownAction {
  const { members, surplus, maximumSurplus, maxSize, desiredCapacity } = facts;
  if (surplus > 0) {
    const member = chooseSurplus(members);
    if (member !== undefined) return { kind: member.node === undefined ? 'terminate' : 'retire', member };
  }
  if (maximumSurplus > 0 && maxSize > desiredCapacity) return { kind: 'lowerMaximum' };
  const missing = desiredCapacity - members.filter(({ isReady }) => isReady).length;
  return missing > 0 ? { kind: 'awaitReady', missing } : { kind: 'done' };
}
