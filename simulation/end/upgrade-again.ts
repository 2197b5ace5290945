import type { CaseRun } from '../case.ts';
import type { SimulatedWorld } from '../world.ts';

/** How many runs with the same input may be needed once a world is healthy. */
const MOST_RUNS = 3;

/** Whether every node that the input names has left since, so that it names nothing any more. */
const isOverAlready = ({ region }: SimulatedWorld, { nodes }: CaseRun['input'], error: string | undefined): boolean =>
  error === 'InvalidInput' &&
  Array.isArray(nodes) &&
  nodes.every((name) => region.state.autoScaling.find(String(name)) === undefined);

/**
 * Start the first run's input again and again until it succeeds.
 *
 * @param ended lets time pass until an execution has ended
 * @returns a sentence when it did not
 */
export async function upgradeAgain(world: SimulatedWorld, ended: () => Promise<void>): Promise<string | undefined> {
  const [first] = world.runs;
  if (first === undefined) return 'no run was ever started';
  for (let run = 1; ; run += 1) {
    const execution = world.start({ machine: first.machine, input: first.input, name: `again-${run}` });
    await ended();
    if (execution.status === 'SUCCEEDED' || isOverAlready(world, first.input, execution.error)) return undefined;
    if (run === MOST_RUNS)
      return `run ${run} in a healthy world ended with ${execution.status} ${execution.error}: ${execution.cause}`;
  }
}
