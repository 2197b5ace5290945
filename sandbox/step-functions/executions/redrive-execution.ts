import { isDistributed } from '../definition/definition.ts';
import type { Visit } from '../interpreter/thread.ts';
import type { Execution } from './execution.ts';
import { EVENT_LIMIT } from './history.ts';
import { type ExecutionContext, instantOf, limitTime, startThread } from './run-execution.ts';

/** How long after its end an execution can be redriven. */
const REDRIVABLE_MS = 14 * 86_400_000;

const isMapRun = ({ state }: Visit): boolean => state.Type === 'Map' && isDistributed(state);

/**
 * Say why an execution cannot be redriven; `undefined` when it can.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_DescribeExecution.html (`redriveStatusReason`)
 */
export function whyNotRedrivable(
  context: Pick<ExecutionContext, 'clock'>,
  { status, history, stoppedAt, stoppedThread, mapRun }: Execution,
): string | undefined {
  if (status === 'RUNNING' || status === 'SUCCEEDED') return `Execution is ${status} and cannot be redriven`;
  if (history.length >= EVENT_LIMIT - 1) return 'Execution history event limit exceeded';
  if (instantOf(context) - (stoppedAt ?? 0) > REDRIVABLE_MS) return 'Execution redrivable period exceeded';
  if (mapRun !== undefined) return 'Execution is redriven with its Map Run';
  const stopped = stoppedThread?.visit;
  if (stopped === undefined || isMapRun(stopped)) return 'The sandbox does not redrive Map Runs';
  return undefined;
}

/**
 * Go on with an execution that ended without success, from the state in which it ended, with the same input.
 *
 * What succeeded is not done again; attempts and the time of the execution count afresh.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/redrive-executions.html
 */
export function redriveExecution(context: ExecutionContext, execution: Execution): void {
  const stopped = execution.stoppedThread?.visit;
  const reason = whyNotRedrivable(context, execution);
  if (reason !== undefined || stopped === undefined) throw new Error(reason);
  const { status, stoppedAt, error, cause } = execution;
  const redrivenAt = instantOf(context);
  execution.earlierEndings.push({ status, stoppedAt, error, cause, redrivenAt });
  Object.assign(execution, {
    status: 'RUNNING',
    stoppedAt: undefined,
    error: undefined,
    cause: undefined,
    stoppedThread: undefined,
    redrivenAt,
    redriveCount: execution.redriveCount + 1,
  } satisfies Partial<Execution>);
  const { history, redriveCount } = execution;
  const redrivenId = history.add('ExecutionRedriven', redrivenAt, history.length, redriveCount);
  const thread = startThread(context, execution, redrivenId);
  limitTime(context, execution);
  context.onStatusChange(execution);
  context.goOn(thread, stopped);
}
