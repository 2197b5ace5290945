import type { Clock } from '../ports.ts';
import { type KubernetesTransport, textOf } from './transport.ts';

const MOST_ATTEMPTS = 4;
const LONGEST_WAIT_SECONDS = 5;
/** Refused for now by API priority and fairness, by a server that is starting, or by a proxy before it. */
const PASSING = new Set([429, 502, 503, 504]);

/** An eviction's 429 is an answer, not a fault: a budget holds the pod. */
const isEviction = (path: string) => path.split('?')[0]?.endsWith('/eviction') ?? false;

const waitSeconds = (retryAfter: string | undefined, attempt: number): number => {
  const asked = Number(retryAfter);
  return Math.min(LONGEST_WAIT_SECONDS, Number.isFinite(asked) && asked > 0 ? asked : 2 ** (attempt - 1));
};

/**
 * Ask again, a few times, when the API server refuses for a moment; it says itself for how long.
 *
 * All our requests may be repeated: reads, patches to a version or a fixed value, creations by name, deletions by uid.
 *
 * @see https://kubernetes.io/docs/concepts/cluster-administration/flow-control/ (what client-go does too)
 */
export const withRetries =
  (transport: KubernetesTransport, clock: Pick<Clock, 'sleep'>): KubernetesTransport =>
  async (request) => {
    for (let attempt = 1; ; attempt += 1) {
      const response = await transport(request);
      const isLast = attempt >= MOST_ATTEMPTS || isEviction(request.path);
      if (isLast || !PASSING.has(response.status)) return response;
      await textOf(response);
      await clock.sleep(waitSeconds(response.headers['retry-after'], attempt));
    }
  };
