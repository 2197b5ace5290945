/** An instant as histories carry it: an SDK `Date`, ISO-8601, or epoch seconds (the AWS CLI's raw form) or milliseconds. */
export type Instant = Date | string | number;

/**
 * The members of an AWS `HistoryEvent` that anybody here reads; the SDK's type is assignable to it.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_HistoryEvent.html
 */
export interface HistoryEvent {
  readonly id?: number | undefined;
  readonly type?: string | undefined;
  readonly timestamp?: Instant | undefined;
  readonly executionStartedEventDetails?: { input?: string | undefined; roleArn?: string | undefined } | undefined;
  readonly executionSucceededEventDetails?: { output?: string | undefined } | undefined;
  readonly executionFailedEventDetails?: FailureDetails | undefined;
  readonly executionAbortedEventDetails?: FailureDetails | undefined;
  readonly executionTimedOutEventDetails?: FailureDetails | undefined;
  readonly stateEnteredEventDetails?: { name?: string | undefined; input?: string | undefined } | undefined;
  readonly stateExitedEventDetails?: { name?: string | undefined; output?: string | undefined } | undefined;
  readonly lambdaFunctionSucceededEventDetails?: { output?: string | undefined } | undefined;
  readonly lambdaFunctionFailedEventDetails?: FailureDetails | undefined;
  readonly lambdaFunctionTimedOutEventDetails?: FailureDetails | undefined;
  readonly lambdaFunctionScheduleFailedEventDetails?: FailureDetails | undefined;
  readonly lambdaFunctionStartFailedEventDetails?: FailureDetails | undefined;
  readonly taskSucceededEventDetails?: { output?: string | undefined } | undefined;
  readonly taskSubmittedEventDetails?: { output?: string | undefined } | undefined;
  readonly taskFailedEventDetails?: FailureDetails | undefined;
  readonly taskTimedOutEventDetails?: FailureDetails | undefined;
  readonly mapRunStartedEventDetails?: { mapRunArn?: string | undefined } | undefined;
}

export interface FailureDetails {
  readonly error?: string | undefined;
  readonly cause?: string | undefined;
}

/** The members of DescribeExecution or of an entry of ListExecutions that anybody here reads. */
export interface ExecutionFacts {
  readonly executionArn?: string | undefined;
  readonly name?: string | undefined;
  readonly status?: string | undefined;
  readonly startDate?: Instant | undefined;
  readonly stopDate?: Instant | undefined;
  readonly input?: string | undefined;
  readonly output?: string | undefined;
  readonly error?: string | undefined;
  readonly cause?: string | undefined;
}
