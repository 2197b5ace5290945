import type { Execution, StepFunctions } from 'eks-sandbox/step-functions';
import { runIdOf } from '../../domain/admission/entry.ts';
import { nodeStateMachineArn, readNodeExecutionName } from '../../domain/admission/node-execution.ts';
import {
  type ClusterHistory,
  type ExecutionHistory,
  millisecondsOf,
  startedExecutions,
  type UpgradeHistory,
} from '../../report/read/history.ts';
import { nodeExecutionsOf } from '../../report/read/node-executions.ts';

/** One execution as DescribeExecution and GetExecutionHistory tell of it, up to an instant (epoch ms). */
function historyOf(execution: Execution, untilAt: number): ExecutionHistory {
  const { arn, name, startedAt, stoppedAt, input } = execution;
  const all = execution.history.all();
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

/** What is asked of the sandbox's Step Functions. */
type Known = Pick<StepFunctions, 'findExecution' | 'executionsOf' | 'machines'>;

/** The executions that continued a run, in their order. */
function continuationsOf(stepFunctions: Known, execution: Execution): Execution[] {
  const [arn] = startedExecutions(historyOf(execution, Number.POSITIVE_INFINITY).history);
  const next = arn === undefined ? undefined : stepFunctions.findExecution(arn);
  return next === undefined ? [] : [next, ...continuationsOf(stepFunctions, next)];
}

/** The executions of a run's nodes: those that it started, and those of an earlier run that its steps adopted. */
export function nodeExecutions(stepFunctions: Known, execution: Execution): Execution[] {
  const parts = [execution, ...continuationsOf(stepFunctions, execution)];
  const reported = parts.flatMap((part) => nodeExecutionsOf(historyOf(part, Number.POSITIVE_INFINITY).history).names);
  const machine = stepFunctions.machines.find(({ arn }) => arn === nodeStateMachineArn(execution.arn));
  if (machine === undefined) return [];
  const runId = runIdOf(execution.arn);
  return stepFunctions
    .executionsOf(machine)
    .filter(({ name }) => readNodeExecutionName(name)?.runId === runId || reported.includes(name));
}

/** The histories of an upgrade on the sandbox: of its execution, of those that continued it, and of its nodes. */
export function upgradeHistory(
  stepFunctions: Known,
  execution: Execution,
  untilAt = Number.POSITIVE_INFINITY,
): UpgradeHistory {
  const continuations = continuationsOf(stepFunctions, execution);
  const seen = (executions: readonly Execution[]): ExecutionHistory[] =>
    executions.map((each) => historyOf(each, untilAt)).filter(({ history }) => history.length > 0);
  return {
    ...historyOf(execution, untilAt),
    continuations: seen(continuations),
    children: seen(nodeExecutions(stepFunctions, execution)),
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
