import * as z from 'zod';
import { type FailedExecution, failedExecutionIn } from '../nodegroup/failed-execution.ts';
import { sentenceOf } from '../nodegroup/failure.ts';
import { truncateToSentence } from '../text.ts';
import type { NodegroupResult } from './cluster.ts';

/** What a Catch puts beside the state. */
export const caughtSchema = z.looseObject({ Error: z.string(), Cause: z.string().optional() });
type Caught = z.infer<typeof caughtSchema>;

/** Length of a reason in the state of a cluster's run: the group's own execution has all of it. */
const MOST_REASON_CHARACTERS = 500;

/** Error and reason of an execution that did not succeed. */
function endOf({ Status, Error: error = 'States.TaskFailed', Cause: cause }: FailedExecution) {
  if (Status === 'ABORTED') {
    const why = cause === undefined || cause === '' ? '' : ` (${cause})`;
    return {
      error: 'UpgradeCancelled',
      reason: `its execution was stopped${why}: the next run of this group cleans up`,
    };
  }
  if (Status === 'TIMED_OUT') return { error: 'States.Timeout', reason: 'its execution exceeded its time limit' };
  return { error, reason: sentenceOf(error, cause) };
}

/**
 * Read from what a Catch caught how the execution of a group failed: its own error, not that of the Task that waited for it.
 *
 * @param caught of the Task: `States.TaskFailed` with the execution as JSON, or the refusal to start one
 */
export function nodegroupFailure(name: string, caught: Caught): NodegroupResult {
  const { Error: thrown, Cause: cause } = caught;
  const execution = failedExecutionIn(caught);
  const { error, reason } =
    execution === undefined ? { error: thrown, reason: sentenceOf(thrown, cause) } : endOf(execution);
  return {
    name,
    outcome: 'failed',
    ...(execution?.ExecutionArn !== undefined && { executionArn: execution.ExecutionArn }),
    error,
    reason: truncateToSentence(reason, MOST_REASON_CHARACTERS),
  };
}

/** Put the failure of a state of the cluster's own run into the words its execution ends with. */
export const clusterFailure = (caught: Caught): { error: string; cause: string } => ({
  error: caught.Error,
  cause: sentenceOf(caught.Error, caught.Cause),
});
