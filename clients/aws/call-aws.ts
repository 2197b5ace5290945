import { AccessDenied, Conflict, InvalidInput, ServiceUnavailable, Throttled } from '../../domain/errors.ts';
import {
  codes,
  type FailureRule,
  hasNoAnswer,
  isServerFault,
  NO_ANSWER,
  quote,
  type ServiceFailure,
  toUpgradeError,
} from '../service-failure.ts';
import { boundedPages, requireMember } from './whole-answer.ts';

/** @see https://github.com/boto/botocore/blob/develop/botocore/data/_retry.json */
const THROTTLING = codes(`
  Throttling ThrottlingException ThrottledException RequestThrottled RequestThrottledException TooManyRequestsException
  RequestLimitExceeded EC2ThrottledException SlowDown PriorRequestNotComplete BandwidthLimitExceeded
  LimitExceededException ProvisionedThroughputExceededException TransactionInProgressException ExecutionLimitExceeded`);

/** The SDK appends `Fault` to some of the codes of EC2 Auto Scaling. */
const CONFLICTS = codes(`
  ScalingActivityInProgress ScalingActivityInProgressFault ResourceContention ResourceContentionFault
  ResourceInUse ResourceInUseFault ResourceInUseException ConflictException IncorrectState IncorrectInstanceState
  OperationAborted`);

const CREDENTIALS = codes(`
  ExpiredToken ExpiredTokenException UnrecognizedClientException InvalidClientTokenId InvalidClientTokenIdException
  AuthFailure SignatureDoesNotMatch InvalidSignatureException MissingAuthenticationToken
  MissingAuthenticationTokenException IncompleteSignature RequestExpired RequestTimeTooSkewed OptInRequired`);

/** The SDK's own names for finding no credentials. */
const NO_CREDENTIALS = codes('CredentialsProviderError TokenProviderError');

const REFUSALS = codes('UnauthorizedOperation UnauthorizedException AuthorizationError Client.UnauthorizedOperation');

const TRANSIENT = codes(`
  RequestTimeout RequestTimeoutException ServiceUnavailable ServiceUnavailableException Unavailable InternalFailure
  InternalError InternalServerError InternalServerException ServerException ServiceLinkedRoleFailure`);

/** Refusals that do not name the action: Auto Scaling asks EC2 whether its caller might launch from the template itself. */
const ACTIONS_MEANT: readonly (readonly [words: RegExp, actions: string, what: string])[] = [
  [
    /not authorized to use launch template/i,
    'ec2:RunInstances',
    "allow ec2:RunInstances, ec2:CreateTags and iam:PassRole (the role of the template's instance profile) in its IAM policy: whoever lets a group launch from a template must be allowed to launch from it",
  ],
];

/** What to do about a missing right, by where the refusal came from. */
function wayToRight(message: string): string {
  const [, policy] = /explicit deny in an? ([\w -]+? policy|permissions boundary)/i.exec(message) ?? [];
  if (policy !== undefined) return `an allowance does not help, as a ${policy} denies it: change that one`;
  return /permissions boundary/i.test(message)
    ? 'allow this action in its permissions boundary, too'
    : 'allow this action in its IAM policy';
}

function missingRight(failure: ServiceFailure): string {
  const { message } = failure;
  const principal = /\bUser: (arn:\S+)/.exec(message)?.[1] ?? 'the role this runs as';
  const named = /\bperform: ([\w-]+:\w+)/.exec(message)?.[1];
  const meant = named === undefined ? ACTIONS_MEANT.find(([words]) => words.test(message)) : undefined;
  const action = named ?? meant?.[1] ?? failure.action;
  return `AWS does not let ${principal} do ${action}: ${meant?.[2] ?? wayToRight(message)}. AWS said: ${quote(failure)}`;
}

/** An answer that a service of AWS does not give: success that cannot be read, a redirection, a refusal without a code. */
const isNotOfAws = ({ status = 400, code }: ServiceFailure) =>
  status < 400 || code === '' || /^(Unknown|UnknownError|\d+)$/.test(code);

/** What the errors of AWS mean for a run. */
const AWS_FAILURES: readonly FailureRule[] = [
  [Throttled, ({ code, status }) => THROTTLING.has(code) || status === 429, (f) => `${f.action}: ${quote(f)}`],
  [Conflict, ({ code, status }) => CONFLICTS.has(code) || status === 409, (f) => `${f.action}: ${quote(f)}`],
  [AccessDenied, ({ code }) => code.startsWith('AccessDenied') || REFUSALS.has(code), missingRight],
  [
    AccessDenied,
    ({ code }) => CREDENTIALS.has(code),
    (f) =>
      `AWS does not accept the credentials for ${f.action}: sign in again, or check the clock. AWS said: ${quote(f)}`,
  ],
  [
    AccessDenied,
    ({ code }) => NO_CREDENTIALS.has(code),
    (f) => `There are no AWS credentials for ${f.action}: sign in, or set AWS_PROFILE. The SDK said: ${quote(f)}`,
  ],
  [
    ServiceUnavailable,
    (f) => hasNoAnswer(f) || TRANSIENT.has(f.code) || isServerFault(f) || isNotOfAws(f),
    (f) => `${f.action} failed for now: ${quote(f)}`,
  ],
  [InvalidInput, () => true, (f) => `${f.action} was refused: ${quote(f)}`],
];

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
  // The name of a socket error is `Error`, and its `code` says what happened. The SDK's errors have the service's code as name.
  const known = name !== undefined && name !== 'Error' ? name : (code ?? '');
  const failure: ServiceFailure = {
    action,
    code: code !== undefined && NO_ANSWER.has(code) ? code : known,
    message: message ?? '',
    ...(status === undefined ? {} : { status }),
  };
  const isForeign = status === undefined && !hasNoAnswer(failure) && !NO_CREDENTIALS.has(failure.code);
  return isForeign ? undefined : failure;
}

/**
 * Call an AWS service, and throw its failures as errors of the domain.
 *
 * @param action IAM action, e.g. `ec2:DescribeImages`
 * @param expected turns a failure that is expected (not found, for example) into a value; `undefined` for all others
 * @throws {Throttled|Conflict|AccessDenied|ServiceUnavailable|InvalidInput}
 */
export async function callAws<T, E = never>(
  action: string,
  send: (action: string) => Promise<T>,
  expected?: (failure: ServiceFailure) => { readonly answer: E } | undefined,
): Promise<T | E> {
  try {
    return await send(action);
  } catch (thrown) {
    const failure = sdkFailure(action, thrown);
    if (failure === undefined) throw thrown;
    const answered = expected?.(failure);
    if (answered !== undefined) return answered.answer;
    throw toUpgradeError(AWS_FAILURES, failure, thrown);
  }
}

/**
 * Read every page of a list.
 *
 * @param pages of one of the SDK's paginators
 * @param itemsOf what is used of a page; `undefined` when it is none
 * @throws what `callAws` throws, and ServiceUnavailable for a page that is none
 */
export const callAwsForPages = <Page, Item>(
  action: string,
  pages: AsyncIterable<Page>,
  itemsOf: (page: Page) => readonly Item[] | undefined,
): Promise<Item[]> =>
  callAws(action, async () => {
    const items: Item[] = [];
    for await (const page of boundedPages(action, pages)) items.push(...requireMember(action, itemsOf(page)));
    return items;
  });

/** For `callAws`: with these codes the answer is `undefined`. */
export const absentWhen = (pattern: RegExp) => (failure: ServiceFailure) =>
  pattern.test(failure.code) ? { answer: undefined } : undefined;
