import { startedBy } from '../../domain/cluster/execution-name.ts';
import { omitUndefined } from '../../domain/omit-undefined.ts';
import type { ExecutionReport, ExecutionStatus } from '../model/model.ts';
import { consoleUrlOf } from './console.ts';
import { type ExecutionFacts, type ExecutionHistory, millisecondsOf, parseJson } from './history.ts';

const STATUS_OF_EVENT: Readonly<Record<string, ExecutionStatus>> = {
  ExecutionSucceeded: 'SUCCEEDED',
  ExecutionFailed: 'FAILED',
  ExecutionAborted: 'ABORTED',
  ExecutionTimedOut: 'TIMED_OUT',
};

const iso = (at: number): string => new Date(at).toISOString();

/** By the history: the description was fetched at another moment and may differ. */
export function statusOf({ execution, history }: ExecutionHistory): ExecutionStatus {
  const ended = STATUS_OF_EVENT[history.at(-1)?.type ?? ''];
  if (ended !== undefined) return ended;
  const known = Object.values(STATUS_OF_EVENT).find((status) => status === execution.status);
  return known ?? 'RUNNING';
}

/** The execution with its events oldest first. */
export const inOrder = ({ execution, history }: ExecutionHistory): ExecutionHistory => ({
  execution,
  history: history.every((event, index) => index === 0 || (event.id ?? 0) >= (history[index - 1]?.id ?? 0))
    ? history
    : [...history].sort((left, right) => (left.id ?? 0) - (right.id ?? 0)),
});

/** The latest instant in histories, epoch ms. */
export function lastInstant(executions: readonly ExecutionHistory[]): number {
  let last = 0;
  for (const { execution, history } of executions) {
    const at = millisecondsOf(history.at(-1)?.timestamp) ?? millisecondsOf(execution.startDate) ?? 0;
    last = Math.max(last, at);
  }
  return last;
}

/** When an execution started and ended, epoch ms; without `stoppedAt` it is running. */
export interface Span {
  readonly startedAt: number;
  readonly stoppedAt?: number;
  /** The end, or the latest instant in its history and those of the executions it started. */
  readonly observedAt: number;
}

/** @param run events oldest first; `others`: the executions it started */
export function spanOf(run: ExecutionHistory, others: readonly ExecutionHistory[]): Span {
  const startedAt = millisecondsOf(run.history[0]?.timestamp) ?? millisecondsOf(run.execution.startDate) ?? 0;
  if (statusOf(run) === 'RUNNING') {
    return { startedAt, observedAt: Math.max(startedAt, lastInstant([run, ...others])) };
  }
  const stoppedAt = millisecondsOf(run.execution.stopDate) ?? lastInstant([run]);
  return { startedAt, stoppedAt, observedAt: stoppedAt };
}

/** The name of an execution, which its ARN ends with; empty when neither is known. */
export const nameOf = ({ name, executionArn }: ExecutionFacts): string => name ?? executionArn?.split(':').at(-1) ?? '';

/** What identifies an execution, and who started it when. @param continuations the executions that continued it */
export function executionOf(
  { execution, history }: ExecutionHistory,
  span: Span,
  continuations: readonly ExecutionHistory[] = [],
): ExecutionReport {
  const continuedBy = continuations.flatMap((each) => each.execution.executionArn ?? []);
  const arn = execution.executionArn ?? '';
  const name = nameOf(execution);
  return omitUndefined({
    arn,
    name,
    region: arn.split(':')[3],
    startedAt: iso(span.startedAt),
    stoppedAt: span.stoppedAt === undefined ? undefined : iso(span.stoppedAt),
    startedBy: startedBy(name),
    roleArn: history[0]?.executionStartedEventDetails?.roleArn,
    consoleUrl: consoleUrlOf(arn),
    continuedBy: continuedBy.length === 0 ? undefined : continuedBy,
  });
}

/** The input of an execution, if the history has it. */
export const inputOf = ({ execution, history }: ExecutionHistory): unknown =>
  parseJson(history[0]?.executionStartedEventDetails?.input ?? execution.input);
