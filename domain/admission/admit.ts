import type { ErrorName } from '../errors.ts';
import type { GroupNode } from '../nodegroup/nodegroup.ts';
import type { WorkflowRun } from '../state.ts';
import { plural } from '../text.ts';
import type { Budget } from '../types.ts';
import { candidatesOf, whatIsLeft } from './candidates.ts';
import type { Demand } from './contention.ts';
import type { Entry } from './entry.ts';
import { GATES, type Gate } from './gates.ts';
import type { Observation } from './observation.ts';
import type { Accounts, Orders } from './record.ts';
import { afterStall, bootingOf, type Hold } from './stall.ts';
import { takeNodes } from './take-nodes.ts';

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
  /** An instance refresh of the group is under way. */
  readonly isRefreshed: boolean;
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

/** Rules that give way when nothing else moves: otherwise the last nodes would wait for each other. */
const GIVING_WAY = ['zoneCovered', 'uncontended', 'zonesEven'];

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
  const forced = takeNodes(candidates, facts, Math.min(slots, 1), isQuiet ? GIVING_WAY : ['uncontended', 'zonesEven']);
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
 * Gates (gates.ts) come first, then the nodes in their order (candidates.ts), each with every rule (node-rules.ts).
 *
 * Why capacity cannot fall: the rule `capacity` lets a node go only while more nodes are free than the floor (capacity.ts).
 * A node that was taken is not free from the write of its entry on, whatever an old answer shows, and its replacement is free
 * once it is Ready. So neither old answers nor many decisions in a row can spend one free node twice.
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
