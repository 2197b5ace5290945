import { type DecrementOutcome, readInHand } from '../drain/in-hand.ts';
import type { Node } from '../types.ts';
import { dropEntry, isGoingAway, mayShrink, STALE_SECONDS, settleDecrement } from './entries.ts';
import { VOID_SECONDS } from './entry.ts';
import { type ExecutionState, isRunning, resultOf } from './execution-state.ts';
import type { Accounts, HeldEntry } from './record.ts';

/** A termination that was asked for and does not show after this time did not happen. */
const LOST_TERMINATION_SECONDS = 600;

/* Entries whose conductor is gone, as the clean-up closes them; closing.ts is the conductor's own way. */

/** What is known of an entry whose conductor is gone. */
export interface EntryFacts {
  /** Its execution; `undefined` when there is none of its name. */
  readonly execution: ExecutionState | undefined;
  /** Of its instance; `undefined` when the group no longer has it. */
  readonly lifecycleState: string | undefined;
  readonly node: Node | undefined;
  readonly now: Date;
}

/** What becomes of it: it is kept, its instance has left, or its node stays in the group and is reopened. */
export type EntryEnd =
  | { readonly kind: 'kept' }
  | { readonly kind: 'left' | 'reopened'; readonly decrement: DecrementOutcome };

const KEPT: EntryEnd = { kind: 'kept' };

/**
 * Decide what becomes of an entry when nobody admits nodes any more. While its execution runs it is finished by it. One whose
 * instance shuts down is kept until that has left; one whose termination was asked for gets the time to show it.
 */
export function endOfEntry(entry: HeldEntry, { execution, lifecycleState, node, now }: EntryFacts): EntryEnd {
  const secondsSince = (instant: string) => (now.getTime() - Date.parse(instant)) / 1000;
  if (isRunning(execution)) return KEPT;
  if (execution === undefined && secondsSince(entry.admittedAt) < VOID_SECONDS) return KEPT;
  const result = resultOf(entry, execution);
  const own = node === undefined ? undefined : readInHand(node);
  const decrement = entry.outcome ?? result?.decrement ?? own?.decrement;
  const endedAt = execution?.stoppedAt ?? entry.since;
  if (lifecycleState === undefined && node === undefined) {
    return secondsSince(endedAt) < STALE_SECONDS ? KEPT : { kind: 'left', decrement: decrement ?? 'unknown' };
  }
  if (lifecycleState === undefined || isGoingAway(lifecycleState)) return KEPT;
  const wasAsked = entry.state === 'leaving' || result?.outcome === 'upgraded' || own?.phase === 'terminating';
  if (wasAsked && secondsSince(endedAt) < LOST_TERMINATION_SECONDS) return KEPT;
  return { kind: 'reopened', decrement: decrement ?? 'no' };
}

/** Remove an entry that has ended; a decrement that did not happen gives its node back to the surge, once. */
export const closeEnded = (accounts: Accounts, instanceId: string, decrement: DecrementOutcome): Accounts =>
  dropEntry(settleDecrement(accounts, instanceId, decrement), { instanceId });

/** Decrements that entries may still carry out on their own. */
export const pendingDecrements = ({ entries }: Accounts): number => entries.filter(mayShrink).length;
