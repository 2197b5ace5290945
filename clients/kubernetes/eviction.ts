import type { V1Status } from '@kubernetes/client-node';
import { boundedText } from '../../domain/text.ts';
import type { EvictionOutcome } from '../ports.ts';

/** What came back from an eviction: the HTTP status, the Status object if there was one, and Retry-After. */
export interface EvictionAnswer {
  readonly status: number;
  readonly body: V1Status;
  readonly retryAfterSeconds?: number;
}

export const RETRY_SECONDS = 5;

/** The pod with our uid is gone. Any other conflict, such as a budget that others change too, is transient. */
const OTHER_POD = /\bUID in (the )?precondition\b/;
/** A webhook or policy decides so, whatever status it gives. */
const DENIED = /\badmission webhook "[^"]*" denied the request|\bValidatingAdmissionPolicy '[^']*'.*\bdenied request\b/;
/** RBAC grants no such right: missing, or not read yet by a server that was just restarted. */
const NO_RIGHT = /\bUser "[^"]*" cannot \w+ resource\b/;

const causesOf = (body: V1Status) => body.details?.causes ?? [];
const hasCause = (body: V1Status, reason: string) => causesOf(body).some((cause) => cause.reason === reason);

/** The message, and what the causes add to it, such as the name of the budget. */
export function wordsOf(body: V1Status): string {
  const message = body.message ?? '';
  const causes = causesOf(body).flatMap((cause) => cause.message ?? []);
  const added = causes.filter((text) => text !== '' && !message.includes(text));
  return boundedText([message, ...added].filter((text) => text !== '').join(' '));
}

/** A page of a proxy tells nobody what it waits for. */
const isPage = (text: string) => /^\s*</.test(text.slice(0, 100));

/** True when an admission webhook or policy says so, whatever the status: `absent` is what the API server alone can say. */
export const isDenied = (body: V1Status): boolean => DENIED.test(wordsOf(body));

/** The status of a budget lists too many evictions that are not confirmed yet. */
const isBudgetConfused = ({ details }: V1Status) => /^poddisruptionbudgets?$/.test(details?.kind ?? '');

/** True when the API server, as a whole, accepts neither token nor right now: it says nothing about the pod. */
function isNoAccess(code: number, body: V1Status, words: string): boolean {
  if (code === 401) return words === '' || words === 'Unauthorized';
  return code === 403 && (NO_RIGHT.test(words) || hasCause(body, 'NamespaceTerminating') || isBudgetConfused(body));
}

/**
 * Interpret an answer of the Eviction API, a Status where it reports success.
 *
 * The answer for a budget that is still being processed is that of a budget that allows nothing, but with a time to wait.
 * So the time is checked first.
 * More than one budget on a pod is a 500 without a reason: only its message distinguishes it from a transient fault.
 * Webhooks and policies choose the status: only their words tell them from the API server itself.
 *
 * @see https://github.com/kubernetes/kubernetes/blob/master/pkg/registry/core/pod/storage/eviction.go
 * @see https://github.com/kubernetes/apiserver/blob/master/pkg/admission/plugin/webhook/errors/statuserror.go
 */
export function toEvictionOutcome({ status, body, retryAfterSeconds }: EvictionAnswer): EvictionOutcome {
  // Some proxies answer 200 to a refusal; the object has the real code.
  const code = status < 300 && body.status === 'Failure' ? (body.code ?? 500) : status;
  const words = wordsOf(body);
  const askedSeconds = retryAfterSeconds || body.details?.retryAfterSeconds;
  const later: EvictionOutcome = {
    status: 'later',
    retryAfterSeconds: askedSeconds || RETRY_SECONDS,
    ...(words !== '' && !isPage(words) && { message: words }),
  };

  if (code < 300) return { status: 'evicted' };
  if (isDenied(body)) return { status: 'refused', message: words };
  if (code === 404) return { status: 'absent' };
  if (code === 409) return OTHER_POD.test(words) ? { status: 'absent' } : later;
  if (code === 429) {
    return hasCause(body, 'DisruptionBudget') && !askedSeconds ? { status: 'blocked', message: words } : later;
  }
  if (/more than one PodDisruptionBudget/i.test(words)) return { status: 'ambiguous', message: words };
  const isForGood = code >= 400 && code < 500 && !isNoAccess(code, body, words);
  return isForGood ? { status: 'refused', message: words || `HTTP ${code}` } : later;
}
