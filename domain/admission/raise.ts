import type { Sizes } from '../state.ts';
import type { Accounts } from './record.ts';

/**
 * Decide to which desired capacity the surge is raised: always the same absolute number for the same intent.
 *
 * @param wanted nodes of the surge there should be
 * @returns `undefined` when there are enough
 */
export function decideRaise(accounts: Accounts, { desiredCapacity }: Sizes, wanted: number, nowAt: string): Accounts['raise'] {
  if (accounts.raise !== undefined) return accounts.raise;
  const missing = wanted - accounts.surge;
  if (missing <= 0) return undefined;
  return { from: desiredCapacity, to: desiredCapacity + missing, since: nowAt };
}
