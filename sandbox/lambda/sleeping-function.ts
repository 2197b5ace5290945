import { lambdaFailure } from './failure.ts';

/**
 * What Lambda answers for each reason, with the status of its API.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html#API_Invoke_Errors
 */
const ANSWERS = {
  'Lambda.ResourceNotReadyException': [
    502,
    'The function is inactive and its VPC connection is no longer available. Wait for the VPC connection to reestablish and try again.',
  ],
  'Lambda.ENINotReadyException': [502, 'The network interface of the function is not ready.'],
  'Lambda.ResourceConflictException': [
    409,
    'The operation cannot be performed at this time. The function is currently in the following state: Pending',
  ],
  'Lambda.EC2ThrottledException': [
    502,
    'Amazon EC2 throttled AWS Lambda during Lambda function initialization using the execution role provided for the function.',
  ],
} as const satisfies Readonly<Record<string, readonly [status: number, sentence: string]>>;

/** Create the failure of a call of a function that is not awake yet. */
export function notAwake(error: keyof typeof ANSWERS, requestId: string): Error {
  const [status, sentence] = ANSWERS[error];
  return lambdaFailure({
    error,
    cause: `${sentence} (Service: Lambda, Status Code: ${status}, Request ID: ${requestId})`,
  });
}
