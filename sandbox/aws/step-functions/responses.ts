import type { TaskResource } from '../../step-functions/definition/definition.ts';
import type { Execution, StateMachine } from '../../step-functions/executions/execution.ts';
import type { MapRun } from '../../step-functions/executions/map-run.ts';
import { isObject } from '../../step-functions/expressions/json.ts';
import { functionKeyOf } from '../../step-functions/interpreter/task.ts';
import type { StepFunctions } from '../../step-functions/state-machines.ts';
import type { ExecutionView } from './as-of.ts';

/** The members that have a value. */
export const withoutUndefined = (members: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));

export const stopDateShape = ({ stoppedAt }: Pick<Execution, 'stoppedAt'>) =>
  stoppedAt === undefined ? {} : { stopDate: new Date(stoppedAt) };

/** A definition as text, with the ARN of the function in each Task. */
const definitionText = ({ functionArn }: StepFunctions, definition: unknown): string =>
  JSON.stringify(definition, (name, value: unknown) =>
    name === 'Resource' && isObject(value) ? functionArn(functionKeyOf(value as unknown as TaskResource)) : value,
  );

const loggingAndTracing = {
  loggingConfiguration: { level: 'OFF', includeExecutionData: false },
  tracingConfiguration: { enabled: false },
};

/** A state machine as ListStateMachines shows it. */
export const machineItem = (machine: StateMachine) => ({
  stateMachineArn: machine.arn,
  name: machine.name,
  type: 'STANDARD',
  creationDate: new Date(machine.createdAt),
});

/** A state machine as DescribeStateMachine shows it. */
export const machineDescription = (stepFunctions: StepFunctions, machine: StateMachine) => ({
  ...machineItem(machine),
  status: 'ACTIVE',
  definition: definitionText(stepFunctions, machine.definition),
  roleArn: machine.roleArn,
  ...loggingAndTracing,
});

/** A state machine as DescribeStateMachineForExecution shows it. */
export const machineOfExecution = (
  stepFunctions: StepFunctions,
  { machine, mapRun, stateMachineArn, definition }: Execution,
) => ({
  stateMachineArn,
  name: machine.name,
  definition: definitionText(stepFunctions, definition),
  roleArn: machine.roleArn,
  updateDate: new Date(machine.createdAt),
  ...loggingAndTracing,
  ...(mapRun === undefined ? {} : { mapRunArn: mapRun.arn, label: mapRun.label }),
});

const executionMembers = (execution: ExecutionView) => ({
  executionArn: execution.arn,
  stateMachineArn: execution.stateMachineArn,
  name: execution.name,
  status: execution.status,
  startDate: new Date(execution.startedAt),
  ...stopDateShape(execution),
  ...(execution.mapRun === undefined ? {} : { mapRunArn: execution.mapRun.arn }),
  redriveCount: execution.redriveCount,
  ...(execution.redrivenAt === undefined ? {} : { redriveDate: new Date(execution.redrivenAt) }),
});

/** An execution as ListExecutions shows it. */
export const executionItem = (execution: ExecutionView) => ({
  ...executionMembers(execution),
  ...(execution.mapRun === undefined ? {} : { itemCount: 1 }),
});

const redriveStatusOf = ({ status, mapRun }: ExecutionView, whyNot: string | undefined) => {
  const isOpen = status === 'RUNNING' || status === 'SUCCEEDED';
  if (mapRun !== undefined && !isOpen) return { redriveStatus: 'REDRIVABLE_BY_MAP_RUN' };
  if (isOpen)
    return { redriveStatus: 'NOT_REDRIVABLE', redriveStatusReason: `Execution is ${status} and cannot be redriven` };
  return whyNot === undefined
    ? { redriveStatus: 'REDRIVABLE' }
    : { redriveStatus: 'NOT_REDRIVABLE', redriveStatusReason: whyNot };
};

/**
 * An execution as DescribeExecution shows it.
 *
 * @param whyNot reason why it cannot be redriven, if there is one
 */
export const executionDescription = (execution: ExecutionView, hasData: boolean, whyNot: string | undefined) => {
  const { input, output, error, cause } = execution;
  return {
    ...executionMembers(execution),
    ...(hasData ? { input: input.text } : {}),
    inputDetails: { included: hasData },
    ...(output === undefined
      ? {}
      : { ...(hasData ? { output: output.text } : {}), outputDetails: { included: hasData } }),
    ...withoutUndefined({ error, cause }),
    ...redriveStatusOf(execution, whyNot),
  };
};

/** A Map Run as ListMapRuns shows it. */
export const mapRunItem = (run: MapRun) => ({
  executionArn: run.parent.arn,
  mapRunArn: run.arn,
  stateMachineArn: run.stateMachineArn,
  startDate: new Date(run.startedAt),
  ...stopDateShape(run),
});

/** A Map Run as DescribeMapRun shows it. */
export const mapRunDescription = (run: MapRun) => {
  const counts = {
    ...run.counts,
    total: run.total,
    resultsWritten: run.counts.succeeded,
    failuresNotRedrivable: 0,
    pendingRedrive: 0,
  };
  return {
    mapRunArn: run.arn,
    executionArn: run.parent.arn,
    status: run.status,
    startDate: new Date(run.startedAt),
    ...stopDateShape(run),
    maxConcurrency: run.maxConcurrency,
    toleratedFailurePercentage: run.toleratedFailurePercentage ?? 0,
    toleratedFailureCount: run.toleratedFailureCount ?? 0,
    itemCounts: counts,
    executionCounts: counts,
    redriveCount: 0,
  };
};
