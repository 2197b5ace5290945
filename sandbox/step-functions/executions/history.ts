import { statesError } from '../expressions/states-error.ts';

/** Most events of one history (Step Functions quota). */
export const EVENT_LIMIT = 25_000;

const inputOf = (text: unknown, hasData: boolean) =>
  hasData ? { input: text, inputDetails: { truncated: false } } : {};
const outputOf = (text: unknown, hasData: boolean) =>
  hasData ? { output: text, outputDetails: { truncated: false } } : {};
const failureOf = (error: unknown, cause: unknown) => ({
  ...(error === undefined ? {} : { error }),
  ...(cause === undefined ? {} : { cause }),
});

type Shape = (first: unknown, second: unknown, hasData: boolean, third: unknown) => Record<string, unknown>;

const entered: Shape = (name, text, hasData) => ({ stateEnteredEventDetails: { name, ...inputOf(text, hasData) } });
const exited: Shape = (name, text, hasData) => ({ stateExitedEventDetails: { name, ...outputOf(text, hasData) } });
const plain: Shape = () => ({});
const failed =
  (member: string): Shape =>
  (error, cause) => ({ [member]: failureOf(error, cause) });
const iteration =
  (member: string): Shape =>
  (name, index) => ({ [member]: { name, index } });

/** What all events of a Task that calls a service contain. */
const ofTask =
  (member: string, details: (second: unknown, hasData: boolean, third: unknown) => object): Shape =>
  (named, second, hasData, third) => ({ [member]: { ...(named as object), ...details(second, hasData, third) } });

/** How each type of event shows what was recorded with it, under the member names of the AWS API. */
const shapes = {
  ExecutionStarted: (roleArn, text, hasData) => ({
    executionStartedEventDetails: { ...inputOf(text, hasData), roleArn },
  }),
  ExecutionSucceeded: (_, text, hasData) => ({ executionSucceededEventDetails: outputOf(text, hasData) }),
  ExecutionFailed: failed('executionFailedEventDetails'),
  ExecutionAborted: failed('executionAbortedEventDetails'),
  ExecutionTimedOut: failed('executionTimedOutEventDetails'),
  ExecutionRedriven: (redriveCount) => ({ executionRedrivenEventDetails: { redriveCount } }),
  TaskStateEntered: entered,
  TaskStateExited: exited,
  TaskStateAborted: plain,
  PassStateEntered: entered,
  PassStateExited: exited,
  WaitStateEntered: entered,
  WaitStateExited: exited,
  WaitStateAborted: plain,
  ChoiceStateEntered: entered,
  ChoiceStateExited: exited,
  SucceedStateEntered: entered,
  SucceedStateExited: exited,
  FailStateEntered: entered,
  MapStateEntered: entered,
  MapStateExited: exited,
  MapStateStarted: (length) => ({ mapStateStartedEventDetails: { length } }),
  MapStateSucceeded: plain,
  MapStateFailed: plain,
  MapStateAborted: plain,
  MapIterationStarted: iteration('mapIterationStartedEventDetails'),
  MapIterationSucceeded: iteration('mapIterationSucceededEventDetails'),
  MapIterationFailed: iteration('mapIterationFailedEventDetails'),
  MapIterationAborted: iteration('mapIterationAbortedEventDetails'),
  MapRunStarted: (mapRunArn) => ({ mapRunStartedEventDetails: { mapRunArn } }),
  MapRunSucceeded: plain,
  MapRunFailed: failed('mapRunFailedEventDetails'),
  MapRunAborted: plain,
  LambdaFunctionScheduled: (resource, text, hasData, timeoutInSeconds) => ({
    lambdaFunctionScheduledEventDetails: {
      ...inputOf(text, hasData),
      resource,
      ...(timeoutInSeconds === undefined ? {} : { timeoutInSeconds }),
    },
  }),
  LambdaFunctionStarted: plain,
  LambdaFunctionSucceeded: (_, text, hasData) => ({ lambdaFunctionSucceededEventDetails: outputOf(text, hasData) }),
  LambdaFunctionFailed: failed('lambdaFunctionFailedEventDetails'),
  LambdaFunctionTimedOut: failed('lambdaFunctionTimedOutEventDetails'),
  TaskScheduled: ofTask('taskScheduledEventDetails', (parameters, _, timeoutInSeconds) => ({
    parameters,
    ...(timeoutInSeconds === undefined ? {} : { timeoutInSeconds }),
  })),
  TaskStarted: ofTask('taskStartedEventDetails', () => ({})),
  TaskSubmitFailed: ofTask('taskSubmitFailedEventDetails', (failure) => ({ ...(failure as object) })),
  TaskSubmitted: ofTask('taskSubmittedEventDetails', outputOf),
  TaskSucceeded: ofTask('taskSucceededEventDetails', outputOf),
  TaskFailed: ofTask('taskFailedEventDetails', (failure) => ({ ...(failure as object) })),
  TaskTimedOut: ofTask('taskTimedOutEventDetails', (failure) => ({ ...(failure as object) })),
} satisfies Record<string, Shape>;

/** The types of events that this interpreter records. */
export type HistoryEventType = keyof typeof shapes;

/** An event in the shape of the AWS API; `timestamp` is a Date. */
export type HistoryEvent = Record<string, unknown> & {
  readonly id: number;
  readonly previousEventId: number;
  readonly timestamp: Date;
  readonly type: HistoryEventType;
};

/** An event as it is kept: a few references, whose texts are shared between events. */
interface RecordedEvent {
  readonly type: HistoryEventType;
  readonly previousEventId: number;
  readonly at: number;
  readonly first: unknown;
  readonly second: unknown;
  readonly third: unknown;
}

/** The events of one execution, oldest first. */
export interface History {
  readonly length: number;
  /**
   * Add an event and return its id.
   *
   * @param at     milliseconds since the epoch
   * @param first  ARN, name, error, length: whatever comes first in the details of that type
   * @param second text, index or cause
   * @throws States.Runtime when only the last event, which must end the execution, is left
   */
  add(
    type: HistoryEventType,
    at: number,
    previousEventId: number,
    first?: unknown,
    second?: unknown,
    third?: unknown,
  ): number;
  /** The event with this id, in the shape of the AWS API. */
  event(id: number, includesData?: boolean): HistoryEvent;
  /** Every event so far. */
  all(): HistoryEvent[];
}

const isLast = (type: HistoryEventType): boolean =>
  type === 'ExecutionSucceeded' ||
  type === 'ExecutionFailed' ||
  type === 'ExecutionAborted' ||
  type === 'ExecutionTimedOut';

const HISTORY_FULL = `The execution reached the maximum number of history events (${EVENT_LIMIT}).`;

/** Whether something was thrown because a history has no room left. */
export const isHistoryFull = (thrown: unknown): boolean => thrown instanceof Error && thrown.message === HISTORY_FULL;

/** Create an empty history. */
export function createHistory(): History {
  const events: RecordedEvent[] = [];
  const event = (id: number, includesData = true): HistoryEvent => {
    const { type, previousEventId, at, first, second, third } = events[id - 1] as RecordedEvent;
    const shape: Shape = shapes[type];
    return { timestamp: new Date(at), type, id, previousEventId, ...shape(first, second, includesData, third) };
  };
  return {
    get length() {
      return events.length;
    },
    add(type, at, previousEventId, first, second, third) {
      if (events.length >= EVENT_LIMIT - 1 && !isLast(type)) throw statesError('States.Runtime', HISTORY_FULL);
      return events.push({ type, previousEventId, at, first, second, third });
    },
    event,
    all: () => events.map((_, index) => event(index + 1)),
  };
}
