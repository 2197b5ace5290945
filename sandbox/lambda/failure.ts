import { traceOf } from './trace.ts';

/** How Step Functions sees a call of a function that failed. */
export interface FunctionFailure {
  /** As in `ErrorEquals`, e.g. `PodEvictionFailure`, `Sandbox.Timedout` or `Lambda.ResourceNotReadyException`. */
  readonly error: string;
  readonly cause: string;
}

/** Longest cause that Step Functions keeps, in characters. */
const CAUSE_LIMIT = 32_768;
const ERROR_LIMIT = 256;

const LAMBDA_FAILURE = Symbol('lambdaFailure');

/** Create what a call rejects with when Lambda itself failed it, not the code of the function. */
export const lambdaFailure = ({ error, cause }: FunctionFailure): Error =>
  Object.assign(new Error(cause), { name: error, [LAMBDA_FAILURE]: true });

/** The failure of a process that Lambda ended: no code of the function ran, so that there is no trace. */
export const endedProcess = (errorType: string, requestId: string, sentence: string): Error =>
  lambdaFailure({
    error: errorType,
    cause: JSON.stringify({ errorType, errorMessage: `RequestId: ${requestId} Error: ${sentence}` }),
  });

/**
 * Describe what a call of a function rejected with.
 *
 * The cause of a function's own error is the JSON that the Lambda runtime for Node makes of it.
 */
export function failureOfCall(thrown: unknown): FunctionFailure {
  const isError = thrown instanceof Error;
  const errorType = isError ? thrown.name : typeof thrown;
  const errorMessage = isError ? thrown.message : String(thrown);
  const cause =
    isError && LAMBDA_FAILURE in thrown
      ? errorMessage
      : JSON.stringify({ errorType, errorMessage, trace: isError ? traceOf(thrown) : [] });
  return { error: errorType.slice(0, ERROR_LIMIT), cause: cause.slice(0, CAUSE_LIMIT) };
}
