import type { Execution, ExecutionStatus, StateMachine } from '../../../step-functions/executions/execution.ts';
import { isLegalName } from '../../../step-functions/executions/execution-name.ts';
import { isTooLarge, type Json, type Payload } from '../../../step-functions/expressions/json.ts';
import type { StepFunctions } from '../../../step-functions/state-machines.ts';
import { awsError } from '../../aws-error.ts';
import { boolean, choice, string, within } from '../../input-shapes.ts';
import { type Action, action } from '../../service-from-actions.ts';
import type { ExecutionView, SeeExecution } from '../as-of.ts';
import { executionDoesNotExist, invalid, invalidInput } from '../refusals.ts';
import { executionDescription, executionItem, stopDateShape } from '../responses.ts';
import { getExecution, getMachine, getMapRun } from '../state.ts';
import { arnShape } from './arns.ts';
import { nextTokenShape, pagingMembers, statesPage } from './pages.ts';
import { redriveExecution } from './redrive.ts';

const STATUSES = ['SUCCEEDED', 'TIMED_OUT', 'PENDING_REDRIVE', 'ABORTED', 'FAILED', 'RUNNING'] as const;

const parseInput = (text: string): Payload => {
  if (text.trim() === '') throw invalidInput('Invalid execution input.');
  if (isTooLarge(text)) throw invalidInput('The input is larger than 262144 bytes.');
  try {
    return { value: JSON.parse(text) as Json, text };
  } catch (thrown) {
    throw invalidInput(thrown instanceof Error ? thrown.message : String(thrown));
  }
};

function startMachine(
  stepFunctions: StepFunctions,
  machine: StateMachine,
  name: string | undefined,
  input: Payload,
): Execution {
  const execution = stepFunctions.startOrJoin(machine, input, name);
  if (execution !== undefined) return execution;
  const taken = name === undefined ? undefined : stepFunctions.findNamed(machine, name);
  throw awsError('ExecutionAlreadyExists', `Execution Already Exists: '${taken?.arn}'`);
}

const startExecution = (stepFunctions: StepFunctions) =>
  action(
    { stateMachineArn: arnShape, name: within(string, 1, 80), input: string, traceHeader: string },
    ({ stateMachineArn, name, input = '{}' }) => {
      const machine = getMachine(stepFunctions, stateMachineArn);
      if (name !== undefined && !isLegalName(name)) throw awsError('InvalidName', `Invalid Name: '${name}'`);
      const execution = startMachine(stepFunctions, machine, name, parseInput(input));
      return { executionArn: execution.arn, startDate: new Date(execution.startedAt) };
    },
  );

const describeExecution = (stepFunctions: StepFunctions, see: SeeExecution) =>
  action(
    { executionArn: arnShape, includedData: choice('ALL_DATA', 'METADATA_ONLY') },
    ({ executionArn, includedData }) => {
      const execution = getExecution(stepFunctions, executionArn);
      const seen = see(execution);
      if (seen === undefined) throw executionDoesNotExist(executionArn);
      return executionDescription(seen, includedData !== 'METADATA_ONLY', stepFunctions.whyNotRedrivable(execution));
    },
  );

function executionsToList(
  stepFunctions: StepFunctions,
  { stateMachineArn, mapRunArn }: { stateMachineArn?: string | undefined; mapRunArn?: string | undefined },
): readonly Execution[] {
  if (stateMachineArn !== undefined && mapRunArn === undefined)
    return stepFunctions.executionsOf(getMachine(stepFunctions, stateMachineArn));
  if (stateMachineArn === undefined && mapRunArn !== undefined) return getMapRun(stepFunctions, mapRunArn).children;
  throw invalid('Exactly one of stateMachineArn and mapRunArn must be given');
}

const hasStatus = (status: (typeof STATUSES)[number] | undefined) => (execution: ExecutionView) =>
  status === undefined || execution.status === (status satisfies ExecutionStatus | 'PENDING_REDRIVE');

const isRedriven = (filter: 'REDRIVEN' | 'NOT_REDRIVEN' | undefined) => (execution: ExecutionView) =>
  filter === undefined || execution.redriveCount > 0 === (filter === 'REDRIVEN');

const listExecutions = (stepFunctions: StepFunctions, see: SeeExecution) =>
  action(
    {
      ...pagingMembers,
      stateMachineArn: within(string, 1, 256),
      mapRunArn: within(string, 1, 2000),
      statusFilter: choice(...STATUSES),
      redriveFilter: choice('REDRIVEN', 'NOT_REDRIVEN'),
    },
    ({ statusFilter, redriveFilter, ...given }) => {
      const all = executionsToList(stepFunctions, given)
        .toReversed()
        .flatMap((execution) => see(execution) ?? []);
      const wanted = all.filter(hasStatus(statusFilter)).filter(isRedriven(redriveFilter));
      const page = statesPage(wanted, (execution) => execution.arn, given);
      return { executions: page.items.map(executionItem), ...nextTokenShape(page) };
    },
  );

const getExecutionHistory = (stepFunctions: StepFunctions) =>
  action(
    { ...pagingMembers, executionArn: arnShape, reverseOrder: boolean, includeExecutionData: boolean },
    ({ executionArn, reverseOrder = false, includeExecutionData = true, ...paging }) => {
      const { history } = getExecution(stepFunctions, executionArn);
      const ids = Array.from({ length: history.length }, (_, index) => index + 1);
      const page = statesPage(reverseOrder ? ids.reverse() : ids, String, paging);
      return { events: page.items.map((id) => history.event(id, includeExecutionData)), ...nextTokenShape(page) };
    },
  );

const stopExecution = (stepFunctions: StepFunctions) =>
  action(
    { executionArn: arnShape, error: within(string, 0, 256), cause: within(string, 0, 32_768) },
    ({ executionArn, error, cause }) => {
      const execution = getExecution(stepFunctions, executionArn);
      stepFunctions.stop(execution, { error, cause });
      return stopDateShape(execution);
    },
  );

/** Executions; lists have the newest first. */
export const executionActions = (
  stepFunctions: StepFunctions,
  see: SeeExecution,
): Readonly<Record<string, Action>> => ({
  StartExecution: startExecution(stepFunctions),
  DescribeExecution: describeExecution(stepFunctions, see),
  ListExecutions: listExecutions(stepFunctions, see),
  GetExecutionHistory: getExecutionHistory(stepFunctions),
  StopExecution: stopExecution(stepFunctions),
  RedriveExecution: redriveExecution(stepFunctions),
});
