import { ERROR_NAMES } from '../errors.ts';
import { boundedText } from '../text.ts';
import type { Accounts, HeldEntry } from './record.ts';

/** Errors that no second try mends, nor a try on another node. */
const FATAL = [...ERROR_NAMES.refused, ...ERROR_NAMES.upgrade] as const;

/** Set a node aside: it will be taken once more after all others. */
export function park(
  accounts: Accounts,
  entry: HeldEntry,
  error: string,
  reason: string,
  { nowAt, budgets }: { readonly nowAt: string; readonly budgets: readonly string[] },
): Accounts {
  const before = accounts.parked.find(({ instanceId }) => instanceId === entry.instanceId);
  const parked = {
    instanceId: entry.instanceId,
    tries: (before?.tries ?? 0) + 1,
    since: entry.admittedAt,
    until: nowAt,
    error,
    reason: boundedText(reason),
    budgets: [...budgets],
  };
  const { memory } = accounts;
  // A second try that fails is the end of this node only; it is no sign of a fault that hits all.
  const blockedInRow = memory.blockedInRow + (before === undefined ? 1 : 0);
  const cause = `node ${entry.nodeName ?? entry.instanceId}: ${parked.reason}`;
  const name = FATAL.find((each) => each === error);
  const fatal = memory.fatal ?? (name && { error: name, cause });
  return {
    ...accounts,
    parked: [...accounts.parked.filter(({ instanceId }) => instanceId !== entry.instanceId), parked],
    memory: { ...memory, blockedInRow, ...(fatal !== undefined && { fatal }) },
  };
}
