import type { Execution, StepFunctions } from 'eks-sandbox/step-functions';
import {
  type ClusterHistory,
  type ExecutionHistory,
  millisecondsOf,
  startedExecutions,
  type UpgradeHistory,
} from '../../report/read/history.ts';

/** One execution as DescribeExecution and GetExecutionHistory tell of it, up to an instant (epoch ms). */
function historyOf(execution: Execution, untilAt: number): ExecutionHistory {
  const { arn, name, startedAt, stoppedAt, input } = execution;
  const all = Array.from({ length: execution.history.length }, (_, index) => execution.history.event(index + 1));
  const history = all.filter(({ timestamp }) => (millisecondsOf(timestamp) ?? 0) <= untilAt);
  const hasEnded = stoppedAt !== undefined && stoppedAt <= untilAt;
  return {
    execution: {
      executionArn: arn,
      name,
      status: hasEnded ? execution.status : 'RUNNING',
      startDate: new Date(startedAt),
      ...(hasEnded ? { stopDate: new Date(stoppedAt) } : {}),
      input: input.text,
    },
    history,
  };
}

/** The histories of an upgrade on the sandbox: of its execution, and of the children of its Map Runs. */
export function upgradeHistory(
  { mapRunsOf }: Pick<StepFunctions, 'mapRunsOf'>,
  execution: Execution,
  untilAt = Number.POSITIVE_INFINITY,
): UpgradeHistory {
  const children = mapRunsOf(execution).flatMap((mapRun) => mapRun.children);
  return {
    ...historyOf(execution, untilAt),
    children: children.map((child) => historyOf(child, untilAt)).filter(({ history }) => history.length > 0),
  };
}

/** The histories of a cluster's upgrade on the sandbox: of its execution, and of the executions it started. */
export function clusterHistory(
  stepFunctions: StepFunctions,
  execution: Execution,
  untilAt = Number.POSITIVE_INFINITY,
): ClusterHistory {
  const own = historyOf(execution, untilAt);
  const groups = startedExecutions(own.history).flatMap((arn) => stepFunctions.findExecution(arn) ?? []);
  return { ...own, groups: groups.map((group) => upgradeHistory(stepFunctions, group, untilAt)) };
}
