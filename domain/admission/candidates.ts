import { countByZone, type GroupNode } from '../nodegroup/nodegroup.ts';
import type { AdmissionFacts } from './admit.ts';
import { expectedByZone, quotaByZone, spareSurge } from './decrements.ts';
import { isUnsettled } from './entries.ts';
import { runIdOf } from './entry.ts';
import { driftOf } from './foreign-changes.ts';
import { stayingMembers } from './observation.ts';
import { inRandomOrder, levelByZone, surplusInOrder } from './order.ts';

/** Drains of a node that is blocked. */
const MOST_TRIES = 2;

/** What is left: nodes to upgrade, surge to give back, nothing but what is under way, or nothing. */
export type Left = 'outdated' | 'surplus' | 'underWay' | 'nothing';

/** Say what is left to do apart from what is in hand. */
export function whatIsLeft({ outdated, accounts, seen }: AdmissionFacts): Left {
  const { entries, raise } = accounts;
  if (outdated.length > 0) return 'outdated';
  // An outdated node in hand may yet be blocked, and its decrement come back.
  if (entries.some(({ state, kind }) => state === 'inHand' && kind === 'outdated')) return 'underWay';
  if (spareSurge(seen, accounts) > 0) return 'surplus';
  // Surge that may not be given back is somebody's wish, as the next observations will tell.
  const isChanging = raise !== undefined || accounts.surge > 0 || driftOf(accounts, seen) !== 0;
  const isUnderWay = isChanging || entries.some((entry) => entry.state === 'inHand' || isUnsettled(entry));
  return isUnderWay ? 'underWay' : 'nothing';
}

/** How many more nodes may be taken: the parallelism, and the canary while it lasts. */
function outdatedSlots({ run, accounts, inHand }: AdmissionFacts): number {
  const { upgraded, canaryBakesUntil } = accounts.memory;
  const canary =
    run.canary === undefined || canaryBakesUntil !== undefined ? run.parallelism : run.canary.nodes - upgraded;
  return Math.max(0, Math.min(run.parallelism, canary) - inHand);
}

const surplusSlots = ({ run, seen, accounts, inHand }: AdmissionFacts): number =>
  Math.max(0, Math.min(run.parallelism - inHand, spareSurge(seen, accounts)));

/**
 * Nodes in their order, those last whose termination gives surge back: while nodes are replaced and others decremented at the
 * same time, a replacement may be launched in a zone that is to shrink.
 */
function givingBackLast(nodes: readonly GroupNode[], { seen, accounts, outdated }: AdmissionFacts): GroupNode[] {
  const quota = quotaByZone(seen, accounts, outdated);
  const left = countByZone(outdated);
  const isReplaced = ({ zone }: GroupNode): boolean => {
    const count = left.get(zone) ?? 0;
    left.set(zone, count - 1);
    return count > (quota.get(zone) ?? 0);
  };
  const replaced = new Set(nodes.filter(isReplaced));
  return [...replaced, ...nodes.filter((node) => !replaced.has(node))];
}

/** Nodes that were not tried yet; when nothing else moves, those that were parked. */
function outdatedInOrder(facts: AdmissionFacts, isQuiet: boolean): GroupNode[] | 'blocked' {
  const { outdated, accounts, run } = facts;
  const parked = new Map(accounts.parked.map(({ instanceId, tries }) => [instanceId, tries]));
  const fresh = outdated.filter(({ instanceId }) => !parked.has(instanceId));
  if (fresh.length > 0 || !isQuiet)
    return givingBackLast(levelByZone(inRandomOrder(fresh, runIdOf(run.executionArn))), facts);
  const again = outdated.filter(({ instanceId }) => (parked.get(instanceId) as number) < MOST_TRIES);
  return again.length > 0 ? inRandomOrder(again, runIdOf(run.executionArn)) : 'blocked';
}

/** Nodes of which one may go to give back surge. */
function surplusOf({ accounts, seen, demands }: AdmissionFacts): GroupNode[] | 'blocked' {
  const taken = new Set(accounts.entries.map(({ instanceId }) => instanceId));
  const tries = new Map(accounts.parked.map((node) => [node.instanceId, node.tries]));
  const renewed = stayingMembers(seen, accounts).filter((node) => !node.isOutdated && !taken.has(node.instanceId));
  const left = renewed.filter(({ instanceId }) => (tries.get(instanceId) ?? 0) < MOST_TRIES);
  if (renewed.length > 0 && left.length === 0) return 'blocked';
  const untried = left.filter(({ instanceId }) => !tries.has(instanceId));
  return surplusInOrder(untried.length > 0 ? untried : left, expectedByZone(seen, accounts), demands);
}

/** What may be taken now, in its order, and how much of it; `blocked` when all of it was tried and none goes. */
export function candidatesOf(
  facts: AdmissionFacts,
  left: 'outdated' | 'surplus',
  isQuiet: boolean,
): { candidates: GroupNode[]; slots: number } | 'blocked' {
  const candidates = left === 'outdated' ? outdatedInOrder(facts, isQuiet) : surplusOf(facts);
  if (candidates === 'blocked') return 'blocked';
  const slots = left === 'outdated' ? outdatedSlots(facts) : surplusSlots(facts);
  return { candidates, slots };
}
