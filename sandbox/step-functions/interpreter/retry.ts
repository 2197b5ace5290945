import type { Random } from '../../world/random.ts';
import type { Retrier } from '../definition/definition.ts';
import { matchesError } from '../expressions/states-error.ts';

const DEFAULT_INTERVAL_SECONDS = 1;
const DEFAULT_MAX_ATTEMPTS = 3;
const DEFAULT_BACKOFF_RATE = 2;

/**
 * Find the retrier that an error falls to: the first that names it, even when its attempts are used up.
 *
 * @returns its index; -1 when none names the error
 */
export const findRetrier = (retriers: readonly Retrier[], error: string): number =>
  retriers.findIndex(({ ErrorEquals }) => matchesError(ErrorEquals, error));

/**
 * Decide how long to wait before the next attempt.
 *
 * @param retries how often this retrier has been used in this stay in the state
 * @returns seconds; `undefined` when its attempts are used up
 */
export function retryDelaySeconds(retrier: Retrier, retries: number, random: Random): number | undefined {
  const {
    IntervalSeconds: interval = DEFAULT_INTERVAL_SECONDS,
    MaxAttempts: maxAttempts = DEFAULT_MAX_ATTEMPTS,
    BackoffRate: rate = DEFAULT_BACKOFF_RATE,
    MaxDelaySeconds: longest = Number.POSITIVE_INFINITY,
    JitterStrategy: jitter = 'NONE',
  } = retrier;
  if (retries >= maxAttempts) return undefined;
  const delay = Math.min(interval * rate ** retries, longest);
  return jitter === 'FULL' ? random.next() * delay : delay;
}
