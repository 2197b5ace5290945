import { findFaults } from '../../step-functions/definition/check-definition.ts';
import type { TaskResource } from '../../step-functions/definition/definition.ts';
import type { Execution, ExecutionStatus, StateMachine } from '../../step-functions/executions/execution.ts';
import { isLegalName } from '../../step-functions/executions/execution-name.ts';
import type { MapRun } from '../../step-functions/executions/map-run.ts';
import { isObject, isTooLarge, type Json, type Payload } from '../../step-functions/expressions/json.ts';
import { functionKeyOf } from '../../step-functions/interpreter/task.ts';
import type { StepFunctions } from '../../step-functions/state-machines.ts';
import { awsError } from '../aws-error.ts';
import type { AwsService } from '../aws-service.ts';
import { boolean, choice, double, integer, required, string, within } from '../input-shapes.ts';
import { pageOf } from '../pages.ts';
import { action, createService, validationRefusal } from '../service-from-actions.ts';

const STATUSES = ['SUCCEEDED', 'TIMED_OUT', 'PENDING_REDRIVE', 'ABORTED', 'FAILED', 'RUNNING'] as const;
const DEFAULT_PAGE = 100;

const arn = required(within(string, 1, 256));
const longArn = required(within(string, 1, 2000));
const paged = { maxResults: within(integer, 0, 1000), nextToken: within(string, 1, 3096) };

const invalidArn = (message: string) => awsError('InvalidArn', `Invalid Arn: '${message}'`);
const doesNotExist = (code: 'ExecutionDoesNotExist' | 'StateMachineDoesNotExist', given: string) =>
  awsError(code, `${code === 'ExecutionDoesNotExist' ? 'Execution' : 'State Machine'} Does Not Exist: '${given}'`);
const resourceNotFound = (given: string) =>
  awsError('ResourceNotFound', `Resource not found: '${given}'`, { members: { resourceName: given } });
const invalidInput = (reason: string) =>
  awsError('InvalidExecutionInput', `Invalid State Machine Execution Input: '${reason}'`);
const invalid = (message: string) => awsError('ValidationException', message);
const invalidToken = () => awsError('InvalidToken', "Invalid Token: 'Invalid token'");

type ResourceType = 'stateMachine' | 'execution' | 'mapRun';

/** @throws InvalidArn when a text is no ARN of Step Functions, or one of something else */
function checkArn(given: string, ...allowed: readonly ResourceType[]): void {
  const [prefix, , service, , , type = ''] = given.split(':');
  if (prefix !== 'arn' || service !== 'states') throw invalidArn(`Invalid ARN prefix: ${given}`);
  if (!allowed.includes(type as ResourceType)) throw invalidArn(`Resource type not valid in this context: ${type}`);
}

const page = <T>(
  items: readonly T[],
  keyOf: (item: T) => string,
  { maxResults, nextToken }: { maxResults?: number | undefined; nextToken?: string | undefined },
) => pageOf(items, keyOf, { token: nextToken, size: maxResults || DEFAULT_PAGE }, invalidToken);

const listed = <T>(name: string, items: readonly T[], nextToken: string | undefined) => ({
  [name]: items,
  ...(nextToken === undefined ? {} : { nextToken }),
});

const stoppedAt = ({ stoppedAt: at }: { stoppedAt: number | undefined }) =>
  at === undefined ? {} : { stopDate: new Date(at) };
const defined = (members: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));

const newestFirst = <T>(items: readonly T[]): T[] => [...items].reverse();

const parseInput = (text: string): Payload => {
  if (text.trim() === '') throw invalidInput('Invalid execution input.');
  if (isTooLarge(text)) throw invalidInput('The input is larger than 262144 bytes.');
  try {
    return { value: JSON.parse(text) as Json, text };
  } catch (thrown) {
    throw invalidInput(thrown instanceof Error ? thrown.message : String(thrown));
  }
};

const checkName = (name: string): void => {
  if (!isLegalName(name)) throw awsError('InvalidName', `Invalid Name: '${name}'`);
};

const redriveOf = ({ status, mapRun }: Execution) => {
  if (status === 'RUNNING' || status === 'SUCCEEDED') {
    const redriveStatusReason = `Execution is ${status} and cannot be redriven`;
    return { redriveCount: 0, redriveStatus: 'NOT_REDRIVABLE', redriveStatusReason };
  }
  return { redriveCount: 0, redriveStatus: mapRun === undefined ? 'REDRIVABLE' : 'REDRIVABLE_BY_MAP_RUN' };
};

const executionItem = (execution: Execution) => ({
  executionArn: execution.arn,
  stateMachineArn: execution.stateMachineArn,
  name: execution.name,
  status: execution.status,
  startDate: new Date(execution.startedAt),
  ...stoppedAt(execution),
  ...(execution.mapRun === undefined ? {} : { mapRunArn: execution.mapRun.arn, itemCount: 1 }),
  redriveCount: 0,
});

const machineItem = (machine: StateMachine) => ({
  stateMachineArn: machine.arn,
  name: machine.name,
  type: 'STANDARD',
  creationDate: new Date(machine.createdAt),
});

const loggingAndTracing = {
  loggingConfiguration: { level: 'OFF', includeExecutionData: false },
  tracingConfiguration: { enabled: false },
};

const mapRunDescription = (run: MapRun) => {
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
    ...stoppedAt(run),
    maxConcurrency: run.maxConcurrency,
    toleratedFailurePercentage: run.toleratedFailurePercentage ?? 0,
    toleratedFailureCount: run.toleratedFailureCount ?? 0,
    itemCounts: counts,
    executionCounts: counts,
    redriveCount: 0,
  };
};

/**
 * Offer the state machines of a sandbox as AWS Step Functions.
 *
 * Lists have the newest first. Redriving is not offered: the workflow is continued by a new execution.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/apireference/Welcome.html
 */
export function createStepFunctionsService(stepFunctions: StepFunctions): AwsService {
  /** The definition as text, with the ARN of the function in each Task. */
  const definitionText = (definition: unknown): string =>
    JSON.stringify(definition, (name, value: unknown) =>
      name === 'Resource' && isObject(value)
        ? stepFunctions.functionArn(functionKeyOf(value as unknown as TaskResource))
        : value,
    );

  const requireMachine = (given: string): StateMachine => {
    checkArn(given, 'stateMachine');
    const machine = stepFunctions.findMachine(given);
    if (machine === undefined) throw doesNotExist('StateMachineDoesNotExist', given);
    return machine;
  };
  const requireExecution = (given: string): Execution => {
    checkArn(given, 'execution');
    const execution = stepFunctions.findExecution(given);
    if (execution === undefined) throw doesNotExist('ExecutionDoesNotExist', given);
    return execution;
  };
  const requireMapRun = (given: string): MapRun => {
    checkArn(given, 'mapRun');
    const run = stepFunctions.findMapRun(given);
    if (run === undefined) throw resourceNotFound(given);
    return run;
  };

  const start = (machine: StateMachine, name: string | undefined, input: Payload): Execution => {
    const execution = stepFunctions.startOrJoin(machine, input, name);
    if (execution !== undefined) return execution;
    const taken = stepFunctions.findNamed(machine, name as string);
    throw awsError('ExecutionAlreadyExists', `Execution Already Exists: '${taken?.arn}'`);
  };

  const executionsToList = (stateMachineArn: string | undefined, mapRunArn: string | undefined) => {
    if (stateMachineArn !== undefined && mapRunArn === undefined) {
      return stepFunctions.executionsOf(requireMachine(stateMachineArn));
    }
    if (stateMachineArn === undefined && mapRunArn !== undefined) return requireMapRun(mapRunArn).children;
    throw invalid('Exactly one of stateMachineArn and mapRunArn must be given');
  };

  return createService(
    'states',
    { protocol: 'aws-json', targetPrefix: 'AWSStepFunctions' },
    validationRefusal('ValidationException'),
    {
      ListStateMachines: action(paged, (input) => {
        const sorted = stepFunctions.machines.toSorted((left, right) => (left.name < right.name ? -1 : 1));
        const { items, nextToken } = page(sorted, (machine) => machine.arn, input);
        return listed('stateMachines', items.map(machineItem), nextToken);
      }),

      DescribeStateMachine: action({ stateMachineArn: arn }, ({ stateMachineArn }) => {
        const machine = requireMachine(stateMachineArn);
        return {
          ...machineItem(machine),
          status: 'ACTIVE',
          definition: definitionText(machine.definition),
          roleArn: machine.roleArn,
          ...loggingAndTracing,
        };
      }),

      DescribeStateMachineForExecution: action({ executionArn: arn }, ({ executionArn }) => {
        const { machine, mapRun, stateMachineArn, definition } = requireExecution(executionArn);
        return {
          stateMachineArn,
          name: machine.name,
          definition: definitionText(definition),
          roleArn: machine.roleArn,
          updateDate: new Date(machine.createdAt),
          ...loggingAndTracing,
          ...(mapRun === undefined ? {} : { mapRunArn: mapRun.arn, label: mapRun.label }),
        };
      }),

      StartExecution: action(
        { stateMachineArn: arn, name: within(string, 1, 80), input: string, traceHeader: string },
        ({ stateMachineArn, name, input = '{}' }) => {
          const machine = requireMachine(stateMachineArn);
          if (name !== undefined) checkName(name);
          const execution = start(machine, name, parseInput(input));
          return { executionArn: execution.arn, startDate: new Date(execution.startedAt) };
        },
      ),

      DescribeExecution: action(
        { executionArn: arn, includedData: choice('ALL_DATA', 'METADATA_ONLY') },
        ({ executionArn, includedData }) => {
          const execution = requireExecution(executionArn);
          const { input, output } = execution;
          const hasData = includedData !== 'METADATA_ONLY';
          const { itemCount: _, ...item } = executionItem(execution) as Record<string, unknown>;
          return {
            ...item,
            ...(hasData ? { input: input.text } : {}),
            inputDetails: { included: hasData },
            ...(output === undefined
              ? {}
              : { ...(hasData ? { output: output.text } : {}), outputDetails: { included: hasData } }),
            ...defined({ error: execution.error, cause: execution.cause }),
            ...redriveOf(execution),
          };
        },
      ),

      ListExecutions: action(
        {
          ...paged,
          stateMachineArn: within(string, 1, 256),
          mapRunArn: within(string, 1, 2000),
          statusFilter: choice(...STATUSES),
          redriveFilter: choice('REDRIVEN', 'NOT_REDRIVEN'),
        },
        ({ stateMachineArn, mapRunArn, statusFilter, redriveFilter, ...paging }) => {
          const all = newestFirst(executionsToList(stateMachineArn, mapRunArn));
          const wanted = redriveFilter === 'REDRIVEN' ? [] : all.filter(hasStatus(statusFilter));
          const { items, nextToken } = page(wanted, (execution) => execution.arn, paging);
          return listed('executions', items.map(executionItem), nextToken);
        },
      ),

      GetExecutionHistory: action(
        { ...paged, executionArn: arn, reverseOrder: boolean, includeExecutionData: boolean },
        ({ executionArn, reverseOrder = false, includeExecutionData = true, ...paging }) => {
          const { history } = requireExecution(executionArn);
          const ids = Array.from({ length: history.length }, (_, index) => index + 1);
          const { items, nextToken } = page(reverseOrder ? ids.reverse() : ids, String, paging);
          return listed(
            'events',
            items.map((id) => history.event(id, includeExecutionData)),
            nextToken,
          );
        },
      ),

      StopExecution: action(
        { executionArn: arn, error: within(string, 0, 256), cause: within(string, 0, 32_768) },
        ({ executionArn, error, cause }) => {
          const execution = requireExecution(executionArn);
          stepFunctions.stop(execution, { error, cause });
          return stoppedAt(execution);
        },
      ),

      ListMapRuns: action({ ...paged, executionArn: arn }, ({ executionArn, ...paging }) => {
        const runs = newestFirst(stepFunctions.mapRunsOf(requireExecution(executionArn)));
        const { items, nextToken } = page(runs, (run) => run.arn, paging);
        return listed(
          'mapRuns',
          items.map((run) => ({
            executionArn: run.parent.arn,
            mapRunArn: run.arn,
            stateMachineArn: run.stateMachineArn,
            startDate: new Date(run.startedAt),
            ...stoppedAt(run),
          })),
          nextToken,
        );
      }),

      DescribeMapRun: action({ mapRunArn: longArn }, ({ mapRunArn }) => mapRunDescription(requireMapRun(mapRunArn))),

      UpdateMapRun: action(
        {
          mapRunArn: longArn,
          maxConcurrency: within(integer, 0),
          toleratedFailurePercentage: within(double, 0, 100),
          toleratedFailureCount: within(integer, 0),
        },
        ({ mapRunArn, ...changes }) => {
          const run = requireMapRun(mapRunArn);
          if (run.status !== 'RUNNING') throw invalid(`Map Run is ${run.status} and cannot be updated`);
          Object.assign(run, defined(changes));
          run.proceed();
          return {};
        },
      ),

      ListTagsForResource: action({ resourceArn: arn }, ({ resourceArn }) => {
        checkArn(resourceArn, 'stateMachine');
        if (stepFunctions.findMachine(resourceArn) === undefined) throw resourceNotFound(resourceArn);
        return { tags: [] };
      }),

      ValidateStateMachineDefinition: action(
        {
          definition: required(within(string, 1, 1_048_576)),
          type: choice('STANDARD', 'EXPRESS'),
          severity: choice('ERROR', 'WARNING'),
          maxResults: within(integer, 0, 100),
        },
        ({ definition, maxResults }) => {
          const diagnostics = diagnose(definition);
          const most = maxResults || DEFAULT_PAGE;
          return {
            result: diagnostics.length === 0 ? 'OK' : 'FAIL',
            diagnostics: diagnostics.slice(0, most),
            truncated: diagnostics.length > most,
          };
        },
      ),
    },
  );
}

const hasStatus = (status: (typeof STATUSES)[number] | undefined) => (execution: Execution) =>
  status === undefined || execution.status === (status satisfies ExecutionStatus | 'PENDING_REDRIVE');

function diagnose(text: string): Record<string, unknown>[] {
  try {
    return findFaults(JSON.parse(text)).map(({ message, location }) => ({
      severity: 'ERROR',
      code: 'SCHEMA_VALIDATION_FAILED',
      message,
      location,
    }));
  } catch (thrown) {
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    return [{ severity: 'ERROR', code: 'INVALID_JSON_DESCRIPTION', message }];
  }
}
