import { ServiceUnavailable, type UpgradeError } from '../domain/errors.ts';
import { boundedText, truncate } from '../domain/text.ts';

/** A failure of a service, whatever carried it: an SDK exception, a Kubernetes Status, a socket error. */
export interface ServiceFailure {
  /** The request, e.g. `autoscaling:UpdateAutoScalingGroup` (as in IAM) or `patch node ip-10-0-1-7`. */
  readonly action: string;
  /** Error code of the service (`ValidationError`), reason of Kubernetes (`Forbidden`), or of Node (`ECONNRESET`). */
  readonly code: string;
  /** HTTP status; absent when there was no answer. */
  readonly status?: number;
  readonly message: string;
}

/** The error that some failures become, which failures those are, and the sentence for people. */
export type FailureRule = readonly [
  error: new (message: string, options?: ErrorOptions) => UpgradeError,
  matches: (failure: ServiceFailure) => boolean,
  sentence: (failure: ServiceFailure) => string,
];

/** Codes in a text, separated by white space. */
export const codes = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/));

/** How Node and the SDK call it when no answer comes. */
export const NO_ANSWER = codes(`
  ECONNRESET ECONNREFUSED ECONNABORTED ENOTFOUND EAI_AGAIN EPIPE EHOSTUNREACH ENETUNREACH ENETDOWN ETIMEDOUT
  ESOCKETTIMEDOUT UND_ERR_SOCKET UND_ERR_CONNECT_TIMEOUT TimeoutError AbortError ERR_SOCKET_CLOSED ERR_STREAM_PREMATURE_CLOSE
  EPROTO EMSGSIZE`);

export const isCertificateFailure = ({ code }: ServiceFailure) =>
  /^(CERT_|ERR_TLS_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|HOSTNAME_MISMATCH)/.test(code);
/** No answer came: the request may or may not have arrived. */
export const hasNoAnswer = (failure: ServiceFailure) =>
  failure.status === undefined && (NO_ANSWER.has(failure.code) || isCertificateFailure(failure));
export const isServerFault = ({ status = 0 }: ServiceFailure) => status >= 500;

/** Others decide how long their messages are, so these are cut before they are searched. */
const MOST_SEARCHED = 4_000;
const MOST_CODE_CHARACTERS = 100;

/** EC2 adds a kilobyte of ciphertext that only `sts:DecodeAuthorizationMessage` can read. */
export const readable = (message: string) =>
  message
    .slice(0, MOST_SEARCHED)
    .replace(/ ?Encoded authorization failure message: \S+/, '')
    .trim();
/** The message of a service with its code. */
export const quote = ({ message, code }: ServiceFailure) =>
  `${boundedText(readable(message)) || 'no message'} (${truncate(code, MOST_CODE_CHARACTERS)})`;

/** The error that the first matching rule makes of a failure. */
export function toUpgradeError(rules: readonly FailureRule[], failure: ServiceFailure, cause: unknown): UpgradeError {
  const rule = rules.find(([, matches]) => matches(failure));
  if (rule === undefined) return new ServiceUnavailable(quote(failure), { cause });
  const [ErrorClass, , sentence] = rule;
  return new ErrorClass(sentence(failure), { cause });
}
