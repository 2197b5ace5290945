import type { Sizes } from '../state.ts';
import type { Accounts } from './record.ts';

/**
 * Decide to which desired capacity the surge is raised: always the same absolute number for the same intent.
 *
 * An intent that somebody else has overtaken, so that it would undo their change, is made again.
 *
 * @param wanted nodes of the surge there should be
 * @returns `undefined` when there are enough
 */
export function decideRaise(
  accounts: Accounts,
  { desiredCapacity }: Sizes,
  wanted: number,
  nowAt: string,
): Accounts['raise'] {
  const { raise, surge } = accounts;
  if (raise !== undefined && desiredCapacity >= raise.from && desiredCapacity <= raise.to) return raise;
  const missing = wanted - surge;
  if (missing <= 0) return undefined;
  return { from: desiredCapacity, to: desiredCapacity + missing, since: nowAt };
}
