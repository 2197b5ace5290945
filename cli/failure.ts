/** Exit codes of every command. */
export const EXIT_CODES = {
  success: 0,
  /** The upgrade failed, was aborted or timed out. */
  upgradeFailed: 1,
  /** Wrong arguments, or an input that is refused. */
  usage: 2,
  /** No such execution or state machine, or AWS cannot be reached or refuses. */
  unreachable: 3,
  /** What a command asks of a run does not go with the state it is in. */
  notNow: 4,
  /** `outdated` has found outdated nodes. */
  outdated: 10,
  /** Stopped by Ctrl-C. */
  interrupted: 130,
} as const;

/** Exit codes as help and documents explain them. */
export const EXIT_MEANINGS: readonly (readonly [code: number, meaning: string])[] = [
  [EXIT_CODES.success, 'success'],
  [EXIT_CODES.upgradeFailed, 'the upgrade failed, was aborted or timed out'],
  [EXIT_CODES.usage, 'wrong arguments, or an input that is refused'],
  [EXIT_CODES.unreachable, 'no such execution or state machine, or AWS cannot be reached or refuses'],
  [EXIT_CODES.notNow, 'the run has ended, is not paused, or is still under way, so there is nothing to do'],
  [EXIT_CODES.outdated, 'outdated: some nodes are outdated'],
  [EXIT_CODES.interrupted, 'interrupted; an upgrade that was started continues'],
];

/** A failure that is one sentence and ends the command with an exit code. */
export class CliFailure extends Error {
  override readonly name = 'CliFailure';
  readonly exitCode: number;

  constructor(message: string, exitCode: number) {
    super(message);
    this.exitCode = exitCode;
  }
}

export const usageFailure = (message: string): CliFailure => new CliFailure(message, EXIT_CODES.usage);

export const notNow = (message: string): CliFailure => new CliFailure(message, EXIT_CODES.notNow);

export const notFound = (message: string): CliFailure => new CliFailure(message, EXIT_CODES.unreachable);

const SENTENCES: Readonly<Record<string, string>> = {
  ExecutionDoesNotExist:
    'there is no such execution in this account and region; `list` shows the executions that exist',
  StateMachineDoesNotExist:
    'there is no such state machine in this account and region; name another with --state-machine',
  InvalidArn: 'that is not the ARN of an execution or state machine',
  ExecutionAlreadyExists: 'an execution of that name exists already; choose another --name',
  CredentialsProviderError: 'no AWS credentials were found; set AWS_PROFILE, or sign in with `aws sso login`',
  ExpiredTokenException: 'the AWS credentials have expired; sign in again',
  ExpiredToken: 'the AWS credentials have expired; sign in again',
  UnrecognizedClientException: 'AWS does not accept these credentials; check AWS_PROFILE and the region',
  InvalidSignatureException: 'AWS does not accept these credentials; check AWS_PROFILE and the region',
};

const NETWORK = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'ETIMEDOUT',
  'ECONNRESET',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'TimeoutError',
]);

const codeOf = (error: Error): string => {
  const { code, errors } = error as Error & { code?: unknown; errors?: readonly { code?: unknown }[] };
  // A refused connection over IPv4 and IPv6 is an AggregateError of both.
  return String(code ?? errors?.[0]?.code ?? error.name);
};

/** The SDK's two sentences about a region, in words that name our option; both come without a name or code. */
function regionSentence(message: string): string | undefined {
  const refused = /^Region not accepted: region="(.*?)"/.exec(message)?.[1];
  // An AWS_REGION that is set to nothing counts as a region for the SDK.
  if (refused === '' || message.startsWith('Region is missing'))
    return 'no AWS region is set: give --region or set AWS_REGION';
  return refused === undefined
    ? undefined
    : `"${refused}" is not the name of an AWS region: correct --region or AWS_REGION`;
}

/** Put a failure of the AWS SDK into one sentence. Anything else is a fault of this program and is returned unchanged. */
export function explain(error: unknown, endpoint: string | undefined): unknown {
  if (!(error instanceof Error) || error instanceof CliFailure) return error;
  const sentence = SENTENCES[error.name];
  if (sentence !== undefined) return notFound(sentence);
  if (NETWORK.has(codeOf(error)) || NETWORK.has(error.name)) {
    const where = endpoint === undefined ? 'AWS' : `${endpoint} (AWS_ENDPOINT_URL)`;
    return notFound(`${where} cannot be reached: ${codeOf(error)}`);
  }
  const region = regionSentence(error.message);
  if (region !== undefined) return notFound(region);
  const isFromService = '$metadata' in error || '$fault' in error;
  return isFromService ? notFound(`AWS answers ${error.name}: ${error.message.replace(/\s+/g, ' ')}`) : error;
}
