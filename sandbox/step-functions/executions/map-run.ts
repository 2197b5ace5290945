import type { Execution } from './execution.ts';

export type MapRunStatus = 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'ABORTED';

/** How the items of a Map Run stand. */
export interface MapRunCounts {
  pending: number;
  running: number;
  succeeded: number;
  failed: number;
  timedOut: number;
  aborted: number;
}

/** One pass of a Distributed Map over its items, each of them a child execution. */
export interface MapRun {
  readonly arn: string;
  readonly label: string;
  /** ARN of what its child executions run; it ends in `/LABEL`. */
  readonly stateMachineArn: string;
  /** The execution that has the Map state. */
  readonly parent: Execution;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly total: number;
  /** Its child executions, in the order of their starts. */
  readonly children: Execution[];
  readonly counts: MapRunCounts;
  stoppedAt: number | undefined;
  status: MapRunStatus;
  /** 0 means the quota of 10,000. */
  maxConcurrency: number;
  toleratedFailureCount: number | undefined;
  toleratedFailurePercentage: number | undefined;
  /** Start as many more children as the concurrency allows. */
  proceed: () => void;
}

/**
 * Decide whether more items have failed or timed out than a Map Run tolerates; without a tolerance, that is one.
 * Child executions that somebody stopped do not count.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/maprun-fail-threshold.html
 */
export function exceedsTolerance({
  toleratedFailureCount: count,
  toleratedFailurePercentage: percentage,
  total,
  counts,
}: MapRun): boolean {
  const failed = counts.failed + counts.timedOut;
  if (count === undefined && percentage === undefined) return failed > 0;
  return (count !== undefined && failed > count) || (percentage !== undefined && (failed / total) * 100 > percentage);
}
