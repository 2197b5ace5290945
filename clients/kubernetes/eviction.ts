import type { V1Status } from '@kubernetes/client-node';
import type { EvictionOutcome } from '../ports.ts';

/** What came back from an eviction: the HTTP status, the Status object if there was one, and Retry-After. */
export interface EvictionAnswer {
  readonly status: number;
  readonly body: V1Status;
  readonly retryAfterSeconds?: number;
}

const RETRY_SECONDS = 5;
const PASSING = new Set([500, 502, 503, 504]);

/** The pod with our uid is gone; any other conflict, of a budget that others change say, passes. */
const OTHER_POD = /\bUID in (the )?precondition\b/;

const causesOf = (body: V1Status) => body.details?.causes ?? [];
const hasCause = (body: V1Status, reason: string) => causesOf(body).some((cause) => cause.reason === reason);

/** The message, and the sentence in which the cause names the budget. */
const wordsOf = (body: V1Status) =>
  [body.message, ...causesOf(body).map(({ message }) => message)].filter((text) => text).join(' ');

/** A budget's own bookkeeping refuses: too many evictions await confirmation. */
const isBudgetConfused = ({ details }: V1Status) => /^poddisruptionbudgets?$/.test(details?.kind ?? '');

/**
 * Say what an answer of the Eviction API means; `undefined` when it is an error like any other.
 *
 * A budget that is still being processed answers like one that allows nothing, but with a time to wait: that comes first.
 * More than one budget on a pod is a 500 without a reason: only its message tells it from a fault that passes.
 *
 * @see https://github.com/kubernetes/kubernetes/blob/master/pkg/registry/core/pod/storage/eviction.go
 */
export function toEvictionOutcome({ status, body, retryAfterSeconds }: EvictionAnswer): EvictionOutcome | undefined {
  // Some proxies wrap a refusal into a 200; the object says what happened.
  const code = status < 300 && body.status === 'Failure' ? (body.code ?? 500) : status;
  const waitSeconds = retryAfterSeconds || body.details?.retryAfterSeconds || RETRY_SECONDS;
  const later: EvictionOutcome = { status: 'later', retryAfterSeconds: waitSeconds };

  if (code < 300) return { status: 'evicted' };
  if (code === 404) return { status: 'absent' };
  if (code === 409) return OTHER_POD.test(body.message ?? '') ? { status: 'absent' } : later;
  if (code === 429) {
    const mustWait = Boolean(retryAfterSeconds || body.details?.retryAfterSeconds);
    return hasCause(body, 'DisruptionBudget') && !mustWait ? { status: 'blocked', message: wordsOf(body) } : later;
  }
  if (code === 500 && /more than one PodDisruptionBudget/i.test(body.message ?? '')) {
    return { status: 'ambiguous', message: wordsOf(body) };
  }
  if (code === 403) return hasCause(body, 'NamespaceTerminating') || isBudgetConfused(body) ? later : undefined;
  return PASSING.has(code) ? later : undefined;
}
