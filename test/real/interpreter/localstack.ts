import { setTimeout as sleep } from 'node:timers/promises';
import {
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  type DescribeExecutionOutput,
  GetExecutionHistoryCommand,
  type HistoryEvent,
  SFNClient,
  StartExecutionCommand,
  UpdateStateMachineCommand,
} from '@aws-sdk/client-sfn';
import { EMULATED_ACCOUNT } from '../harness/emulators.ts';
import type { Recording } from './recorded.ts';

const REGION = 'eu-west-1';
const POLL_MS = 50;
const LONGEST_SECONDS = 60;

/** How an execution went. */
export interface Replayed {
  readonly described: DescribeExecutionOutput;
  readonly events: readonly HistoryEvent[];
}

/** Step Functions by others, at an endpoint. */
export function createInterpreter(endpoint: string) {
  // LocalStack reads the account from the key.
  const credentials = { accessKeyId: EMULATED_ACCOUNT, secretAccessKey: 'irrelevant' };
  const client = new SFNClient({ region: REGION, endpoint, credentials });
  const machineArn = (name: string) => `arn:aws:states:${REGION}:${EMULATED_ACCOUNT}:stateMachine:${name}`;
  const known = new Set<string>();

  const describe = (executionArn: string) => client.send(new DescribeExecutionCommand({ executionArn }));

  return {
    /** Give the state machines the definitions of a recording. */
    async define({ machines }: Recording): Promise<void> {
      for (const { name, definition } of machines) {
        const text = JSON.stringify(definition);
        if (known.has(name)) {
          await client.send(new UpdateStateMachineCommand({ stateMachineArn: machineArn(name), definition: text }));
          continue;
        }
        const roleArn = `arn:aws:iam::${EMULATED_ACCOUNT}:role/${name}`;
        await client.send(new CreateStateMachineCommand({ name, definition: text, roleArn }));
        known.add(name);
      }
    },
    /** Start an execution and wait until it has ended. @throws Error after a minute */
    async run(machineName: string, name: string, input: string): Promise<void> {
      const command = new StartExecutionCommand({ stateMachineArn: machineArn(machineName), name, input });
      const { executionArn = '' } = await client.send(command);
      const givenUpAt = performance.now() + LONGEST_SECONDS * 1000;
      while ((await describe(executionArn)).status === 'RUNNING') {
        if (performance.now() > givenUpAt) throw new Error(`${executionArn} runs for more than ${LONGEST_SECONDS} s`);
        await sleep(POLL_MS);
      }
    },
    /** @throws Error named `ExecutionDoesNotExist` */
    async replayed(executionArn: string): Promise<Replayed> {
      const described = await describe(executionArn);
      const { events = [] } = await client.send(new GetExecutionHistoryCommand({ executionArn, maxResults: 1000 }));
      return { described, events };
    },
  };
}
