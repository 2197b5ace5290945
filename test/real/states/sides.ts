import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  type DescribeExecutionOutput,
  SFNClient,
} from '@aws-sdk/client-sfn';
import { createRandom, createVirtualClock } from 'eks-sandbox/clock';
import { sdkRequestHandler } from 'eks-sandbox/server';
import { createAwsEndpoint, createStepFunctions, createStepFunctionsService } from 'eks-sandbox/step-functions';
import { parse } from 'yaml';
import { EMULATED_ACCOUNT } from '../harness/emulators.ts';

/** One implementation of Step Functions that has the state machine of machine.yaml. */
export interface StatesSide {
  readonly client: SFNClient;
  readonly machineArn: string;
  /** Let an execution come to its end. */
  ended(executionArn: string): Promise<DescribeExecutionOutput>;
}

const NAME = 'contract';
const REGION = 'eu-west-1';
const POLL_MS = 200;
const LONGEST_SECONDS = 60;
const credentials = { accessKeyId: 'AKIATESTER', secretAccessKey: 'irrelevant' };

export const DEFINITION: unknown = parse(readFileSync(join(import.meta.dirname, 'machine.yaml'), 'utf8'));

/** Start the sandbox's Step Functions, called directly and on a virtual clock. */
export async function startSandbox(): Promise<StatesSide> {
  const clock = createVirtualClock(Date.parse('2026-01-04T03:00:00Z'));
  const stepFunctions = createStepFunctions({
    definitions: [{ name: NAME, definition: DEFINITION }],
    clock,
    random: createRandom(1),
    region: REGION,
    accountId: EMULATED_ACCOUNT,
    invokeFunction: async (name) => {
      throw new Error(`the machine calls no function, and not ${name}`);
    },
  });
  const aws = createAwsEndpoint({ services: [createStepFunctionsService(stepFunctions)], clock, region: REGION });
  const requestHandler = sdkRequestHandler(aws) as never;
  const endpoint = 'http://aws.sandbox.invalid';
  const client = new SFNClient({ region: REGION, endpoint, credentials, requestHandler });
  return {
    client,
    machineArn: stepFunctions.machines[0]?.arn as string,
    async ended(executionArn) {
      await clock.runUntil(() => stepFunctions.findExecution(executionArn)?.status !== 'RUNNING', LONGEST_SECONDS);
      return client.send(new DescribeExecutionCommand({ executionArn }));
    },
  };
}

/** Make the state machine in MiniStack. */
export async function startMiniStack(endpoint: string): Promise<StatesSide> {
  const client = new SFNClient({ region: REGION, endpoint, credentials });
  const { stateMachineArn = '' } = await client.send(
    new CreateStateMachineCommand({
      name: NAME,
      definition: JSON.stringify(DEFINITION),
      roleArn: `arn:aws:iam::${EMULATED_ACCOUNT}:role/${NAME}`,
    }),
  );
  return {
    client,
    machineArn: stateMachineArn,
    async ended(executionArn) {
      const giveUpAt = performance.now() + LONGEST_SECONDS * 1000;
      for (;;) {
        const execution = await client.send(new DescribeExecutionCommand({ executionArn }));
        if (execution.status !== 'RUNNING') return execution;
        if (performance.now() > giveUpAt) throw new Error(`${executionArn} runs for more than ${LONGEST_SECONDS} s`);
        await sleep(POLL_MS);
      }
    },
  };
}
