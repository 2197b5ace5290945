import type { ErrorName } from '../errors.ts';
import type { GroupNode } from '../nodegroup/nodegroup.ts';
import type { WorkflowRun } from '../state.ts';
import { plural } from '../text.ts';
import type { Budget } from '../types.ts';
import { candidatesOf, whatIsLeft } from './candidates.ts';
import { capacityOf, isCapacity } from './capacity.ts';
import { contendedBudgets, type Demand } from './contention.ts';
import { isDecremented, quotaByZone } from './decrements.ts';
import { type Entry, runIdOf } from './entry.ts';
import { GATES, type Gate } from './gates.ts';
import { NODE_RULES, type Tally } from './node-rules.ts';
import type { Observation } from './observation.ts';
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
  | {
      readonly kind: 'wait';
      readonly rule: string;
      readonly reason: string;
      readonly untilAt?: string;
      readonly isGate?: boolean;
    }
  | { readonly kind: 'moreSurge'; readonly nodes: number; readonly reason: string }
  | { readonly kind: 'stop'; readonly error: ErrorName; readonly cause: string }
  | { readonly kind: 'done' };

/** Most nodes whose pods are listed for one decision. */
const MOST_INSPECTED = 25;
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
function atGate({ rule, reaction, reason, error, untilAt }: Gate & { rule: string }, inHand: number): Admission {
  if (error !== undefined && (reaction === 'stop' || inHand === 0)) return { kind: 'stop', error, cause: reason };
  return { kind: 'wait', rule, reason, isGate: true, ...(untilAt !== undefined && { untilAt }) };
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

/** The accounts as they are once a node is taken, for the decision about the next one. */
const withTaken = (accounts: Accounts, entry: Entry): Accounts => ({
  ...accounts,
  entries: [...accounts.entries, { ...entry, state: 'inHand', since: entry.admittedAt, looks: 0 }],
  surge: accounts.surge - (entry.decrement ? 1 : 0),
});

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
function takeNodes(
  candidates: readonly GroupNode[],
  facts: AdmissionFacts,
  slots: number,
  except: readonly string[] = [],
): Admission | Hold {
  const { seen, run, budgets, demands, draining } = facts;
  if (slots <= 0) return { rule: 'parallelism', reason: `${plural(facts.inHand, 'node')} in hand` };
  const unknown = budgets.length === 0 ? [] : draining.filter((id) => !demands.has(id));
  if (unknown.length > 0) return { kind: 'inspect', instanceIds: unknown.slice(0, MOST_INSPECTED) };
  const parkedBy = new Set(facts.accounts.parked.flatMap((node) => node.budgets));
  const inspect: string[] = [];
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
    const entry = toEntry(node, decrement, facts);
    entries.push(entry);
    accounts = withTaken(accounts, entry);
    outdated = outdated.filter(({ instanceId }) => instanceId !== node.instanceId);
    free -= isCapacity(node) ? 1 : 0;
  }
  if (entries.length > 0) return { kind: 'take', entries };
  if (inspect.length > 0) return { kind: 'inspect', instanceIds: inspect };
  return first ?? { rule: 'parkedLast', reason: 'blocked nodes are tried again when nothing else is under way' };
}

const isAdmission = (result: Admission | Hold): result is Admission => 'kind' in result;

/** Take nodes; when nothing is in hand, also one that only waits for others. */
function takeOrWait(
  facts: AdmissionFacts,
  candidates: readonly GroupNode[],
  slots: number,
  isQuiet: boolean,
): Admission {
  const taken = takeNodes(candidates, facts, slots);
  if (isAdmission(taken)) return taken;
  if (facts.inHand > 0) return { kind: 'wait', ...taken };
  const forced = takeNodes(candidates, facts, Math.min(slots, 1), isQuiet ? GIVING_WAY : ['uncontended']);
  return isAdmission(forced) ? forced : afterStall(facts, taken);
}

/** What is under way must end, or show, before anything follows. */
function awaitRest(facts: AdmissionFacts): Admission {
  const { inHand } = facts;
  if (inHand > 0) return { kind: 'wait', rule: 'parallelism', reason: `the last ${plural(inHand, 'node')} in hand` };
  return afterStall(facts, { rule: 'underWay', reason: 'Auto Scaling does not show yet what it was asked for' });
}

/**
 * Decide which nodes are taken now, or why none is.
 *
 * Gates come first, then the nodes in their order, each with every rule: what is free above the floor is all that may go,
 * so capacity cannot fall below it however many decisions follow each other.
 */
export function admit(facts: AdmissionFacts): Admission {
  const { inHand, accounts, run } = facts;
  const always = closedGate(facts, ['lockLost', 'halted']);
  if (always !== undefined) return atGate(always, inHand);
  const left = whatIsLeft(facts);
  if (left === 'nothing') return { kind: 'done' };
  if (left === 'underWay') return awaitRest(facts);
  const gate = closedGate(facts, Object.keys(GATES));
  if (gate !== undefined) return atGate(gate, inHand);
  const { late, missing } = bootingOf(facts);
  const isQuiet = late.length + missing === 0 && accounts.entries.length === 0;
  const next = candidatesOf(facts, left, isQuiet);
  if (next === 'blocked') {
    if (inHand > 0) return awaitRest(facts);
    const cause = `tried twice, ${run.drainTimeoutSeconds} s each; all other nodes are done`;
    return { kind: 'stop', error: 'PodEvictionFailure', cause };
  }
  const { candidates, slots } = next;
  const unknown = slots > 0 ? candidates.filter((node) => !node.isOutdated && !facts.demands.has(node.instanceId)) : [];
  if (unknown.length > 0) return { kind: 'inspect', instanceIds: unknown.map(({ instanceId }) => instanceId) };
  return takeOrWait(facts, candidates, slots, isQuiet);
}
