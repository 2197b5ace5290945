import { OWNERSHIP_ANNOTATIONS } from './node-ownership.ts';
import { countByZone, type GroupNode } from './nodegroup.ts';

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
  /** The last terminated instances are still shutting down. */
  | { readonly kind: 'awaitTerminated'; readonly untilAt: string }
  | { readonly kind: 'done' };

/**
 * How long the run waits for the last instances to shut down, seconds. Twice the 300 s for which a load balancer lets connections
 * finish by default; a lifecycle hook may delay an instance for hours, for which the upgrade does not wait.
 *
 * @see https://docs.aws.amazon.com/autoscaling/ec2/userguide/lifecycle-hooks-overview.html
 */
const TERMINATION_PATIENCE_SECONDS = 600;

const patienceFrom = (now: Date): string => new Date(now.getTime() + TERMINATION_PATIENCE_SECONDS * 1000).toISOString();

/**
 * Choose the surplus node that leaves: the one already chosen, else one of the zone with the most nodes, not Ready ones
 * first, then the youngest.
 *
 * Protected instances are left alone unless there are no others.
 */
export function chooseSurplus(members: readonly GroupNode[]): GroupNode | undefined {
  const chosen = members.find(({ node }) => node?.annotations[OWNERSHIP_ANNOTATIONS.surplus] !== undefined);
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
 * is not over before every node of the desired capacity is Ready and, within limits, every old instance has left.
 *
 * @param surplus            nodes of our surge that are still in the desired capacity
 * @param maximumSurplus     what is left of what this run added to the maximum
 * @param terminating        instances that the run has terminated and that are still in the group
 * @param terminatingUntilAt when waiting for those ends, ISO-8601 UTC; absent: the wait has not begun
 */
export function decideScaleDown(facts: {
  members: readonly GroupNode[];
  surplus: number;
  maximumSurplus: number;
  maxSize: number;
  desiredCapacity: number;
  terminating: readonly string[];
  terminatingUntilAt?: string | undefined;
  now: Date;
}): ScaleDownAction {
  const { members, surplus, maximumSurplus, maxSize, desiredCapacity } = facts;
  if (surplus > 0) {
    const member = chooseSurplus(members);
    if (member !== undefined) return { kind: member.node === undefined ? 'terminate' : 'retire', member };
  }
  if (maximumSurplus > 0 && maxSize > desiredCapacity) return { kind: 'lowerMaximum' };
  const missing = desiredCapacity - members.filter(({ isReady }) => isReady).length;
  if (missing > 0) return { kind: 'awaitReady', missing };
  const untilAt = facts.terminatingUntilAt ?? patienceFrom(facts.now);
  const isOver = facts.terminating.length === 0 || facts.now.getTime() >= Date.parse(untilAt);
  return isOver ? { kind: 'done' } : { kind: 'awaitTerminated', untilAt };
}

const MOST_INSTANCES_NAMED = 10;

/** Warn of terminated instances that have not left the group; no warning when there are none. */
export function warnOfTerminating(terminating: readonly string[]): string[] {
  if (terminating.length === 0) return [];
  const more = terminating.length - MOST_INSTANCES_NAMED;
  const names = [...terminating.slice(0, MOST_INSTANCES_NAMED), ...(more > 0 ? [`${more} more`] : [])].join(', ');
  return [
    `drained, but still terminating after ${TERMINATION_PATIENCE_SECONDS} s: ${names}; check the group's lifecycle hooks and load balancers`,
  ];
}
