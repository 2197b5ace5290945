import type { DecrementOutcome } from '../drain/in-hand.ts';
import { secondsBetween } from '../instants.ts';
import { sentenceOf } from '../nodegroup/failure.ts';
import type { NodeEnd, NodeResult } from '../state.ts';
import { dropEntry, isGoingAway, isUnsettled, markLeaving, replaceEntry, settleDecrement } from './entries.ts';
import { nodeExecutionName, VOID_SECONDS } from './entry.ts';
import { type ExecutionState, isRunning, resultOf } from './execution-state.ts';
import type { Observation } from './observation.ts';
import { park } from './parking.ts';
import type { Accounts, HeldEntry } from './record.ts';

/*
 * What follows when the conductor has looked up the execution of an entry. After the conductor is gone nobody admits nodes, so
 * nothing is parked or repeated: ended-entries.ts decides then.
 */

/** A termination shows in the group by then, and a step that outlives its execution has ended: longer than any step may take. */
export const TERMINATION_SECONDS = 75;
/** A started execution may not be found for so long. */
const START_SECONDS = 60;
/** Error of an execution that a run has stopped because it may delete pods by force and that run must not. */
export const FORCE_WITHDRAWN = 'ForceWithdrawn';

/** In the group and not on its way out. */
const isServing = ({ members }: Observation, id: string): boolean => {
  const member = members.find(({ instanceId }) => instanceId === id);
  return member !== undefined && !isGoingAway(member.lifecycleState);
};

/** What an operation has found out about an entry. */
export interface ClosingContext {
  readonly seen: Observation;
  readonly group: string;
  readonly nowAt: string;
  /** Budgets over the node's pods that allow nothing now. */
  readonly budgets: readonly string[];
  /** What Auto Scaling says of the end of the instance; absent when it was not asked. */
  readonly activity?: 'shrank' | 'replaced' | 'none';
}

/** Whether scaling activities must be asked what became of a decrement: the instance goes, and its execution does not know. */
export function asksActivity(
  entry: HeldEntry,
  execution: ExecutionState | undefined,
  seen: Observation,
  nowAt: string,
): boolean {
  if (!isUnsettled(entry) || isRunning(execution) || isServing(seen, entry.instanceId)) return false;
  const told = resultOf(entry, execution)?.decrement;
  return (told === undefined || told === 'unknown') && secondsBetween(entry.since, nowAt) > TERMINATION_SECONDS;
}

function outcomeOf(result: NodeResult | undefined, activity: ClosingContext['activity']): DecrementOutcome {
  if (result?.decrement !== undefined && result.decrement !== 'unknown') return result.decrement;
  if (activity === undefined) return 'unknown';
  return activity === 'shrank' ? 'yes' : 'no';
}

/** Remember the attempt, so that the next one has another name. */
const remember = (accounts: Accounts, { instanceId, attempt }: HeldEntry): Accounts => ({
  ...accounts,
  memory: { ...accounts.memory, attempts: { ...accounts.memory.attempts, [instanceId]: attempt } },
});

/** What follows when an execution was looked up. */
export type Closing =
  | { readonly kind: 'running' }
  /** Nobody has started it, or the start was lost. */
  | { readonly kind: 'restart' }
  /** It has ended; the entry stays until its instance is gone. */
  | { readonly kind: 'settled'; readonly accounts: Accounts }
  | { readonly kind: 'closed'; readonly accounts: Accounts; readonly end: NodeEnd; readonly reopens: boolean }
  /** It ended after its termination was asked for and before it took effect: another attempt repeats that. */
  | { readonly kind: 'repeat'; readonly accounts: Accounts; readonly end: NodeEnd; readonly entry: HeldEntry };

function endOf(entry: HeldEntry, group: string, outcome: NodeEnd['outcome'], error?: string): NodeEnd {
  return { execution: nodeExecutionName(group, entry), outcome, ...(error !== undefined && { error }) };
}

/** Close an entry whose node stays: the decrement that was booked for it was not used. */
function closeStaying(
  accounts: Accounts,
  entry: HeldEntry,
  execution: ExecutionState | undefined,
  context: ClosingContext,
): Closing {
  const result = resultOf(entry, execution);
  const { group } = context;
  const settled = remember(
    dropEntry(settleDecrement(accounts, entry.instanceId, result?.decrement ?? 'no'), entry),
    entry,
  );
  if (result !== undefined && result.outcome !== 'blocked') {
    const end = endOf(entry, group, result.outcome);
    return { kind: 'closed', accounts: settled, end, reopens: result.outcome === 'skipped' };
  }
  if (result === undefined && execution?.error === FORCE_WITHDRAWN) {
    return { kind: 'closed', accounts: settled, end: endOf(entry, group, 'skipped'), reopens: true };
  }
  const error = result?.error ?? execution?.error ?? 'States.Runtime';
  const reason = sentenceOf(error, result?.reason ?? execution?.cause);
  const end = endOf(entry, group, result === undefined ? 'died' : 'blocked', error);
  return { kind: 'closed', accounts: park(settled, entry, error, reason, context), end, reopens: true };
}

function closeInHand(
  accounts: Accounts,
  entry: HeldEntry,
  execution: ExecutionState | undefined,
  context: ClosingContext,
): Closing {
  const { seen, group, nowAt } = context;
  if (execution === undefined) {
    if (secondsBetween(entry.admittedAt, nowAt) <= VOID_SECONDS) return { kind: 'restart' };
    const dropped = remember(dropEntry(settleDecrement(accounts, entry.instanceId, 'no'), entry), entry);
    return { kind: 'closed', accounts: dropped, end: endOf(entry, group, 'skipped'), reopens: false };
  }
  const result = resultOf(entry, execution);
  const isGoing = result?.outcome === 'upgraded' || result?.outcome === 'gone';
  if (isGoing || (result?.outcome !== 'skipped' && !isServing(seen, entry.instanceId))) {
    const settled = settleDecrement(accounts, entry.instanceId, outcomeOf(result, context.activity));
    const held = settled.entries.find(({ instanceId }) => instanceId === entry.instanceId) as HeldEntry;
    const left = markLeaving(settled, held, nowAt, { isUpgraded: result?.outcome === 'upgraded' });
    return { kind: 'closed', accounts: left, end: endOf(entry, group, result?.outcome ?? 'died'), reopens: false };
  }
  // Its last step may outlive an execution that was stopped, and say so on the Node only.
  const isConclusive =
    result !== undefined ||
    secondsBetween(execution.stoppedAt ?? entry.since, seen.at < seen.nodesAt ? seen.at : seen.nodesAt) >
      TERMINATION_SECONDS;
  return isConclusive ? closeStaying(accounts, entry, execution, context) : { kind: 'running' };
}

/** Ask again for a termination that did not take effect. */
function repeat(accounts: Accounts, entry: HeldEntry, { group, nowAt }: ClosingContext, end: NodeEnd): Closing {
  const { outcome: _settled, ...rest } = entry;
  const again: HeldEntry = {
    ...rest,
    attempt: entry.attempt + 1,
    decrement: isUnsettled(entry),
    enters: 'terminate',
    admittedAt: nowAt,
    since: nowAt,
    missed: 0,
  };
  const unreported = [...accounts.unreported, nodeExecutionName(group, again)];
  return { kind: 'repeat', accounts: { ...replaceEntry(accounts, again), unreported }, end, entry: again };
}

function closeLeaving(
  accounts: Accounts,
  entry: HeldEntry,
  execution: ExecutionState | undefined,
  context: ClosingContext,
): Closing {
  const { seen, group, nowAt, activity } = context;
  if (execution === undefined && secondsBetween(entry.since, nowAt) <= START_SECONDS) return { kind: 'running' };
  const result = resultOf(entry, execution);
  if (!isServing(seen, entry.instanceId) || secondsBetween(entry.since, seen.at) <= TERMINATION_SECONDS) {
    const settled = settleDecrement(accounts, entry.instanceId, outcomeOf(result, activity));
    return settled === accounts ? { kind: 'running' } : { kind: 'settled', accounts: settled };
  }
  if (result !== undefined && result.outcome !== 'upgraded') {
    const { memory } = accounts;
    const wasCounted = result.outcome === 'blocked' && entry.kind === 'outdated';
    const upgraded = Math.max(0, memory.upgraded - (wasCounted ? 1 : 0));
    return closeStaying({ ...accounts, memory: { ...memory, upgraded } }, entry, execution, context);
  }
  const end = endOf(entry, group, result === undefined ? 'died' : 'upgraded');
  const settled = settleDecrement(accounts, entry.instanceId, result?.decrement);
  const held = settled.entries.find(({ instanceId }) => instanceId === entry.instanceId) as HeldEntry;
  return repeat(settled, held, context, end);
}

/**
 * Close an entry by what its execution ended with.
 *
 * @param execution `undefined` when there is none of that name
 */
export function closeEntry(
  accounts: Accounts,
  entry: HeldEntry,
  execution: ExecutionState | undefined,
  context: ClosingContext,
): Closing {
  if (isRunning(execution)) return { kind: 'running' };
  return entry.state === 'leaving'
    ? closeLeaving(accounts, entry, execution, context)
    : closeInHand(accounts, entry, execution, context);
}
