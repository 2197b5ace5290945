import type { SimulationCase } from './case.ts';
import { upgradeAgain } from './end/upgrade-again.ts';
import type { Invariant } from './invariants/invariant.ts';
import { INVARIANTS } from './invariants/invariants.ts';
import { executionsOf } from './ledger/executions.ts';
import type { BrokenInvariant, Outcome } from './outcome.ts';
import { seeRequests } from './seen-requests.ts';
import { tellStory } from './story.ts';
import { countStruck } from './struck.ts';
import { createSimulatedWorld, type SimulatedWorld } from './world.ts';

/** Simulated time that a run may take once it is healthy. */
const LONGEST_RUN_SECONDS = 6 * 3600;
/** For the last instances to leave, and for the janitor to come by. */
const AFTERWARDS_SECONDS = 900;
/** Real time of a whole case. */
const REAL_LIMIT_SECONDS = 120;

/** The invariant of the runner itself. */
export const ENDS = {
  name: 'ends',
  promise: 'Every run ends, and simulating it does too.',
} as const;

class Endless extends Error {}

/** Let a world take its course: the runs of the case, until it is healthy; then the same input again. */
async function takeCourse(world: SimulatedWorld, realDeadline: number): Promise<string | undefined> {
  const { clock, given, runs } = world;
  const isOver = () => runs.every(({ execution }) => execution.status !== 'RUNNING');
  const ended = async () => {
    const until = clock.now() + LONGEST_RUN_SECONDS * 1000;
    clock.after(LONGEST_RUN_SECONDS, () => {});
    await clock.runUntil(() => {
      if (performance.now() > realDeadline) throw new Endless('simulating it takes too long');
      return isOver() || clock.now() >= until;
    }, LONGEST_RUN_SECONDS + 1);
    if (isOver()) return;
    const running = runs
      .filter(({ execution }) => execution.status === 'RUNNING')
      .map(({ execution }) => execution.name);
    throw new Endless(`${running.join(', ')} had not ended after ${LONGEST_RUN_SECONDS} s without a fault`);
  };
  await clock.advance(Math.max(given.healthyAfterSeconds, ...given.runs.map(({ atSeconds }) => atSeconds)) + 1);
  await ended();
  await clock.advance(AFTERWARDS_SECONDS);
  const failure = await upgradeAgain(world, ended);
  await clock.advance(AFTERWARDS_SECONDS);
  return failure;
}

/** Give up when the clock does not move: no condition is checked then. */
async function withinRealTime<T>(work: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Endless('simulated time stands still')), (REAL_LIMIT_SECONDS + 5) * 1000);
  try {
    return await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** Run a case, and hold it against everything that must hold. */
export async function runCase(given: SimulationCase, invariants: readonly Invariant[] = INVARIANTS): Promise<Outcome> {
  const world = await createSimulatedWorld(given);
  const broken: BrokenInvariant[] = [];
  const breaks = (invariant: string) => (sentence: string) => {
    broken.push({ invariant, atSeconds: world.seconds(), sentence });
    world.say(`BROKEN ${invariant}: ${sentence}`);
  };
  let requests = 0;
  world.onFunctionRequest(() => {
    requests += 1;
  });
  tellStory(world);
  const seen = seeRequests(world);
  const endChecks = invariants.map(({ name, begin }) => begin(world, breaks(name)));
  try {
    const sentence = await withinRealTime(takeCourse(world, performance.now() + REAL_LIMIT_SECONDS * 1000));
    if (sentence !== undefined) breaks('upgrades again')(sentence);
    for (const check of endChecks) check?.();
  } catch (thrown) {
    if (!(thrown instanceof Endless)) throw thrown;
    breaks(ENDS.name)(thrown.message);
  }
  return {
    broken,
    runs: world.runs.map(({ execution: { name, status, error, cause } }) => ({ name, status, error, cause })),
    counts: {
      requests,
      events: executionsOf(world).reduce((sum, { history }) => sum + history.length, 0),
      seconds: world.seconds(),
      faults: countStruck(world, seen()),
    },
    story: world.story,
  };
}
