import type { SandboxClock } from '../world/clock.ts';
import { lastsAt } from '../world/scenario/spell.ts';
import type { Fault } from '../world/scenario.ts';

type RateLimit = Extract<Fault, { kind: 'rateLimit' }>;

interface Bucket {
  readonly limit: RateLimit;
  tokens: number;
  filledAt: number;
}

/**
 * Create the token buckets of an account; spells count from this call.
 *
 * A call takes a token of every bucket it belongs to, or none and is throttled.
 *
 * @returns what takes the tokens of a call, and tells whether there were any
 * @see https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html
 */
export function createRateLimits(
  faults: readonly Fault[],
  clock: Pick<SandboxClock, 'now'>,
): (service: string, action: string) => boolean {
  const startedAt = clock.now();
  const buckets: readonly Bucket[] = faults
    .filter((fault) => fault.kind === 'rateLimit')
    .map((limit) => ({ limit, tokens: limit.burst, filledAt: startedAt }));

  const fill = (bucket: Bucket) => {
    const { perSecond, burst } = bucket.limit;
    const now = clock.now();
    bucket.tokens = Math.min(burst, bucket.tokens + ((now - bucket.filledAt) / 1000) * perSecond);
    bucket.filledAt = now;
  };

  return (service, action) => {
    const concerned = buckets.filter(
      ({ limit }) =>
        limit.service === service &&
        (limit.actions?.includes(action) ?? true) &&
        lastsAt(limit, (clock.now() - startedAt) / 1000),
    );
    for (const bucket of concerned) fill(bucket);
    if (concerned.some(({ tokens }) => tokens < 1)) return false;
    for (const bucket of concerned) bucket.tokens -= 1;
    return true;
  };
}
