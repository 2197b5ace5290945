import type { Execution } from '../../step-functions/executions/execution.ts';
import type { SandboxClock } from '../../world/clock.ts';
import { lastsAt } from '../../world/scenario/spell.ts';
import type { Fault } from '../../world/scenario.ts';

/** What lists and descriptions show of an execution. */
export type ExecutionView = Omit<Execution, 'onClosed' | 'thread' | 'cancelTimeout' | 'stoppedThread'>;

/** How descriptions and lists see an execution; `undefined` when they do not see it yet. */
export type SeeExecution = (execution: Execution) => ExecutionView | undefined;

const asRunning = {
  status: 'RUNNING',
  stoppedAt: undefined,
  output: undefined,
  error: undefined,
  cause: undefined,
} as const;

/**
 * Show an execution as it was at an instant (milliseconds since the epoch); `undefined` when it had not started.
 */
function asOf(execution: Execution, instant: number): ExecutionView | undefined {
  if (execution.startedAt > instant) return undefined;
  const redrives = execution.earlierEndings.filter(({ redrivenAt }) => redrivenAt <= instant);
  const redriveCount = redrives.length;
  const view = { ...execution, redriveCount, redrivenAt: redrives.at(-1)?.redrivenAt };
  const ending = execution.earlierEndings[redriveCount] ?? execution;
  if (ending.stoppedAt === undefined || ending.stoppedAt > instant) return { ...view, ...asRunning };
  const { status, stoppedAt, error, cause } = ending;
  return { ...view, status, stoppedAt, error, cause };
}

/** Create how executions are seen when a scenario lets answers lag (`staleExecutions`); spells count from this call. */
export function createView(faults: readonly Fault[], clock: Pick<SandboxClock, 'now'>): SeeExecution {
  const startedAt = clock.now();
  const lags = faults.filter((fault) => fault.kind === 'staleExecutions');
  return (execution) => {
    const seconds = (clock.now() - startedAt) / 1000;
    const lag = lags.find((each) => lastsAt(each, seconds));
    return lag === undefined ? execution : asOf(execution, clock.now() - lag.secondsAgo * 1000);
  };
}
