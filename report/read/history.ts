import { inTodaysNames } from './earlier-versions.ts';

/** An instant as histories carry it: an SDK `Date`, ISO-8601, or epoch seconds (the AWS CLI's raw form) or milliseconds. */
export type Instant = Date | string | number;

/**
 * The members of an AWS `HistoryEvent` that the report reads; the SDK's type is assignable to it.
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

/** The members of DescribeExecution or of an entry of ListExecutions that the report reads. */
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

/** One execution with its events, oldest first. */
export interface ExecutionHistory {
  readonly execution: ExecutionFacts;
  readonly history: readonly HistoryEvent[];
}

/** A parent execution with the child executions of its Distributed Map. */
export interface UpgradeHistory extends ExecutionHistory {
  readonly children: readonly ExecutionHistory[];
}

/** The execution of a whole cluster with the executions of its groups, in the order in which they were started. */
export interface ClusterHistory extends ExecutionHistory {
  readonly groups: readonly UpgradeHistory[];
}

/** Is it the history of a whole cluster? Its first state tells; before that, its state machine's name. */
export const isOfCluster = ({ execution, history }: ExecutionHistory): boolean => {
  const [first] = history.flatMap(({ stateEnteredEventDetails: entered }) => entered?.name ?? []);
  return first === undefined
    ? /:execution:[^:]*upgrade-cluster[^:]*:/.test(execution.executionArn ?? '')
    : first === 'PlanCluster';
};

/** ARNs of the executions that a history started, once each. */
export const startedExecutions = (history: readonly HistoryEvent[]): string[] => [
  ...new Set(
    history.flatMap(({ taskSubmittedEventDetails: submitted }) => {
      const started: unknown = parseJson(submitted?.output);
      const arn = (started as { ExecutionArn?: unknown } | null | undefined)?.ExecutionArn;
      return typeof arn === 'string' ? [arn] : [];
    }),
  ),
];

/** Milliseconds since 1970 of an instant; `undefined` when it is absent or unreadable. */
export function millisecondsOf(instant: Instant | undefined): number | undefined {
  if (instant === undefined) return undefined;
  const milliseconds =
    typeof instant === 'number'
      ? instant * (instant < 1e11 ? 1000 : 1)
      : instant instanceof Date
        ? instant.getTime()
        : Date.parse(instant);
  return Number.isFinite(milliseconds) ? milliseconds : undefined;
}

/** One visit of an execution to a state. */
export interface Visit {
  readonly state: string;
  readonly enteredAt: number;
  exitedAt?: number;
  /** What the state's task returned; `undefined` when it returned nothing, or the history withholds data. */
  output?: unknown;
  /** The state's own input. */
  readonly input?: string | undefined;
  /** Failed tries; all but the last of a state that was left by an error were retried. */
  readonly failures: { at: number; error: string; cause: string }[];
  tries: number;
}

/** Read JSON that may be absent, truncated or redacted. */
export function parseJson(text: string | undefined): unknown {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const SCHEDULED = new Set(['LambdaFunctionScheduled', 'TaskScheduled']);

const failureDetails = (event: HistoryEvent): FailureDetails | undefined =>
  event.lambdaFunctionFailedEventDetails ??
  event.lambdaFunctionTimedOutEventDetails ??
  event.lambdaFunctionScheduleFailedEventDetails ??
  event.lambdaFunctionStartFailedEventDetails ??
  event.taskFailedEventDetails ??
  event.taskTimedOutEventDetails;

const FAILURE_TYPES =
  /^(LambdaFunction(Failed|TimedOut|ScheduleFailed|StartFailed)|Task(Failed|TimedOut|StartFailed|SubmitFailed))$/;

/** Read a sequential history as the visits it made to states, oldest first. Map iterations of inline Maps are not read. */
export function visitsOf(history: readonly HistoryEvent[]): Visit[] {
  const visits: Visit[] = [];
  for (const event of history) {
    const at = millisecondsOf(event.timestamp) ?? visits.at(-1)?.enteredAt ?? 0;
    const entered = event.stateEnteredEventDetails;
    const current = visits.at(-1);
    if (entered !== undefined) {
      visits.push({ state: entered.name ?? '', enteredAt: at, input: entered.input, failures: [], tries: 0 });
    } else if (current !== undefined) {
      note(current, event, at);
    }
  }
  return visits;
}

function note(visit: Visit, event: HistoryEvent, at: number): void {
  const type = event.type ?? '';
  if (SCHEDULED.has(type)) visit.tries += 1;
  if (FAILURE_TYPES.test(type)) {
    const { error = type, cause = '' } = failureDetails(event) ?? {};
    visit.failures.push({ at, error, cause });
  }
  const output = (event.lambdaFunctionSucceededEventDetails ?? event.taskSucceededEventDetails)?.output;
  if (output !== undefined) visit.output = inTodaysNames(parseJson(output), output);
  if (type.endsWith('StateExited') || type.endsWith('StateAborted')) visit.exitedAt = at;
}
