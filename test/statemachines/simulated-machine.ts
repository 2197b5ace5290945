import { createRandom, createVirtualClock, type SandboxClock, type VirtualClock } from 'eks-sandbox/clock';
import {
  createStepFunctions,
  type Execution,
  type MachineSource,
  type StepFunctions,
  toPayload,
} from 'eks-sandbox/step-functions';

/** A Lambda function of a test. */
export type TestFunction = (payload: never, clock: SandboxClock) => unknown;

/** State machines on a virtual clock. */
export interface MachineWorld {
  readonly clock: VirtualClock;
  readonly stepFunctions: StepFunctions;
  /** Keys of the functions that were called, in order. */
  readonly calls: readonly string[];
}

/** Create a world with one state machine named `machine` whose Tasks call these functions, and others for it to start. */
export function createWorld(
  definition: unknown,
  { functions, others }: { functions: Readonly<Record<string, TestFunction>>; others: readonly MachineSource[] },
): MachineWorld {
  const clock = createVirtualClock(Date.UTC(2026, 0, 1));
  const calls: string[] = [];
  const stepFunctions = createStepFunctions({
    definitions: [{ name: 'machine', definition }, ...others],
    clock,
    random: createRandom(1),
    region: 'eu-west-1',
    accountId: '111122223333',
    invokeFunction: async (functionKey, payload) => {
      calls.push(functionKey);
      const called = functions[functionKey];
      if (called === undefined) throw new Error(`the test has no function ${functionKey}`);
      return called(payload as never, clock);
    },
  });
  return { clock, stepFunctions, calls };
}

/** Start the machine of a world with an empty input. */
export function start({ stepFunctions }: MachineWorld): Execution {
  const [machine] = stepFunctions.machines;
  if (machine === undefined) throw new Error('the world has no machine');
  return stepFunctions.start(machine, toPayload({}), 'run');
}
