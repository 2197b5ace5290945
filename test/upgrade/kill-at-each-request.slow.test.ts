import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { traces } from './faults/as-it-was.ts';
import { servingAtDrains, undrained, type WatchedWorld, watchedWorld } from './faults/watched-world.ts';
import { INPUT, NEW_AMI, world } from './run-upgrade.ts';
import { STRIKES, type Strike, type Striking, striking } from './strike.ts';

/*
 * Whichever request of a run goes wrong, the group ends upgraded, by this run or by the next with the same input, and
 * nothing is left behind. Every tenth request is struck, from another one on in each mode; KILL_FROM=0…9 begins elsewhere, and
 * KILL_EVERY=1 strikes each request of the run.
 */

const EVERY = Number(process.env.KILL_EVERY ?? 10);
const FROM = Number(process.env.KILL_FROM ?? 0);
const NODES = 12;
const TWELVE = { ...INPUT, updateConfig: { maxUnavailable: 3 } };
const MOST_RUNS = 3;
/** For the last instances to leave, and for the janitor to come by. */
const AFTERWARDS_SECONDS = 600;

type Mode = Strike | 'stopped';
const MODES: readonly Mode[] = [...STRIKES, 'stopped'];

const reference = () =>
  world({
    group: { desiredCapacity: NODES, minSize: 6, maxSize: NODES + 1 },
    workloads: [
      {
        kind: 'Deployment',
        name: 'api',
        namespace: 'shop',
        replicas: 24,
        spread: 'host',
        budget: { maxUnavailable: '25%' },
      },
      {
        kind: 'StatefulSet',
        name: 'db',
        namespace: 'shop',
        replicas: 6,
        antiAffinity: 'host',
        budget: { minAvailable: 4 },
      },
    ],
  });

async function strikingWorld(options: Striking): Promise<WatchedWorld> {
  const sandbox: WatchedWorld = await watchedWorld(
    reference(),
    striking(options, () => sandbox.clock),
  );
  return sandbox;
}

/** Number of requests of a run in which nothing goes wrong. */
async function countRequests(): Promise<number> {
  let requests = 0;
  const sandbox = await strikingWorld({ onRequest: (number) => (requests = number) });
  const ended = await sandbox.upgrade(TWELVE);
  assert.equal(ended.status, 'SUCCEEDED', ended.cause);
  return requests;
}

/** Run until it succeeds, with the same input each time. @returns how many runs it took, and how the last one ended */
async function runUntilUpgraded(mode: Mode, number: number) {
  let struck = '';
  let stop = () => {};
  const sandbox = await strikingWorld({
    ...(mode !== 'stopped' && { strike: mode }),
    number,
    onRequest: (each, what) => {
      if (each !== number) return;
      struck = what;
      if (mode === 'stopped') stop();
    },
  });
  const before = traces(sandbox);
  const serving = servingAtDrains(sandbox);
  for (let run = 1; ; run += 1) {
    const execution = sandbox.start(TWELVE);
    if (run === 1) stop = () => sandbox.stepFunctions.stop(execution, { cause: 'by an operator' });
    const ended = await sandbox.end(execution);
    if (ended.status === 'SUCCEEDED' || run === MOST_RUNS) return { sandbox, before, serving, struck, run, ended };
    // Started again at once, while functions of the stopped run still work; or later.
    if (number % 2 === 0) await sandbox.clock.advance(60);
  }
}

/** What is wrong after a request was struck; `undefined` when all is as it should be. */
async function whatIsWrong(mode: Mode, number: number): Promise<{ runs: number; wrong?: string }> {
  const { sandbox, before, serving, struck, run, ended } = await runUntilUpgraded(mode, number);
  const problems: string[] = [];
  const check = (what: string, work: () => void) => {
    try {
      work();
    } catch (problem) {
      problems.push(`${what}: ${(problem as Error).message}`);
    }
  };
  check('the run', () => assert.equal(ended.status, 'SUCCEEDED', `${ended.error} ${ended.cause}`));
  check('the nodes', () => assert.deepEqual(sandbox.amis(), Array(NODES).fill(NEW_AMI)));
  check('the request', () => assert.notEqual(struck, '', 'was never sent'));
  check('capacity', () => assert.ok(Math.min(...serving) >= NODES, `${serving}`));
  check('undrained', () => assert.deepEqual(undrained(sandbox), []));
  await sandbox.clock.advance(AFTERWARDS_SECONDS);
  check('left behind', () => assert.deepEqual(traces(sandbox), before));
  if (problems.length === 0) return { runs: run };
  return { runs: run, wrong: `${mode} at request ${number} (${struck}), run ${run}: ${problems.join('\n')}` };
}

describe('a run of twelve nodes of which one request goes wrong', () => {
  for (const [index, mode] of MODES.entries()) {
    it(`ends upgraded, with nothing left behind: ${mode}`, async () => {
      const requests = await countRequests();
      const wrong: string[] = [];
      const runs = new Map<number, number>();
      for (let number = 1 + ((FROM + index * 2) % EVERY); number <= requests; number += EVERY) {
        const end = await whatIsWrong(mode, number);
        runs.set(end.runs, (runs.get(end.runs) ?? 0) + 1);
        if (end.wrong !== undefined) wrong.push(end.wrong);
      }
      if (process.env.KILL_EVERY !== undefined)
        console.log(mode, 'of', requests, 'requests from', FROM, 'worlds by number of runs:', Object.fromEntries(runs));
      assert.deepEqual(wrong, [], wrong.join('\n\n'));
    });
  }
});
