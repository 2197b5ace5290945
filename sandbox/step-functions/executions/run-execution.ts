import type { SandboxClock } from '../../world/clock.ts';
import type { Random } from '../../world/random.ts';
import type { Payload } from '../expressions/json.ts';
import { abortThread, type NoteAbort, type Step, type Thread, type Visit } from '../interpreter/thread.ts';
import type { Place } from './arns.ts';
import type { Execution, ExecutionStatus } from './execution.ts';
import { createHistory, EVENT_LIMIT } from './history.ts';
import type { ExecutionRecords } from './records.ts';

/** What running executions needs. */
export interface ExecutionContext {
  readonly place: Place;
  readonly clock: SandboxClock;
  readonly random: Random;
  /** Of names and request ids. */
  readonly ids: Random;
  readonly records: ExecutionRecords;
  /** Start a thread at one of its states. */
  begin(thread: Thread, startAt: string, input: Payload): void;
  /** Go on with a stay that ended without success. */
  goOn(thread: Thread, stopped: Visit): void;
  /** Called when an execution of a machine has started, was redriven, or is over. */
  onStatusChange(execution: Execution): void;
}

/** What is known of an execution before it starts. */
export type ExecutionRequest = Pick<
  Execution,
  'arn' | 'name' | 'machine' | 'stateMachineArn' | 'definition' | 'input' | 'mapRun' | 'onClosed'
>;

/** What an execution leaves, and the event that its end follows. */
export interface Ending {
  readonly output?: Payload;
  readonly failure?: { readonly error?: string | undefined; readonly cause?: string | undefined };
  readonly followsId?: number;
}

/** The present instant, in whole milliseconds since the epoch. */
export const instantOf = ({ clock }: Pick<ExecutionContext, 'clock'>): number => Math.floor(clock.now());

/** Adds what was aborted to the history while there is room, without a place in the order of events, as AWS does. */
const noteAborted =
  (context: ExecutionContext, { history }: Execution): NoteAbort =>
  (type, first, second) => {
    // The execution as a whole ends: single Task and Wait states are not mentioned then.
    const isMentioned = type.startsWith('Map');
    if (isMentioned && history.length < EVENT_LIMIT - 1)
      history.add(type, instantOf(context), history.length, first, second);
  };

function noteEnd(
  { history }: Execution,
  at: number,
  status: ExecutionStatus,
  { output, failure, followsId = 0 }: Ending,
): void {
  if (status === 'SUCCEEDED') history.add('ExecutionSucceeded', at, followsId, undefined, output?.text);
  if (status === 'FAILED') history.add('ExecutionFailed', at, followsId, failure?.error, failure?.cause);
  if (status === 'TIMED_OUT') history.add('ExecutionTimedOut', at, 0);
  if (status === 'ABORTED') history.add('ExecutionAborted', at, 0, failure?.error, failure?.cause);
}

/** End an execution, and whatever it waits for; nothing happens when it is over already. */
export function closeExecution(
  context: ExecutionContext,
  execution: Execution,
  status: Exclude<ExecutionStatus, 'RUNNING'>,
  ending: Ending,
): void {
  if (execution.status !== 'RUNNING') return;
  const { thread } = execution;
  execution.cancelTimeout?.();
  execution.status = status;
  execution.stoppedAt = instantOf(context);
  execution.output = ending.output;
  execution.error = ending.failure?.error;
  execution.cause = ending.failure?.cause;
  execution.thread = undefined;
  execution.stoppedThread = status === 'SUCCEEDED' ? undefined : thread;
  execution.cancelTimeout = undefined;
  if (thread !== undefined) abortThread(thread, noteAborted(context, execution));
  noteEnd(execution, instantOf(context), status, ending);
  for (const tell of execution.onClosed) tell(execution);
  context.onStatusChange(execution);
}

function endThread(context: ExecutionContext, thread: Thread, step: Step & { kind: 'ended' | 'failed' }): void {
  const { execution, lastEventId: followsId } = thread;
  if (step.kind === 'ended') closeExecution(context, execution, 'SUCCEEDED', { output: step.payload, followsId });
  else closeExecution(context, execution, 'FAILED', { failure: step.failure, followsId });
}

function createExecution(context: ExecutionContext, request: ExecutionRequest): Execution {
  return {
    ...request,
    order: context.records.executions.size,
    startedAt: instantOf(context),
    history: createHistory(),
    random: context.random.fork(request.arn),
    status: 'RUNNING',
    stoppedAt: undefined,
    output: undefined,
    error: undefined,
    cause: undefined,
    thread: undefined,
    stoppedThread: undefined,
    redriveCount: 0,
    redrivenAt: undefined,
    earlierEndings: [],
    cancelTimeout: undefined,
  };
}

/** Give an execution its main thread. */
export function startThread(context: ExecutionContext, execution: Execution, lastEventId: number): Thread {
  const thread: Thread = {
    execution,
    states: execution.definition.States,
    mapItem: undefined,
    onEnd: (step) => endThread(context, thread, step),
    lastEventId,
    pending: undefined,
    visit: undefined,
    isOver: false,
  };
  execution.thread = thread;
  return thread;
}

/** End an execution when the time that its definition gives it is over. */
export function limitTime(context: ExecutionContext, execution: Execution): void {
  const { TimeoutSeconds: seconds } = execution.definition;
  if (seconds === undefined) return;
  const timer = context.clock.after(seconds, () => closeExecution(context, execution, 'TIMED_OUT', {}));
  execution.cancelTimeout = () => timer.cancel();
}

/**
 * Start an execution; its first state is entered before this returns.
 *
 * @param onStarted called before anything happens in it
 */
export function runExecution(
  context: ExecutionContext,
  request: ExecutionRequest,
  onStarted: (execution: Execution) => void,
): Execution {
  const execution = createExecution(context, request);
  const { definition, machine, input } = execution;
  const thread = startThread(context, execution, 0);
  context.records.executions.set(execution.arn, execution);
  onStarted(execution);
  limitTime(context, execution);
  // Its first state follows event 0, as on AWS.
  execution.history.add('ExecutionStarted', instantOf(context), 0, machine.roleArn, input.text);
  context.onStatusChange(execution);
  context.begin(thread, definition.StartAt, input);
  return execution;
}
