import { inTodaysForm } from './earlier-versions.ts';
import { type FailureDetails, type HistoryEvent, millisecondsOf, parseJson } from './history.ts';

/** One visit of an execution to a state. */
export interface Visit {
  readonly state: string;
  readonly enteredAt: number;
  exitedAt?: number;
  /** What the state's task returned; `undefined` when it returned nothing, or the history withholds data. */
  output?: unknown;
  /** Failed tries; all but the last of a state that was left by an error were retried. */
  readonly failures: { at: number; error: string; cause: string }[];
  tries: number;
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

/** Read a sequential history as the visits it made to states, oldest first. Iterations of inline Maps are not read. */
export function visitsOf(history: readonly HistoryEvent[]): Visit[] {
  const visits: Visit[] = [];
  for (const event of history) {
    const at = millisecondsOf(event.timestamp) ?? visits.at(-1)?.enteredAt ?? 0;
    const entered = event.stateEnteredEventDetails;
    const current = visits.at(-1);
    if (entered !== undefined) {
      visits.push({ state: entered.name ?? '', enteredAt: at, failures: [], tries: 0 });
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
  if (output !== undefined) visit.output = inTodaysForm(visit.state, parseJson(output), output);
  if (type.endsWith('StateExited') || type.endsWith('StateAborted')) visit.exitedAt = at;
}
