import type { ErrorName } from '../errors.ts';
import type { GroupNode } from '../nodegroup/nodegroup.ts';
import type { WorkflowRun } from '../state.ts';
import type { Budget } from '../types.ts';
import { contendedBudgets, type Demand } from './contention.ts';
import { isDecremented, quotaByZone, spareSurge } from './decrements.ts';
import { type Entry, runIdOf } from './entry.ts';
import { type Gate, GATES } from './gates.ts';
import { NODE_RULES, type Tally } from './node-rules.ts';
import { capacityOf, type Observation, stayingMembers } from './observation.ts';
import { inRandomOrder, surplusInOrder } from './order.ts';
import type { Accounts, Orders } from './record.ts';
import { afterStall, bootingOf, type Hold } from './stall.ts';

/** What admission decides by. */
export interface AdmissionFacts {
  readonly run: WorkflowRun;
  /** Who holds the record. */
  readonly holder: string | undefined;
  readonly orders: Orders;
  /** Settled with `seen`. */
  readonly accounts: Accounts;
  readonly seen: Observation;
  /** Outdated members of the scope that are not taken, parked ones included. */
  readonly outdated: readonly GroupNode[];
  /** Number of entries in hand. */
  readonly inHand: number;
  /** Instance ids of entries whose pods are still leaving. */
  readonly draining: readonly string[];
  /** Alarms that are in ALARM now. */
  readonly alarms: readonly string[];
  readonly budgets: readonly Budget[];
  /** What nodes ask of the budgets, by instance id: of those that were inspected. */
  readonly demands: ReadonlyMap<string, Demand>;
  /** ISO-8601 UTC. */
  readonly nowAt: string;
}

/** What the conductor does now. */
export type Admission =
  | { readonly kind: 'take'; readonly entries: readonly Entry[] }
  /** What these nodes ask of the budgets must be known first. */
  | { readonly kind: 'inspect'; readonly instanceIds: readonly string[] }
  | { readonly kind: 'wait'; readonly rule: string; readonly reason: string; readonly untilAt?: string; readonly isGate?: boolean }
  | { readonly kind: 'moreSurge'; readonly nodes: number; readonly reason: string }
  | { readonly kind: 'stop'; readonly error: ErrorName; readonly cause: string }
  | { readonly kind: 'done' };

/** Most nodes whose pods are listed for one decision. */
const MOST_INSPECTED = 25;
const MOST_TRIES = 2;
/** Rules that give way when nothing else moves: otherwise the last nodes would wait for each other. */
const GIVING_WAY = ['zoneCovered', 'uncontended'];

function closedGate(facts: AdmissionFacts, names: readonly string[]): (Gate & { rule: string }) | undefined {
  for (const rule of names) {
    const gate = GATES[rule]?.(facts);
    if (gate !== undefined) return { ...gate, rule };
  }
  return undefined;
}

/** A gate lets what is in hand finish first, unless it stops at once. */
function atGate({ rule, then, reason, error, untilAt }: Gate & { rule: string }, inHand: number): Admission {
  if (error !== undefined && (then === 'stop' || inHand === 0)) return { kind: 'stop', error, cause: reason };
  return { kind: 'wait', rule, reason, isGate: true, ...(untilAt !== undefined && { untilAt }) };
}

/** How many more nodes may be taken: the parallelism, and the canary while it lasts. */
function slotsOf({ run, accounts, inHand }: AdmissionFacts): number {
  const { upgraded, canaryBakesUntil } = accounts.memory;
  const canary = run.canary === undefined || canaryBakesUntil !== undefined ? run.parallelism : run.canary.nodes - upgraded;
  return Math.max(0, Math.min(run.parallelism, canary) - inHand);
}

function toEntry(node: GroupNode, decrement: boolean, { accounts, run, nowAt }: AdmissionFacts): Entry {
  return {
    instanceId: node.instanceId,
    ...(node.node !== undefined && { nodeName: node.node.name, uid: node.node.uid }),
    zone: node.zone,
    attempt: (accounts.memory.attempts[node.instanceId] ?? 0) + 1,
    runId: runIdOf(run.executionArn),
    decrement,
    kind: node.isOutdated ? 'outdated' : 'surplus',
    enters: 'drain',
    admittedAt: nowAt,
  };
}

function holdOf(node: GroupNode, tally: Tally, facts: AdmissionFacts, except: readonly string[]): Hold | undefined {
  for (const [rule, applies] of Object.entries(NODE_RULES)) {
    const reason = except.includes(rule) ? undefined : applies(node, tally, facts);
    if (reason !== undefined) return { rule, reason };
  }
  return undefined;
}

/**
 * Take nodes, one after the other in their order, as long as the rules allow it.
 *
 * @param except rules that do not apply now
 * @returns why the first node was not taken, when none was
 */
function takeNodes(candidates: readonly GroupNode[], facts: AdmissionFacts, slots: number, except: readonly string[] = []): Admission | Hold {
  const { seen, run, budgets, demands, draining } = facts;
  const parkedBy = new Set(facts.accounts.parked.flatMap((node) => node.budgets));
  const inspect = budgets.length === 0 ? [] : draining.filter((id) => !demands.has(id));
  const entries: Entry[] = [];
  let { accounts, outdated } = facts;
  let { free, floor, ready } = capacityOf(seen, accounts, run);
  let first: Hold | undefined;
  for (const node of candidates) {
    if (entries.length + inspect.length >= Math.min(slots, MOST_INSPECTED)) break;
    const asked = [...draining, ...entries.map(({ instanceId }) => instanceId)].flatMap((id) => demands.get(id) ?? []);
    const contended = contendedBudgets(budgets, asked, parkedBy);
    const hold = holdOf(node, { free, floor, ready, contended }, facts, except);
    first ??= hold;
    if (hold !== undefined) continue;
    if (budgets.length > 0 && !demands.has(node.instanceId)) {
      inspect.push(node.instanceId);
      continue;
    }
    const decrement = !node.isOutdated || isDecremented(node, outdated, quotaByZone(seen, accounts, outdated));
    entries.push(toEntry(node, decrement, facts));
    accounts = { ...accounts, surge: accounts.surge - (decrement ? 1 : 0) };
    outdated = outdated.filter(({ instanceId }) => instanceId !== node.instanceId);
    free -= node.isReady ? 1 : 0;
  }
  if (entries.length > 0) return { kind: 'take', entries };
  if (inspect.length > 0) return { kind: 'inspect', instanceIds: inspect };
  return first ?? { rule: 'parallelism', reason: `${facts.inHand} nodes are in hand` };
}

/** Nodes that were not tried yet; when nothing else moves, those that were parked. */
function candidatesOf(facts: AdmissionFacts, isQuiet: boolean): GroupNode[] | 'blocked' {
  const { outdated, accounts, run } = facts;
  const parked = new Map(accounts.parked.map(({ instanceId, tries }) => [instanceId, tries]));
  const fresh = outdated.filter(({ instanceId }) => !parked.has(instanceId));
  if (fresh.length > 0 || !isQuiet) return inRandomOrder(fresh, runIdOf(run.executionArn));
  const again = outdated.filter(({ instanceId }) => (parked.get(instanceId) as number) < MOST_TRIES);
  return again.length > 0 ? inRandomOrder(again, runIdOf(run.executionArn)) : 'blocked';
}

/** Nodes of which one may go to give back surge, those without pods first. */
function surplusOf({ accounts, seen, demands }: AdmissionFacts): GroupNode[] | 'blocked' {
  const tries = new Map(accounts.parked.map((node) => [node.instanceId, node.tries]));
  const renewed = stayingMembers(seen, accounts).filter(({ isOutdated }) => !isOutdated);
  const left = renewed.filter(({ instanceId }) => (tries.get(instanceId) ?? 0) < MOST_TRIES);
  if (left.length === 0) return 'blocked';
  const untried = left.filter(({ instanceId }) => !tries.has(instanceId));
  return surplusInOrder(untried.length > 0 ? untried : left, demands);
}

const isAdmission = (result: Admission | Hold): result is Admission => 'kind' in result;

/**
 * Decide which nodes are taken now, or why none is.
 *
 * Gates come first, then the nodes in their order, each with every rule: what is free above the floor is all that may go,
 * so capacity cannot fall below it however many decisions follow each other.
 */
export function admit(facts: AdmissionFacts): Admission {
  const { outdated, inHand, accounts, seen, run } = facts;
  const always = closedGate(facts, ['lockLost', 'halted']);
  if (always !== undefined) return atGate(always, inHand);
  const spare = outdated.length === 0 && inHand === 0 ? spareSurge(seen, accounts) : 0;
  if (outdated.length === 0 && inHand === 0 && spare === 0) return { kind: 'done' };
  const gate = closedGate(facts, Object.keys(GATES));
  if (gate !== undefined) return atGate(gate, inHand);
  const { late, missing } = bootingOf(facts);
  const isQuiet = inHand === 0 && late.length + missing === 0 && accounts.entries.length === 0;
  const candidates = outdated.length > 0 ? candidatesOf(facts, isQuiet) : surplusOf(facts);
  if (candidates === 'blocked') {
    const cause = `tried twice, ${run.drainTimeoutSeconds} s each; all other nodes are done`;
    return { kind: 'stop', error: 'PodEvictionFailure', cause };
  }
  const unknown = candidates.filter(({ isOutdated, instanceId }) => !isOutdated && !facts.demands.has(instanceId));
  if (unknown.length > 0) return { kind: 'inspect', instanceIds: unknown.map(({ instanceId }) => instanceId) };
  const slots = outdated.length > 0 ? slotsOf(facts) : Math.min(run.parallelism, spare);
  const taken = takeNodes(candidates, facts, slots);
  if (isAdmission(taken)) return taken;
  if (inHand > 0) return { kind: 'wait', ...taken };
  const forced = isQuiet || taken.rule === 'uncontended' ? takeNodes(candidates, facts, 1, GIVING_WAY) : taken;
  return isAdmission(forced) ? forced : afterStall(facts, taken);
}
