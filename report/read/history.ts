import type { ExecutionFacts, FailureDetails, HistoryEvent, Instant } from '../../domain/execution-history.ts';
import { inTodaysNames } from './earlier-versions.ts';

export type { ExecutionFacts, FailureDetails, HistoryEvent, Instant } from '../../domain/execution-history.ts';

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
