import { type DecrementOutcome, readInHand } from '../drain/in-hand.ts';
import { nodeResultSchema } from '../state.ts';
import type { Node } from '../types.ts';
import { settleDecrement } from './accounts.ts';
import type { Observation } from './observation.ts';
import type { Accounts, HeldEntry } from './record.ts';

/** An entry that was written and never started is void after this time. */
const VOID_SECONDS = 600;
/** An answer of Auto Scaling may be this old. */
const STALE_SECONDS = 90;
/** A termination that was asked for and does not show after this time did not happen. */
const LOST_TERMINATION_SECONDS = 600;

/** What is known of an entry whose conductor is gone. */
export interface EntryFacts {
  /** Its execution; `undefined` when there is none of its name. */
  readonly execution:
    | { readonly status: string; readonly output?: string | undefined; readonly stoppedAt?: string | undefined }
    | undefined;
  /** Of its instance; `undefined` when the group no longer has it. */
  readonly lifecycleState: string | undefined;
  readonly node: Node | undefined;
  readonly now: Date;
}

/** What becomes of it: it is kept, its instance has left, or its node stays in the group and is reopened. */
export type EntryEnd =
  | { readonly kind: 'kept' }
  | { readonly kind: 'left' | 'reopened'; readonly decrement: DecrementOutcome | undefined };

const KEPT: EntryEnd = { kind: 'kept' };

function resultOf(output: string | undefined) {
  if (output === undefined) return undefined;
  try {
    return nodeResultSchema.safeParse(JSON.parse(output)).data;
  } catch {
    return undefined;
  }
}

/**
 * Decide what becomes of an entry when nobody admits nodes any more. While its execution runs it is finished by it. One whose
 * instance shuts down is kept until that has left; one whose termination was asked for gets the time to show it.
 */
export function endOfEntry(entry: HeldEntry, { execution, lifecycleState, node, now }: EntryFacts): EntryEnd {
  const secondsSince = (instant: string) => (now.getTime() - Date.parse(instant)) / 1000;
  if (execution?.status === 'RUNNING') return KEPT;
  const isGone = lifecycleState === undefined && node === undefined;
  if (execution === undefined && secondsSince(entry.admittedAt) < VOID_SECONDS) return KEPT;
  const result = resultOf(execution?.output);
  const own = node === undefined ? undefined : readInHand(node);
  const decrement = result?.decrement ?? own?.decrement;
  const endedAt = execution?.stoppedAt ?? entry.since;
  if (isGone) return secondsSince(endedAt) < STALE_SECONDS ? KEPT : { kind: 'left', decrement };
  if (lifecycleState === undefined || /^(Terminat|Detach)/.test(lifecycleState)) return KEPT;
  const wasAsked = entry.state === 'leaving' || result?.outcome === 'upgraded' || own?.phase === 'terminating';
  if (wasAsked && secondsSince(endedAt) < LOST_TERMINATION_SECONDS) return KEPT;
  return { kind: 'reopened', decrement: decrement ?? 'no' };
}

/** Remove an entry that has ended; a decrement that did not happen gives its node back to the surge, once. */
export function dropEntry(
  accounts: Accounts,
  instanceId: string,
  decrement: DecrementOutcome | undefined,
  sizes: Observation['sizes'],
): Accounts {
  const settled = settleDecrement(accounts, instanceId, decrement, sizes);
  return { ...settled, entries: settled.entries.filter((held) => held.instanceId !== instanceId) };
}

/** Decrements that entries may still carry out on their own. */
export const pendingDecrements = ({ entries }: Accounts): number => entries.filter(({ decrement }) => decrement).length;
