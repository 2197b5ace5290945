import {
  DescribeExecutionCommand,
  GetExecutionHistoryCommand,
  ListExecutionsCommand,
  ListStateMachinesCommand,
  SFNClient,
  type SFNClientConfig,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import type { ExecutionFacts, HistoryEvent } from '../../report/read/history.ts';

/** One page of a list, and how to get the next one. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly nextToken?: string;
}

export interface StateMachine {
  readonly name: string;
  readonly stateMachineArn: string;
}

/** What the CLI asks of Step Functions. Failures are the SDK's; `scripts/aws-failure.ts` puts them into words. */
export interface StepFunctions {
  listStateMachines(nextToken?: string): Promise<Page<StateMachine>>;
  startExecution(start: { stateMachineArn: string; name: string; input: string }): Promise<{ executionArn: string }>;
  describeExecution(executionArn: string): Promise<ExecutionFacts>;
  /** Executions of a state machine, or the children of a Map Run; newest first. */
  listExecutions(
    of: { stateMachineArn: string } | { mapRunArn: string },
    nextToken?: string,
  ): Promise<Page<ExecutionFacts>>;
  getExecutionHistory(
    executionArn: string,
    options: { isNewestFirst: boolean; maxResults: number; nextToken?: string },
  ): Promise<Page<HistoryEvent>>;
}

const page = <T>(items: readonly T[] | undefined, nextToken: string | undefined): Page<T> => ({
  items: items ?? [],
  ...(nextToken === undefined ? {} : { nextToken }),
});

const withToken = (nextToken: string | undefined): { nextToken?: string } =>
  nextToken === undefined ? {} : { nextToken };

/** Step Functions through the AWS SDK. Region, endpoint and credentials come from where the SDK always takes them. */
export function createStepFunctions(config: SFNClientConfig): StepFunctions {
  const client = new SFNClient(config);
  return {
    async listStateMachines(nextToken) {
      const reply = await client.send(new ListStateMachinesCommand({ maxResults: 1000, ...withToken(nextToken) }));
      const machines = (reply.stateMachines ?? []).map(({ name = '', stateMachineArn = '' }) => ({
        name,
        stateMachineArn,
      }));
      return page(machines, reply.nextToken);
    },
    async startExecution(start) {
      const { executionArn = '' } = await client.send(new StartExecutionCommand(start));
      return { executionArn };
    },
    describeExecution: (executionArn) => client.send(new DescribeExecutionCommand({ executionArn })),
    async listExecutions(of, nextToken) {
      const reply = await client.send(new ListExecutionsCommand({ ...of, maxResults: 1000, ...withToken(nextToken) }));
      return page(reply.executions, reply.nextToken);
    },
    async getExecutionHistory(executionArn, { isNewestFirst, maxResults, nextToken }) {
      const reply = await client.send(
        new GetExecutionHistoryCommand({
          executionArn,
          reverseOrder: isNewestFirst,
          maxResults,
          includeExecutionData: true,
          ...withToken(nextToken),
        }),
      );
      return page(reply.events, reply.nextToken);
    },
  };
}
