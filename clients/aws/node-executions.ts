import {
  DescribeExecutionCommand,
  paginateListExecutions,
  SFNClient,
  type SFNClientConfig,
  StartExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import { omitUndefined } from '../../domain/omit-undefined.ts';
import type { NodeExecutions } from '../ports.ts';
import { absentWhen, callAws, callAwsForPages } from './call-aws.ts';
import { requireMember } from './whole-answer.ts';

/** The most that Step Functions puts on a page. */
const MAX_PAGE_SIZE = 1000;
const noSuchExecution = absentWhen(/^ExecutionDoesNotExist$/);

/** `arn:…:stateMachine:NAME` and a name make `arn:…:execution:NAME:EXECUTION`. */
const executionArnOf = (stateMachineArn: string, name: string) =>
  `${stateMachineArn.replace(':stateMachine:', ':execution:')}:${name}`;

/**
 * Reach the executions of one state machine by their names, through the SDK.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html
 */
export function createNodeExecutions(client: SFNClient, stateMachineArn: string): NodeExecutions {
  const arnOf = (name: string) => executionArnOf(stateMachineArn, name);
  return {
    async start(name, input) {
      const command = new StartExecutionCommand({ stateMachineArn, name, input });
      return callAws(
        'states:StartExecution',
        async (action) => {
          requireMember(action, (await client.send(command)).executionArn);
          return 'started' as const;
        },
        ({ code }) => (code === 'ExecutionAlreadyExists' ? { answer: 'taken' as const } : undefined),
      );
    },

    async describe(name) {
      const command = new DescribeExecutionCommand({ executionArn: arnOf(name) });
      const found = await callAws('states:DescribeExecution', () => client.send(command), noSuchExecution);
      if (found === undefined) return undefined;
      const { input, output, error, cause, startDate, stopDate } = found;
      return omitUndefined({
        status: requireMember('states:DescribeExecution', found.status),
        input,
        output,
        error,
        cause,
        startedAt: startDate?.toISOString() ?? '',
        stoppedAt: stopDate?.toISOString(),
      });
    },

    async listRunning() {
      const request = { stateMachineArn, statusFilter: 'RUNNING' as const };
      return callAwsForPages(
        'states:ListExecutions',
        paginateListExecutions({ client, pageSize: MAX_PAGE_SIZE }, request),
        ({ executions }) => executions?.map(({ name = '' }) => name),
      );
    },

    async stop(name, { error, cause }) {
      const command = new StopExecutionCommand({ executionArn: arnOf(name), error, cause });
      await callAws('states:StopExecution', () => client.send(command), noSuchExecution);
    },
  };
}

/** @throws Error when the ARN is missing, which only a function that was deployed without it can cause */
export function connectNodeExecutions(config: SFNClientConfig, stateMachineArn: string | undefined): NodeExecutions {
  if (stateMachineArn === undefined || stateMachineArn === '') {
    throw new Error(
      'UPGRADE_NODE_STATE_MACHINE_ARN is not set: name the state machine that upgrades one node in the environment of this function',
    );
  }
  return createNodeExecutions(new SFNClient(config), stateMachineArn);
}
