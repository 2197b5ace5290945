import type { DecrementOutcome } from './in-hand.ts';

/** What a scaling activity says of a termination at a user's request; `undefined` when there is none. */
export type TerminationEffect = 'shrank' | 'replaced' | undefined;

/** True for an instance whose termination has begun. */
export const isGoing = (lifecycleState: string): boolean => lifecycleState.startsWith('Terminat');

/**
 * Tell what became of a decrement from what the scaling activities say.
 *
 * @param otherwise when they say nothing
 */
export function decrementOutcomeOf(
  wasAsked: boolean,
  effect: TerminationEffect,
  otherwise: 'no' | 'unknown',
): DecrementOutcome {
  if (!wasAsked) return 'no';
  if (effect === undefined) return otherwise;
  return effect === 'shrank' ? 'yes' : 'no';
}
