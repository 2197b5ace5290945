import type { MapState } from '../definition/definition.ts';
import type { Execution } from '../executions/execution.ts';
import { exceedsTolerance, type MapRun, type MapRunCounts, type MapRunStatus } from '../executions/map-run.ts';
import type { Json, Payload } from '../expressions/json.ts';
import type { Control } from './control.ts';
import { isoMilliseconds, limitedPayload } from './input-output.ts';
import { readMapItems } from './map-items.ts';
import { readNumber } from './number-field.ts';
import type { Step, Visit } from './thread.ts';

/** Most child executions of a Map Run at one time (Step Functions quota). */
const DISTRIBUTED_CONCURRENCY = 10_000;

/** Called for a child execution: before its first state, and when it is over. */
export interface ChildObserver {
  readonly onStarted: (child: Execution) => void;
  readonly onClosed: (child: Execution) => void;
}

/** What a Distributed Map needs from whoever keeps the executions. */
export interface MapRunKeeper {
  /** Make a Map Run known under an ARN of its own. */
  openMapRun(
    visit: Visit<MapState>,
    details: Omit<MapRun, 'arn' | 'label' | 'stateMachineArn' | 'parent' | 'startedAt'>,
  ): MapRun;
  /** Start a child execution; it may be over when this returns. */
  startChild(run: MapRun, state: MapState, input: Payload, told: ChildObserver): void;
  /** End a child execution whose Map Run is over. */
  abortChild(child: Execution): void;
}

const countOf: Readonly<Record<Exclude<Execution['status'], 'RUNNING'>, keyof MapRunCounts>> = {
  SUCCEEDED: 'succeeded',
  FAILED: 'failed',
  TIMED_OUT: 'timedOut',
  ABORTED: 'aborted',
};

/**
 * What a child execution leaves at the place of its item: its output, or for one that failed all that is known of it.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/input-output-resultwriter.html (`COMPACT`, the default)
 */
function resultOf(child: Execution): Json {
  if (child.output !== undefined) return child.output.value;
  return {
    ...(child.cause === undefined ? {} : { Cause: child.cause }),
    ...(child.error === undefined ? {} : { Error: child.error }),
    ExecutionArn: child.arn,
    Input: child.input.text,
    InputDetails: { Included: true },
    Name: child.name,
    StartDate: isoMilliseconds(child.startedAt),
    StateMachineArn: child.stateMachineArn,
    Status: child.status,
    StopDate: isoMilliseconds(child.stoppedAt ?? child.startedAt),
  };
}

/**
 * Create the runner of Distributed Map states: every item is a child execution with a history of its own, started in
 * the order of the items.
 *
 * When more children fail than is tolerated, the others are aborted at once and the state fails with
 * `States.ExceedToleratedFailureThreshold`.
 */
export function createDistributedMap(
  { clock, note, resume, leaveWithResult, recover }: Control,
  { openMapRun, startChild, abortChild }: MapRunKeeper,
): (visit: Visit<MapState>) => Step | undefined {
  return (visit) => {
    const { thread, state } = visit;
    const { input, inputs } = readMapItems(visit);
    const total = inputs.length;
    const number = (literal: number | undefined, path: string | undefined) => readNumber(visit, literal, path, input);
    note(thread, 'MapStateStarted', total);

    const results: Json[] = new Array(total).fill(null);
    const running = new Set<Execution>();
    let started = 0;
    let isProceeding = false;
    let hasToWait = false;
    let outcome: (() => Step | undefined) | undefined;

    const run = openMapRun(visit, {
      total,
      children: [],
      counts: { pending: total, running: 0, succeeded: 0, failed: 0, timedOut: 0, aborted: 0 },
      status: 'RUNNING',
      stoppedAt: undefined,
      maxConcurrency: number(state.MaxConcurrency, state.MaxConcurrencyPath) ?? 0,
      toleratedFailureCount: number(state.ToleratedFailureCount, state.ToleratedFailureCountPath),
      toleratedFailurePercentage: number(state.ToleratedFailurePercentage, state.ToleratedFailurePercentagePath),
      proceed: () => proceed(),
    });
    const { counts } = run;
    note(thread, 'MapRunStarted', run.arn);

    const close = (status: MapRunStatus) => {
      run.status = status;
      run.stoppedAt = Math.floor(clock.now());
      for (const child of running) abortChild(child);
    };

    const succeed = () => {
      close('SUCCEEDED');
      const runEventId = note(thread, 'MapRunSucceeded');
      note(thread, 'MapStateSucceeded');
      thread.lastEventId = runEventId;
      // Without a ResultWriter the whole result has to fit, even when ResultPath drops it.
      return leaveWithResult(visit, limitedPayload(results, visit.input, visit.stateName).value);
    };

    const fail = () => {
      const error = 'States.ExceedToleratedFailureThreshold';
      const cause = 'The specified tolerated failure threshold was exceeded';
      close('FAILED');
      note(thread, 'MapRunFailed', error, cause);
      note(thread, 'MapStateFailed');
      return recover(visit, { error, cause });
    };

    const endChild = (index: number, child: Execution) => {
      running.delete(child);
      counts.running -= 1;
      counts[countOf[child.status as 'FAILED']] += 1;
      if (run.status !== 'RUNNING') return;
      results[index] = resultOf(child);
      if (exceedsTolerance(run)) outcome = fail;
      proceed();
    };

    /** A child may end before `startChild` returns, so that this can be called while it is running. */
    const proceed = () => {
      if (isProceeding || run.status !== 'RUNNING') return;
      isProceeding = true;
      const concurrency = Math.min(run.maxConcurrency || DISTRIBUTED_CONCURRENCY, DISTRIBUTED_CONCURRENCY);
      while (outcome === undefined && started < total && running.size < concurrency) {
        const index = started;
        started += 1;
        counts.pending -= 1;
        counts.running += 1;
        startChild(run, state, inputs[index] as Payload, {
          onStarted: (child) => running.add(child),
          onClosed: (child) => endChild(index, child),
        });
      }
      isProceeding = false;
      if (outcome === undefined && started === total && running.size === 0) outcome = succeed;
      if (outcome !== undefined && hasToWait) resume(visit, outcome);
    };

    thread.pending = {
      abort(noteAbort) {
        close('ABORTED');
        noteAbort('MapRunAborted');
        noteAbort('MapStateAborted');
      },
    };
    proceed();
    hasToWait = true;
    return outcome?.();
  };
}
