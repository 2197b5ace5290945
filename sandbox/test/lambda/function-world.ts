import { EKSClient, ListClustersCommand } from '@aws-sdk/client-eks';
import { SFNClient } from '@aws-sdk/client-sfn';
import { createSandbox, type SandboxOptions, WORKFLOW_CREDENTIALS } from '../../sandbox.ts';
import { sdkRequestHandler } from '../../server/in-process.ts';
import type { Execution } from '../../step-functions/executions/execution.ts';
import { type Json, toPayload } from '../../step-functions/expressions/json.ts';
import { type ScenarioInput, scenarioSchema } from '../../world/scenario.ts';
import { createVirtualClock } from '../../world/virtual-clock.ts';
import { task } from '../step-functions/run-machine.ts';

/** What a function of a test may use. */
export interface TestFunctionWorld {
  readonly eks: EKSClient;
  readonly stepFunctions: SFNClient;
  readonly sleep: (seconds: number) => Promise<void>;
}

type TestFunction = (payload: never, world: TestFunctionWorld) => unknown;

export interface FunctionWorldOptions extends Pick<SandboxOptions, 'definitions' | 'functionKeys' | 'rules'> {
  readonly scenario?: Partial<ScenarioInput>;
  readonly functions?: Readonly<Record<string, TestFunction>>;
}

/** A function that asks for the clusters twice, and says how often it was answered. */
export const asksTwice =
  (answered: string[]) =>
  async (_: never, { eks }: TestFunctionWorld) => {
    for (const request of ['first', 'second']) {
      await eks.send(new ListClustersCommand({}));
      answered.push(request);
    }
    return 'done';
  };

/** Create a sandbox whose machine `work-machine` calls the function `work`, with functions that reach it by SDK clients. */
export function createFunctionWorld({ scenario = {}, functions = {}, ...options }: FunctionWorldOptions = {}) {
  const parsed = scenarioSchema.parse({ clusters: [{ name: 'shop', groups: [] }], ...scenario });
  const clock = createVirtualClock(Date.parse(parsed.startsAt));
  const startedAt = clock.now();
  const calls: { functionKey: string; payload: unknown; atSeconds: number }[] = [];
  const sandbox = createSandbox({
    definitions: [
      { name: 'work-machine', logicalId: 'Work', definition: { StartAt: 'Work', States: { Work: task('work') } } },
    ],
    ...options,
    scenario: parsed,
    clock,
    invokeFunction: async (functionKey, payload) => {
      calls.push({ functionKey, payload, atSeconds: (clock.now() - startedAt) / 1000 });
      return functions[functionKey]?.(payload as never, world);
    },
  });
  const config = {
    region: parsed.region,
    endpoint: 'http://aws.sandbox.invalid',
    credentials: WORKFLOW_CREDENTIALS,
    maxAttempts: 1,
    requestHandler: sdkRequestHandler(sandbox.aws) as never,
  };
  const world = { eks: new EKSClient(config), stepFunctions: new SFNClient(config), sleep: clock.sleep };
  const [machine] = sandbox.stepFunctions.machines;
  if (machine === undefined) throw new Error('the world has no machine');
  const start = (name = 'run', input: Json = {}): Execution =>
    sandbox.stepFunctions.start(machine, toPayload(input), name);
  return { ...world, sandbox, clock, calls, machine, start, elapsed: () => (clock.now() - startedAt) / 1000 };
}
