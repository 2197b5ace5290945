import { readInHand } from '../drain/in-hand.ts';
import { ERROR_NAMES } from '../errors.ts';
import { sentenceOf } from '../nodegroup/failure.ts';
import { isLeaving } from '../nodegroup/nodegroup.ts';
import { type NodeEnd, type NodeResult, nodeResultSchema } from '../state.ts';
import { truncate } from '../text.ts';
import { settleDecrement } from './accounts.ts';
import { nodeExecutionName } from './entry.ts';
import type { Observation } from './observation.ts';
import type { Accounts, HeldEntry } from './record.ts';

/** How a node's execution stands, as Step Functions describes it. */
export interface ExecutionState {
  readonly status: string;
  readonly output?: string;
  readonly error?: string;
  readonly cause?: string;
}

/** An execution that says nothing for this long is looked up. */
const SILENT_SECONDS = 120;
/** A termination that was asked for shows in the group by then: longer than the step may take. */
const TERMINATION_SECONDS = 75;
const MOST_REASON_CHARACTERS = 500;

const secondsSince = (instant: string, at: string) => (Date.parse(at) - Date.parse(instant)) / 1000;

const memberOf = ({ members }: Observation, id: string) => members.find(({ instanceId }) => instanceId === id);

/**
 * Find the entries whose executions must be looked up: the oldest first.
 *
 * In hand: its Node says that it is blocked, is gone, or has been silent for 2 minutes. Leaving: its instance is still in service.
 *
 * @param lookedUp when each was looked up last, by instance id
 */
export function entriesToLookUp(
  { entries }: Accounts,
  seen: Observation,
  lookedUp: ReadonlyMap<string, string>,
  nowAt: string,
): HeldEntry[] {
  const isDue = (entry: HeldEntry): boolean => {
    const node = seen.nodes.get(entry.instanceId);
    const own = node === undefined ? undefined : readInHand(node);
    const last = lookedUp.get(entry.instanceId);
    if (last !== undefined && secondsSince(last, nowAt) < (own?.phase === 'blocked' ? 5 : SILENT_SECONDS)) return false;
    if (entry.state === 'leaving') {
      const lifecycle = memberOf(seen, entry.instanceId)?.lifecycleState;
      return lifecycle === 'InService' && secondsSince(entry.since, nowAt) > TERMINATION_SECONDS;
    }
    if (own?.phase === 'blocked') return true;
    return secondsSince(own?.since ?? entry.admittedAt, nowAt) > SILENT_SECONDS || (last === undefined && node === undefined);
  };
  return entries.filter(isDue).sort((left, right) => left.since.localeCompare(right.since));
}

/** What an ended execution left behind, in its own words where it had any. */
function resultOf(entry: HeldEntry, { output }: ExecutionState): NodeResult | undefined {
  if (output === undefined) return undefined;
  try {
    const result = nodeResultSchema.safeParse(JSON.parse(output)).data;
    return result?.instanceId === entry.instanceId ? result : undefined;
  } catch {
    return undefined;
  }
}

const isMendable = (error: string): boolean =>
  !([...ERROR_NAMES.refused, ...ERROR_NAMES.upgrade] as readonly string[]).includes(error);

const without = (accounts: Accounts, { instanceId }: HeldEntry): Accounts => ({
  ...accounts,
  entries: accounts.entries.filter((held) => held.instanceId !== instanceId),
});

/** Set a node aside: it will be taken once more after all others. */
function parkEntry(accounts: Accounts, entry: HeldEntry, error: string, reason: string, budgets: readonly string[]): Accounts {
  const before = accounts.parked.find(({ instanceId }) => instanceId === entry.instanceId);
  const parked = {
    instanceId: entry.instanceId,
    tries: (before?.tries ?? 0) + 1,
    since: before?.since ?? entry.admittedAt,
    error,
    reason: truncate(reason, MOST_REASON_CHARACTERS),
    budgets: [...budgets],
  };
  const { memory } = accounts;
  // A second try that fails is the end of this node only; it is no sign of a fault that hits all.
  const blockedInRow = memory.blockedInRow + (before === undefined ? 1 : 0);
  const fatal = memory.fatal ?? (isMendable(error) ? undefined : { error, cause: `node ${entry.nodeName ?? entry.instanceId}: ${parked.reason}` });
  return {
    ...accounts,
    parked: [...accounts.parked.filter(({ instanceId }) => instanceId !== entry.instanceId), parked],
    memory: { ...memory, blockedInRow, ...(fatal !== undefined && { fatal }) },
  };
}

/** What follows when an execution was looked up. */
export type Closing =
  | { readonly kind: 'running' }
  /** Nobody has started it, or the start was lost. */
  | { readonly kind: 'restart' }
  | { readonly kind: 'closed'; readonly accounts: Accounts; readonly end: NodeEnd; readonly reopens: boolean }
  /** It died after its termination was asked for and before it took effect: another attempt repeats that. */
  | { readonly kind: 'repeat'; readonly accounts: Accounts; readonly end: NodeEnd; readonly entry: HeldEntry };

/**
 * Close an entry by what its execution ended with.
 *
 * @param execution `undefined` when there is none of that name
 * @param budgets   budgets over the node's pods that allow nothing now
 */
export function closeEntry(
  accounts: Accounts,
  entry: HeldEntry,
  execution: ExecutionState | undefined,
  context: { seen: Observation; group: string; nowAt: string; budgets: readonly string[] },
): Closing {
  if (execution === undefined) return { kind: 'restart' };
  if (execution.status === 'RUNNING' || execution.status === 'PENDING_REDRIVE') return { kind: 'running' };
  const { seen, group, nowAt, budgets } = context;
  const name = nodeExecutionName(group, entry);
  const result = resultOf(entry, execution);
  const remembered = { ...accounts, memory: { ...accounts.memory, attempts: { ...accounts.memory.attempts, [entry.instanceId]: entry.attempt } } };
  const end = (outcome: NodeEnd['outcome'], error?: string): NodeEnd => ({ execution: name, outcome, ...(error !== undefined && { error }) });
  const refunded = (outcome = result?.decrement ?? 'no') => settleDecrement(remembered, entry.instanceId, outcome, seen.sizes);
  if (result?.outcome === 'upgraded' || (result === undefined && entry.state === 'leaving')) {
    return closeTerminated(refunded(result?.decrement ?? 'unknown'), entry, end(result === undefined ? 'died' : 'upgraded'), seen, nowAt);
  }
  if (result?.outcome === 'blocked' || result === undefined) {
    const error = result?.error ?? execution.error ?? 'States.Runtime';
    const reason = sentenceOf(error, result?.reason ?? execution.cause);
    const parked = parkEntry(without(refunded(), entry), entry, error, reason, budgets);
    return { kind: 'closed', accounts: parked, end: end(result === undefined ? 'died' : 'blocked', error), reopens: true };
  }
  return { kind: 'closed', accounts: without(refunded(), entry), end: end(result.outcome), reopens: result.outcome === 'skipped' };
}

function closeTerminated(accounts: Accounts, entry: HeldEntry, end: NodeEnd, seen: Observation, nowAt: string): Closing {
  const lifecycle = memberOf(seen, entry.instanceId)?.lifecycleState;
  const isServing = lifecycle !== undefined && !isLeaving(lifecycle);
  const isLate = entry.state === 'leaving' && secondsSince(entry.since, nowAt) > TERMINATION_SECONDS;
  if (isServing && isLate) {
    const again = { ...entry, attempt: entry.attempt + 1, enters: 'terminate' as const, admittedAt: nowAt, since: nowAt, looks: 0 };
    const entries = accounts.entries.map((held) => (held.instanceId === entry.instanceId ? { ...again, decrement: held.decrement } : held));
    return { kind: 'repeat', accounts: { ...accounts, entries }, end, entry: entries.find(({ instanceId }) => instanceId === entry.instanceId) as HeldEntry };
  }
  if (entry.state === 'leaving') return { kind: 'closed', accounts, end, reopens: false };
  const entries = accounts.entries.map((held) =>
    held.instanceId === entry.instanceId ? { ...held, state: 'leaving' as const, since: nowAt, looks: 0 } : held,
  );
  const memory = { ...accounts.memory, upgraded: accounts.memory.upgraded + (entry.kind === 'outdated' ? 1 : 0), blockedInRow: 0 };
  return { kind: 'closed', accounts: { ...accounts, entries, memory }, end, reopens: false };
}
