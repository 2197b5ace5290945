import type { V1Status } from '@kubernetes/client-node';
import { boundedText } from '../../domain/text.ts';
import type { EvictionOutcome } from '../ports.ts';

/** What came back from an eviction: the HTTP status, the Status object if there was one, and Retry-After. */
export interface EvictionAnswer {
  readonly status: number;
  readonly body: V1Status;
  readonly retryAfterSeconds?: number;
}

const RETRY_SECONDS = 5;
const PASSING = new Set([500, 502, 503, 504]);

/** The pod with our uid is gone. Any other conflict, such as a budget that others change too, is transient. */
const OTHER_POD = /\bUID in (the )?precondition\b/;

const causesOf = (body: V1Status) => body.details?.causes ?? [];
const hasCause = (body: V1Status, reason: string) => causesOf(body).some((cause) => cause.reason === reason);

/** The message, and what the causes add to it, such as the name of the budget. */
function wordsOf(body: V1Status): string {
  const message = body.message ?? '';
  const causes = causesOf(body).flatMap((cause) => cause.message ?? []);
  const added = causes.filter((text) => text !== '' && !message.includes(text));
  return boundedText([message, ...added].filter((text) => text !== '').join(' '));
}

/** A page of a proxy tells nobody what it waits for. */
const isPage = (text: string) => /^\s*</.test(text.slice(0, 100));

/** The status of a budget lists too many evictions that are not confirmed yet. */
const isBudgetConfused = ({ details }: V1Status) => /^poddisruptionbudgets?$/.test(details?.kind ?? '');

/**
 * Interpret an answer of the Eviction API, a Status where it reports success; `undefined` when it is an error like any other.
 *
 * The answer for a budget that is still being processed is that of a budget that allows nothing, but with a time to wait.
 * So the time is checked first.
 * More than one budget on a pod is a 500 without a reason: only its message distinguishes it from a transient fault.
 *
 * @see https://github.com/kubernetes/kubernetes/blob/master/pkg/registry/core/pod/storage/eviction.go
 */
export function toEvictionOutcome({ status, body, retryAfterSeconds }: EvictionAnswer): EvictionOutcome | undefined {
  // Some proxies answer 200 to a refusal; the object has the real code.
  const code = status < 300 && body.status === 'Failure' ? (body.code ?? 500) : status;
  const waitSeconds = retryAfterSeconds || body.details?.retryAfterSeconds || RETRY_SECONDS;
  const message = wordsOf(body);
  const later: EvictionOutcome = {
    status: 'later',
    retryAfterSeconds: waitSeconds,
    ...(message !== '' && !isPage(message) && { message }),
  };

  if (code < 300) return { status: 'evicted' };
  if (code === 404) return { status: 'absent' };
  if (code === 409) return OTHER_POD.test(body.message ?? '') ? { status: 'absent' } : later;
  if (code === 429) {
    const mustWait = Boolean(retryAfterSeconds || body.details?.retryAfterSeconds);
    return hasCause(body, 'DisruptionBudget') && !mustWait ? { status: 'blocked', message } : later;
  }
  if (code === 500 && /more than one PodDisruptionBudget/i.test(body.message ?? '')) {
    return { status: 'ambiguous', message };
  }
  if (code === 403) return hasCause(body, 'NamespaceTerminating') || isBudgetConfused(body) ? later : undefined;
  return PASSING.has(code) ? later : undefined;
}
