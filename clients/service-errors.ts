import {
  AccessDenied,
  ClusterUnreachable,
  Conflict,
  InvalidInput,
  ServiceUnavailable,
  Throttled,
  type UpgradeError,
} from '../domain/errors.ts';

/** A failure of a service, whatever carried it: an SDK exception, a Kubernetes Status, a socket error. */
export interface ServiceFailure {
  /** What was asked for, e.g. `autoscaling:UpdateAutoScalingGroup` (IAM's own spelling) or `patch node ip-10-0-1-7`. */
  readonly action: string;
  /** Error code of the service (`ValidationError`), reason of Kubernetes (`Forbidden`), or of Node (`ECONNRESET`). */
  readonly code: string;
  /** HTTP status; absent when there was no answer. */
  readonly status?: number;
  readonly message: string;
}

/** One row: which failures it takes, the error it makes of them, and the sentence for people. */
type Rule = readonly [
  error: new (message: string, options?: ErrorOptions) => UpgradeError,
  matches: (failure: ServiceFailure) => boolean,
  sentence: (failure: ServiceFailure) => string,
];

const codes = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/));

/** @see https://github.com/boto/botocore/blob/develop/botocore/data/_retry.json */
const THROTTLING = codes(`
  Throttling ThrottlingException ThrottledException RequestThrottled RequestThrottledException TooManyRequestsException
  RequestLimitExceeded EC2ThrottledException SlowDown PriorRequestNotComplete BandwidthLimitExceeded
  LimitExceededException ProvisionedThroughputExceededException TransactionInProgressException`);

/** The SDK appends `Fault` to some of the codes of EC2 Auto Scaling. */
const CONFLICTS = codes(`
  ScalingActivityInProgress ScalingActivityInProgressFault ResourceContention ResourceContentionFault
  ResourceInUse ResourceInUseFault ResourceInUseException ConflictException IncorrectState IncorrectInstanceState
  OperationAborted`);

const CREDENTIALS = codes(`
  ExpiredToken ExpiredTokenException UnrecognizedClientException InvalidClientTokenId InvalidClientTokenIdException
  AuthFailure SignatureDoesNotMatch InvalidSignatureException MissingAuthenticationToken
  MissingAuthenticationTokenException IncompleteSignature RequestExpired RequestTimeTooSkewed OptInRequired`);

/** The SDK's own names: it found nobody to be. */
const NO_CREDENTIALS = codes('CredentialsProviderError TokenProviderError');

const REFUSALS = codes('UnauthorizedOperation UnauthorizedException AuthorizationError Client.UnauthorizedOperation');

const PASSING = codes(`
  RequestTimeout RequestTimeoutException ServiceUnavailable ServiceUnavailableException Unavailable InternalFailure
  InternalError InternalServerError InternalServerException ServerException ServiceLinkedRoleFailure`);

const NO_ANSWER = codes(`
  ECONNRESET ECONNREFUSED ECONNABORTED ENOTFOUND EAI_AGAIN EPIPE EHOSTUNREACH ENETUNREACH ENETDOWN ETIMEDOUT
  ESOCKETTIMEDOUT UND_ERR_SOCKET UND_ERR_CONNECT_TIMEOUT TimeoutError AbortError ERR_SOCKET_CLOSED ERR_STREAM_PREMATURE_CLOSE
  EPROTO`);

const isCertificateFailure = ({ code }: ServiceFailure) =>
  /^(CERT_|ERR_TLS_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|HOSTNAME_MISMATCH)/.test(code);
const hasNoAnswer = (failure: ServiceFailure) =>
  failure.status === undefined && (NO_ANSWER.has(failure.code) || isCertificateFailure(failure));
const isServerFault = ({ status = 0 }: ServiceFailure) => status >= 500;

/** EC2 adds a kilobyte of ciphertext that only `sts:DecodeAuthorizationMessage` can read. */
const readable = (message: string) => message.replace(/\s*Encoded authorization failure message: \S+/, '').trim();
const said = ({ message, code }: ServiceFailure) => `${readable(message) || 'no message'} (${code})`;

function missingRight(failure: ServiceFailure): string {
  const principal = /\bUser: (arn:\S+)/.exec(failure.message)?.[1] ?? 'the role this runs as';
  const action = /\bperform: ([\w-]+:\w+)/.exec(failure.message)?.[1] ?? failure.action;
  return `AWS does not let ${principal} do ${action}: allow this action in its IAM policy. AWS said: ${said(failure)}`;
}

/** What AWS answers, and what it means for a run. The first row that matches wins. */
const AWS_FAILURES: readonly Rule[] = [
  [Throttled, ({ code, status }) => THROTTLING.has(code) || status === 429, (f) => `${f.action}: ${said(f)}`],
  [Conflict, ({ code, status }) => CONFLICTS.has(code) || status === 409, (f) => `${f.action}: ${said(f)}`],
  [AccessDenied, ({ code }) => code.startsWith('AccessDenied') || REFUSALS.has(code), missingRight],
  [
    AccessDenied,
    ({ code }) => CREDENTIALS.has(code),
    (f) =>
      `AWS does not accept the credentials for ${f.action}: sign in again, or check the clock. AWS said: ${said(f)}`,
  ],
  [
    AccessDenied,
    ({ code }) => NO_CREDENTIALS.has(code),
    (f) => `There are no AWS credentials for ${f.action}: sign in, or set AWS_PROFILE. The SDK said: ${said(f)}`,
  ],
  [
    ServiceUnavailable,
    (f) => hasNoAnswer(f) || PASSING.has(f.code) || isServerFault(f),
    (f) => `${f.action} failed for now: ${said(f)}`,
  ],
  [InvalidInput, () => true, (f) => `${f.action} was refused: ${said(f)}`],
];

/** What the Kubernetes API answers. `NO_FIRST_CONTACT` comes before it when nothing is known yet about the endpoint. */
const KUBERNETES_FAILURES: readonly Rule[] = [
  [
    ClusterUnreachable,
    ({ status }) => status === 401,
    (f) =>
      `The Kubernetes API does not accept our token (${f.action}): give the role an access entry in this cluster ` +
      '(aws eks create-access-entry), check that its session has not expired, and that the clock is right (the token lives 15 minutes).',
  ],
  [
    AccessDenied,
    ({ status }) => status === 403,
    (f) =>
      `Kubernetes RBAC refuses to ${f.action}: bind the ClusterRole in kubernetes/ to the group of the role's access entry. ` +
      `Kubernetes said: ${said(f)}`,
  ],
  [Throttled, ({ status }) => status === 429, (f) => `${f.action}: ${said(f)}`],
  [Conflict, ({ status }) => status === 409, (f) => `${f.action}: ${said(f)}`],
  [
    ClusterUnreachable,
    isCertificateFailure,
    (f) =>
      "The Kubernetes API's certificate is not signed by the authority that EKS names for this cluster: look for a " +
      `proxy in between, or an endpoint of another cluster. ${said(f)}`,
  ],
  [ServiceUnavailable, (f) => hasNoAnswer(f) || isServerFault(f), (f) => `${f.action} failed for now: ${said(f)}`],
  [InvalidInput, () => true, (f) => `${f.action} was refused: ${said(f)}`],
];

const NO_FIRST_CONTACT: readonly Rule[] = [
  [
    ClusterUnreachable,
    (f) => hasNoAnswer(f) && !isCertificateFailure(f),
    (f) =>
      'The Kubernetes API does not answer: check that the endpoint EKS names is right, and reachable from here (a private ' +
      "endpoint needs the functions in the cluster's VPC, a public one this address in publicAccessCidrs). " +
      said(f),
  ],
  [
    ClusterUnreachable,
    ({ status }) => status === 404,
    (f) => `What answers at the cluster's endpoint is not a Kubernetes API: check the endpoint. ${said(f)}`,
  ],
];

function translate(rules: readonly Rule[], failure: ServiceFailure, cause: unknown): UpgradeError {
  const rule = rules.find(([, matches]) => matches(failure));
  if (rule === undefined) return new ServiceUnavailable(said(failure), { cause });
  const [ErrorClass, , sentence] = rule;
  return new ErrorClass(sentence(failure), { cause });
}

interface SdkException {
  name?: string;
  code?: string;
  message?: string;
  $metadata?: { httpStatusCode?: number };
}

/** The failure in an SDK exception; `undefined` for anything else, a fault in our own code above all. */
function sdkFailure(action: string, thrown: unknown): ServiceFailure | undefined {
  if (!(thrown instanceof Error)) return undefined;
  const { name, code, message, $metadata } = thrown as SdkException;
  const status = $metadata?.httpStatusCode;
  // Socket errors are called `Error` and carry their meaning in `code`; the SDK's own are called by the service's code.
  const known = name !== undefined && name !== 'Error' ? name : (code ?? '');
  const failure: ServiceFailure = {
    action,
    code: NO_ANSWER.has(code ?? '') ? (code as string) : known,
    message: message ?? '',
    ...(status === undefined ? {} : { status }),
  };
  const isForeign = status === undefined && !hasNoAnswer(failure) && !NO_CREDENTIALS.has(failure.code);
  return isForeign ? undefined : failure;
}

/**
 * Call an AWS service, and say its failures in our words.
 *
 * @param action IAM action, e.g. `ec2:DescribeImages`
 * @param expected turns a failure that is an answer (not found, say) into a value; `undefined` lets it be thrown
 * @throws {Throttled|Conflict|AccessDenied|ServiceUnavailable|InvalidInput}
 */
export async function callAws<T, E = never>(
  action: string,
  send: () => Promise<T>,
  expected?: (failure: ServiceFailure) => { readonly answer: E } | undefined,
): Promise<T | E> {
  try {
    return await send();
  } catch (thrown) {
    const failure = sdkFailure(action, thrown);
    if (failure === undefined) throw thrown;
    const answered = expected?.(failure);
    if (answered !== undefined) return answered.answer;
    throw translate(AWS_FAILURES, failure, thrown);
  }
}

/** For `callAws`: these codes mean that there is no such thing. */
export const absentWhen = (pattern: RegExp) => (failure: ServiceFailure) =>
  pattern.test(failure.code) ? { answer: undefined } : undefined;

/** Say a failure of the Kubernetes API in our words; `isFirstContact` when nothing has been heard from it before. */
export const kubernetesError = (failure: ServiceFailure, isFirstContact = false, cause?: unknown): UpgradeError =>
  translate(isFirstContact ? [...NO_FIRST_CONTACT, ...KUBERNETES_FAILURES] : KUBERNETES_FAILURES, failure, cause);

/** The code of a socket error, found also where an AggregateError (every address of a name refused) hides it. */
export function networkCode(thrown: unknown): string {
  const { code, name, errors } = thrown as { code?: unknown; name?: unknown; errors?: unknown[] };
  if (typeof code === 'string') return code;
  if (Array.isArray(errors) && errors.length > 0) return networkCode(errors[0]);
  return typeof name === 'string' ? name : 'Error';
}
