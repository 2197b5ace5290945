import { randomUuid } from '../step-functions/expressions/intrinsics.ts';
import type { InvokeFunction } from '../step-functions/interpreter/task.ts';
import type { SandboxClock } from '../world/clock.ts';
import type { Random } from '../world/random.ts';
import type { Fault } from '../world/scenario.ts';
import { createContainers, outsideContainers } from './container.ts';
import { notAwake } from './sleeping-function.ts';
import { callInTrouble, type Trouble } from './troubled-call.ts';

type Asleep = Extract<Fault, { kind: 'functionAsleep' }>;

/** What calling functions needs. */
export interface FunctionsOptions {
  readonly invokeFunction: InvokeFunction;
  readonly faults: readonly Fault[];
  readonly clock: SandboxClock;
  /** Of request ids. */
  readonly random: Random;
}

const isTrouble = (fault: Fault): fault is Trouble =>
  fault.kind === 'functionTimesOut' || fault.kind === 'functionCrashes' || fault.kind === 'functionFreezes';

/**
 * Call functions as Lambda does when a scenario makes calls time out, crash or freeze, or functions sleep.
 *
 * `fromSeconds` counts from this call. Of several faults that concern a call the first in the scenario takes effect.
 */
export function createFunctions({ invokeFunction, faults, clock, random }: FunctionsOptions): InvokeFunction {
  const startedAt = clock.now();
  const containers = createContainers();
  const troubles = faults.filter(isTrouble).map((fault) => ({ fault, calls: 0 }));
  const sleepers = faults.filter((fault): fault is Asleep => fault.kind === 'functionAsleep');
  const wakesAt = new Map<string, number>();

  const isDue = ({ fromSeconds }: { fromSeconds: number }) => clock.now() >= startedAt + fromSeconds * 1000;

  const asleep = (functionKey: string): Asleep | undefined =>
    sleepers.find((fault, index) => {
      if ((fault.function ?? functionKey) !== functionKey || !isDue(fault)) return false;
      const key = `${index} ${functionKey}`;
      const awakeAt = wakesAt.get(key) ?? clock.now() + fault.wakesAfterSeconds * 1000;
      wakesAt.set(key, awakeAt);
      return clock.now() < awakeAt;
    });

  /** Count the call for every fault of the function, and find the one that strikes. */
  const troubleOf = (functionKey: string): Trouble | undefined => {
    const counted = troubles.filter(({ fault }) => fault.function === functionKey && isDue(fault));
    for (const each of counted) each.calls += 1;
    return counted.find(({ fault, calls }) => calls >= fault.fromCall && calls < fault.fromCall + fault.times)?.fault;
  };

  const call: InvokeFunction = async (functionKey, payload) => {
    const sleeper = asleep(functionKey);
    if (sleeper !== undefined) throw notAwake(sleeper.error, randomUuid(random));
    const trouble = troubleOf(functionKey);
    const work = () => invokeFunction(functionKey, payload);
    if (trouble === undefined) return work();
    return callInTrouble(trouble, { clock, containers, requestId: randomUuid(random) }, work);
  };
  const isCalm = troubles.length === 0 && sleepers.length === 0;
  return (functionKey, payload) => outsideContainers(() => (isCalm ? invokeFunction : call)(functionKey, payload));
}
