import assert from 'node:assert/strict';
import { generateCase } from '../../simulation/generate/generate.ts';
import { MODES, type ReferenceName, referenceCase } from '../../simulation/generate/references.ts';
import { runCase } from '../../simulation/run-case.ts';
import { createSimulatedWorld } from '../../simulation/world.ts';

/** Every tenth is struck, from another one on in each landing; KILL_EVERY=1 strikes each, KILL_FROM=0…9 begins elsewhere. */
const EVERY = Number(process.env.KILL_EVERY ?? 10);
const FROM = Number(process.env.KILL_FROM ?? 0);

/** How many requests a reference upgrade sends while nothing happens to it. */
async function countRequests(name: ReferenceName): Promise<number> {
  const world = await createSimulatedWorld(referenceCase(name));
  let requests = 0;
  world.onFunctionRequest(({ number }) => {
    requests = number;
  });
  await world.clock.advance(2);
  await world.clock.runUntil(() => world.runs.every(({ execution }) => execution.status !== 'RUNNING'), 3600);
  return requests;
}

/** Seeds of the worlds in which some of the requests are struck, each in every way; the ways begin at different ones. */
const seedsOf = (requests: number): number[] =>
  Array.from({ length: MODES }, (_, mode) => {
    const numbers: number[] = [];
    for (let number = (FROM + mode * 3) % EVERY; number < requests; number += EVERY)
      numbers.push(number * MODES + mode);
    return numbers;
  }).flat();

/** Strike requests of a reference upgrade, and hold every world against everything that must hold. */
export async function assertSurvives(name: ReferenceName): Promise<void> {
  const requests = await countRequests(name);
  const seeds = seedsOf(requests);
  const broken: string[] = [];
  const runs = new Map<number, number>();
  for (const seed of seeds) {
    const outcome = await runCase(generateCase(seed, name));
    runs.set(outcome.runs.length, (runs.get(outcome.runs.length) ?? 0) + 1);
    for (const { invariant, sentence } of outcome.broken)
      broken.push(`npm run simulate -- --worlds 1 --profile ${name} --seed ${seed}: ${invariant}: ${sentence}`);
  }
  if (EVERY === 1) console.log(name, requests, 'requests, worlds by number of runs:', Object.fromEntries(runs));
  assert.ok(seeds.length > 0, 'the reference upgrade sends no request');
  assert.deepEqual(broken, [], broken.join('\n'));
}
