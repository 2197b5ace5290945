import type { DecrementOutcome } from '../drain/in-hand.ts';
import type { Accounts, HeldEntry } from './record.ts';

/** An answer may be this old. Nothing is concluded from what it no longer shows before that. */
export const STALE_SECONDS = 90;

/** True for an entry that may have lowered the desired capacity, or may still do so. */
export const mayShrink = ({ decrement, outcome }: HeldEntry): boolean =>
  decrement && (outcome === undefined || outcome === 'yes');

/** True for an entry of whose decrement nobody knows yet what became of it. */
export const isUnsettled = ({ decrement, outcome }: HeldEntry): boolean => decrement && outcome === undefined;

/**
 * True for an instance that shuts down or is being detached. One that an operator has set to Standby still serves as far as its
 * drain goes.
 */
export const isGoingAway = (lifecycleState: string): boolean => /^(Terminat|Detach)/.test(lifecycleState);

/** The accounts with another version of an entry. */
export const replaceEntry = (accounts: Accounts, entry: HeldEntry): Accounts => ({
  ...accounts,
  entries: accounts.entries.map((held) => (held.instanceId === entry.instanceId ? entry : held)),
});

/** The accounts without an entry. */
export const dropEntry = (accounts: Accounts, { instanceId }: Pick<HeldEntry, 'instanceId'>): Accounts => ({
  ...accounts,
  entries: accounts.entries.filter((held) => held.instanceId !== instanceId),
});

/**
 * Book what became of a decrement, once: the node of the surge comes back when the instance went without lowering the
 * desired capacity.
 *
 * After `atMinimum` as well: whatever MinSize keeps of the surge is told by the next observation.
 */
export function settleDecrement(
  accounts: Accounts,
  instanceId: string,
  outcome: DecrementOutcome | undefined,
): Accounts {
  const entry = accounts.entries.find((held) => held.instanceId === instanceId);
  if (entry === undefined || !isUnsettled(entry) || outcome === undefined || outcome === 'unknown') return accounts;
  const surge = accounts.surge + (outcome === 'yes' ? 0 : 1);
  return { ...replaceEntry(accounts, { ...entry, outcome }), surge };
}

/** Note that an entry's instance goes: it counts against the parallelism no more, and is not tried again. */
export function markLeaving(
  accounts: Accounts,
  entry: HeldEntry,
  at: string,
  { isUpgraded }: { isUpgraded: boolean },
): Accounts {
  const { memory, parked } = accounts;
  const upgraded = memory.upgraded + (isUpgraded && entry.kind === 'outdated' ? 1 : 0);
  return {
    ...replaceEntry(accounts, { ...entry, state: 'leaving', since: at, missed: 0 }),
    parked: parked.filter(({ instanceId }) => instanceId !== entry.instanceId),
    memory: { ...memory, upgraded, ...(isUpgraded && { blockedInRow: 0 }) },
  };
}
