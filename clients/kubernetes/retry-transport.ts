import type { Clock } from '../ports.ts';
import { type KubernetesTransport, textOf } from './transport.ts';

const MOST_ATTEMPTS = 4;
const LONGEST_WAIT_SECONDS = 5;
/** Refused for now by API priority and fairness, by a server that is starting, or by a proxy before it. */
const PASSING = new Set([429, 502, 503, 504]);

/** The 429 of an eviction is not a fault: a budget blocks the eviction. */
const isEviction = (path: string) => path.split('?')[0]?.endsWith('/eviction') ?? false;

const waitSeconds = (retryAfter: string | undefined, attempt: number): number => {
  const asked = Number(retryAfter);
  return Math.min(LONGEST_WAIT_SECONDS, Number.isFinite(asked) && asked > 0 ? asked : 2 ** (attempt - 1));
};

/**
 * Send a request again, a few times, when the API server refuses it for a moment; its answer may say how long to wait.
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
