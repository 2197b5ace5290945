import { checkSubset } from '../../step-functions/definition/check-definition.ts';
import type { MachineSource } from '../../step-functions/definition/machine-source.ts';
import type { Execution } from '../../step-functions/executions/execution.ts';
import type { HistoryEvent } from '../../step-functions/executions/history.ts';
import { type Json, toPayload } from '../../step-functions/expressions/json.ts';
import { createStepFunctions, type StepFunctions } from '../../step-functions/state-machines.ts';
import type { SandboxClock } from '../../world/clock.ts';
import { createRandom } from '../../world/random.ts';
import { createVirtualClock, type VirtualClock } from '../../world/virtual-clock.ts';

/** The instant at which every test starts. */
export const STARTED_AT = Date.UTC(2026, 0, 1);

/** A Lambda function of a test. */
export type TestFunction = (payload: never, clock: SandboxClock) => unknown;

/** One call of a function, with the simulated seconds since the start. */
export interface Call {
  readonly functionKey: string;
  readonly payload: unknown;
  readonly atSeconds: number;
}

export interface World {
  readonly clock: VirtualClock;
  readonly stepFunctions: StepFunctions;
  readonly calls: Call[];
}

export interface Options {
  readonly input?: Json;
  readonly functions?: Readonly<Record<string, TestFunction>>;
  readonly seed?: number;
  /** Further machines, for the one under test to start. */
  readonly others?: readonly MachineSource[];
}

/** Create a world with one state machine named `machine`. */
export function createWorld(definition: unknown, { functions = {}, seed = 1, others = [] }: Options = {}): World {
  const clock = createVirtualClock(STARTED_AT);
  const calls: Call[] = [];
  const stepFunctions = createStepFunctions({
    definitions: [{ name: 'machine', definition }, ...others],
    // What states do is tested by hundreds of small definitions; the full check has tests of its own.
    check: checkSubset,
    clock,
    random: createRandom(seed),
    region: 'eu-west-1',
    accountId: '111122223333',
    invokeFunction: async (functionKey, payload) => {
      calls.push({ functionKey, payload, atSeconds: (clock.now() - STARTED_AT) / 1000 });
      const called = functions[functionKey];
      if (called === undefined) throw new Error(`the test has no function ${functionKey}`);
      return called(payload as never, clock);
    },
  });
  return { clock, stepFunctions, calls };
}

export interface Run extends World {
  readonly execution: Execution;
}

/** Start the machine of a world. */
export function start({ stepFunctions }: World, input: Json = {}, name = 'run'): Execution {
  const [machine] = stepFunctions.machines;
  if (machine === undefined) throw new Error('the world has no machine');
  return stepFunctions.start(machine, toPayload(input), name);
}

/** Run a machine to its end. */
export async function runMachine(definition: unknown, options: Options = {}): Promise<Run> {
  const world = createWorld(definition, options);
  const execution = start(world, options.input);
  await world.clock.runUntil(() => execution.status !== 'RUNNING', 400 * 86_400);
  return { ...world, execution };
}

/** Run states from the first one named, and return the output. */
export async function outputOf(states: Record<string, unknown>, options: Options = {}): Promise<unknown> {
  const { execution } = await runMachine({ StartAt: Object.keys(states)[0], States: states }, options);
  if (execution.status !== 'SUCCEEDED') throw new Error(`${execution.status} ${execution.error}: ${execution.cause}`);
  return execution.output?.value;
}

/** All events of an execution. */
export const eventsOf = ({ history }: Execution): HistoryEvent[] => history.all();

/** The types of an execution's events with the id that each follows, e.g. `TaskStateEntered<0`. */
export const outlineOf = (execution: Execution): string[] =>
  eventsOf(execution).map(({ type, previousEventId }) => `${type}<${previousEventId}`);

/** Seconds from the start to the end of an execution. */
export const durationOf = ({ startedAt, stoppedAt }: Execution): number =>
  ((stoppedAt ?? Number.NaN) - startedAt) / 1000;

/** A Task state that calls a function. */
export const task = (functionKey: string, fields: Record<string, unknown> = {}) => ({
  Type: 'Task',
  Resource: { 'Fn::GetAtt': [functionKey, 'Arn'] },
  ...('Next' in fields ? {} : { End: true }),
  ...fields,
});

/** Make an error with a name, as a Lambda function throws it. */
export const named = (name: string, message = `${name} happened`) => Object.assign(new Error(message), { name });
