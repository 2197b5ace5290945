import type { GroupNode } from '../nodegroup/nodegroup.ts';
import { plural } from '../text.ts';
import type { Admission, AdmissionFacts } from './admit.ts';
import { capacityOf, isCapacity } from './capacity.ts';
import { contendedBudgets } from './contention.ts';
import { isDecremented, quotaByZone, waitingZones } from './decrements.ts';
import { type Entry, runIdOf } from './entry.ts';
import { NODE_RULES, type Tally } from './node-rules.ts';
import type { Accounts } from './record.ts';
import type { Hold } from './stall.ts';

/** Most nodes that are taken, or whose pods are listed, by one decision: the step's end is looked at between two. */
const MOST_AT_ONCE = 25;

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
  entries: [...accounts.entries, { ...entry, state: 'inHand', since: entry.admittedAt, missed: 0 }],
  surge: accounts.surge - (entry.decrement ? 1 : 0),
});

/** The first rule that holds a node back. */
function holdOf(node: GroupNode, tally: Tally, facts: AdmissionFacts, except: readonly string[]): Hold | undefined {
  for (const [rule, applies] of Object.entries(NODE_RULES)) {
    const reason = except.includes(rule) ? undefined : applies(node, tally, facts);
    if (reason !== undefined) return { rule, reason };
  }
  return undefined;
}

/** Budgets that the nodes in hand, and those that have just been taken, use up. */
function contendedBy(entries: readonly Entry[], { budgets, demands, draining, accounts }: AdmissionFacts): Set<string> {
  const parkedBy = new Set(accounts.parked.flatMap((node) => node.budgets));
  const ids = [...draining, ...entries.map(({ instanceId }) => instanceId)];
  return contendedBudgets(
    budgets,
    ids.flatMap((id) => demands.get(id) ?? []),
    parkedBy,
  );
}

/** Decrements by zone, and the zones in which they must wait. */
function zonesOf({ seen, accounts, outdated }: Pick<AdmissionFacts, 'seen' | 'accounts' | 'outdated'>) {
  const quota = quotaByZone(seen, accounts, outdated);
  return { quota, waiting: waitingZones(seen, accounts, outdated, quota) };
}

/**
 * Take nodes, one after the other in their order, as long as the rules allow it. Each is decided as if those before it were in
 * the record already, so one decision can take no more than as many small ones.
 *
 * @param slots  how many may be taken
 * @param except rules that do not apply now
 * @returns why the first node was not taken, when none was
 */
export function takeNodes(
  candidates: readonly GroupNode[],
  facts: AdmissionFacts,
  slots: number,
  except: readonly string[] = [],
): Admission | Hold {
  const { seen, run, budgets, demands, draining } = facts;
  if (slots <= 0) return { rule: 'parallelism', reason: `${plural(facts.inHand, 'node')} in hand` };
  const isUnknown = (id: string): boolean => budgets.length > 0 && !demands.has(id);
  const unknown = draining.filter(isUnknown);
  if (unknown.length > 0) return { kind: 'inspect', instanceIds: unknown.slice(0, MOST_AT_ONCE) };
  const inspect: string[] = [];
  const entries: Entry[] = [];
  let { accounts, outdated } = facts;
  let { free, floor, ready } = capacityOf(seen, accounts, run);
  let first: Hold | undefined;
  let zones = zonesOf({ seen, accounts, outdated });
  for (const node of candidates) {
    if (entries.length + inspect.length >= Math.min(slots, MOST_AT_ONCE)) break;
    const decrement = !node.isOutdated || isDecremented(node, outdated, zones.quota);
    const tally = { free, floor, ready, contended: contendedBy(entries, facts), isDecremented: decrement };
    const hold = holdOf(node, { ...tally, waitingZones: zones.waiting }, facts, except);
    first ??= hold;
    if (hold !== undefined) continue;
    if (isUnknown(node.instanceId)) {
      inspect.push(node.instanceId);
      continue;
    }
    const entry = toEntry(node, decrement, facts);
    entries.push(entry);
    accounts = withTaken(accounts, entry);
    outdated = outdated.filter(({ instanceId }) => instanceId !== node.instanceId);
    free -= isCapacity(node) ? 1 : 0;
    zones = zonesOf({ seen, accounts, outdated });
  }
  if (entries.length > 0) return { kind: 'take', entries };
  if (inspect.length > 0) return { kind: 'inspect', instanceIds: inspect };
  return first ?? { rule: 'parkedLast', reason: 'blocked nodes are tried again when nothing else is under way' };
}
