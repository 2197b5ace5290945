import assert from 'node:assert/strict';
import type { Admission } from '../../../domain/admission/admit.ts';
import { capacityOf } from '../../../domain/admission/capacity.ts';
import { countByZone } from '../../../domain/nodegroup/nodegroup.ts';
import { decideScaleDown } from '../../../domain/nodegroup/scale-down.ts';
import { launchesToCover } from '../../../domain/plan/parallelism-and-surge.ts';
import type { WorkflowRun } from '../../../domain/state.ts';
import { createRandom, type Random } from '../../../sandbox/world/random.ts';
import { aRun } from '../builders.ts';
import { conduct, createSmallConductor, type Death, type SmallConductor } from './small-conductor.ts';
import { createSmallWorld, type SmallWorld } from './small-world.ts';

/*
 * One upgrade of a small group while things go wrong in it, drawn from a seed, with everything checked that must hold
 * whatever happens.
 */

/** How much goes wrong in a world. */
export interface Weather {
  /** Changes by others, losses, nodes that are NotReady for a while: how many. */
  readonly events: number;
  /** Share of takes in which the step dies. */
  readonly deaths: number;
  readonly mostNodes: number;
  readonly mostParallel: number;
  /** 1: all drains take as long. */
  readonly unlike: number;
}

/** How an upgrade of a random world ended. */
export interface Ended {
  readonly admission: Admission;
  readonly minutes: number;
  /** What happened, for the message of a failure. */
  readonly story: readonly string[];
}

const MOST_ROUNDS = 2_000;
/** Nothing is promised about what others do within the age of one answer. */
const FORESEEN_SECONDS = 120;
const pick = <Item>(random: Random, items: readonly Item[]): Item => items[random.integer(items.length)] as Item;

function drawRun(random: Random, zones: readonly string[], mostParallel: number): WorkflowRun {
  const updateStrategy = pick(random, ['DEFAULT', 'DEFAULT', 'MINIMAL'] as const);
  const parallelism = 1 + random.integer(Math.min(mostParallel, zones.length));
  const ids = zones.map((_, index) => `i-00${index}`);
  const surge = Math.max(parallelism, Math.min(zones.length, parallelism + random.integer(4)));
  return aRun({
    updateStrategy,
    parallelism,
    surge: updateStrategy === 'MINIMAL' ? 0 : surge,
    coversZones:
      random.integer(2) === 0 &&
      surge >= launchesToCover(countByZone(zones.map((zone) => ({ zone }))), [...new Set(zones)]),
    drainTimeoutSeconds: 300,
    originalSizes: { minSize: 0, maxSize: 9, desiredCapacity: zones.length },
    ...(random.integer(4) === 0 && { canary: { nodes: 1 + random.integer(2), bakeSeconds: 60 } }),
    ...(random.integer(4) === 0 && { nodes: ids.filter(() => random.integer(2) === 0).concat('i-000') }),
  });
}

const spreadOf = (world: SmallWorld, zones: readonly string[]): number => {
  const staying = world.instances().filter(({ lifecycle }) => !/^Terminat/.test(lifecycle));
  const counts = [...new Set(zones)].map((zone) => staying.filter((each) => each.zone === zone).length);
  return Math.max(...counts) - Math.min(...counts);
};

/** What may happen to a world. Each tells when something was lost or changed that no answer can show yet. */
function disturb(random: Random, world: SmallWorld, tell: (what: string, isLoss: boolean) => void): void {
  const instance = pick(random, world.instances());
  const { id } = instance;
  const kinds: [string, () => void][] = [
    [`${id} lost`, () => world.lose(id)],
    [
      `${id} NotReady for a while`,
      () => {
        world.setReady(id, false);
        world.plan(15 + random.integer(120), () => {
          world.setReady(id, true);
          tell(`${id} Ready again`, true);
        });
      },
    ],
    ['desired + 1', () => world.setDesired(world.sizes.desiredCapacity + 1)],
    ['desired - 1', () => world.setDesired(Math.max(1, world.sizes.minSize, world.sizes.desiredCapacity - 1))],
    ['minimum = desired', () => world.setMinimum(world.sizes.desiredCapacity)],
    ['an execution aborted', () => world.abort(pick(random, [...world.executions.keys(), 'none']))],
    [`the execution of ${id} dies before it terminates`, () => world.dying.add(id)],
    [`${id} stuck`, () => world.stuck.add(id)],
  ];
  const [what, happens] = pick(random, kinds);
  tell(what, true);
  happens();
}

/** Carry out an upgrade to its end, and check at every decision what must hold. @throws AssertionError */
export function upgradeRandomWorld(seed: number, weather: Weather): Ended {
  const random = createRandom(seed);
  const zoneNames = ['a', 'b', 'c'].slice(0, 1 + random.integer(3));
  const size = 1 + random.integer(weather.mostNodes);
  const zones = Array.from({ length: size }, (_, index) => zoneNames[index % zoneNames.length] as string);
  const run = drawRun(random, zones, weather.mostParallel);
  const usual = 10 + random.integer(60);
  const drainSeconds = (id: string) => usual + id.length * 37 * (id.charCodeAt(id.length - 1) % weather.unlike);
  const world = createSmallWorld({
    zones,
    drainSeconds,
    bootSeconds: 40 + random.integer(120),
    drainTimeoutSeconds: 300,
  });
  const conductor = createSmallConductor(world, run);
  const begun = Date.parse(world.at());
  const story: string[] = [];
  let lossAt = Number.NEGATIVE_INFINITY;
  const tell = (what: string, isLoss: boolean) => {
    story.push(`${(Date.parse(world.at()) - begun) / 1000} s: ${what}`);
    if (isLoss) lossAt = Date.parse(world.at());
  };
  for (let event = 0; event < weather.events; event += 1) {
    world.plan(random.integer(900), () => disturb(random, world, tell));
  }
  const isLossRecent = () => Date.parse(world.at()) - lossAt < FORESEEN_SECONDS * 1000;
  const say = (what: string) => `${what} (seed ${seed}; ${story.join('; ')})`;
  const stale = () => (weather.events === 0 ? 0 : random.integer(25));
  const deathOf = (): Death | undefined =>
    random.next() < weather.deaths ? pick(random, ['beforeRecord', 'afterRecord', 'afterEffect'] as const) : undefined;

  const checkTaken = () => {
    const accounts = conductor.accounts();
    const inHand = accounts.entries.filter(({ state }) => state === 'inHand').length;
    assert.ok(inHand <= run.parallelism, say(`${inHand} in hand of ${run.parallelism}`));
    assert.ok(accounts.surge >= 0, say(`the surge is ${accounts.surge}`));
    const surplus = accounts.entries.filter(({ kind }) => kind === 'surplus');
    if (story.length === 0 && run.nodes === undefined) {
      assert.deepEqual(surplus, [], say('a new node is drained although nothing happened'));
    }
    if (isLossRecent()) return;
    const { free, floor } = capacityOf(world.observe(), accounts, run);
    assert.ok(free >= floor, say(`${free} nodes are free, below the floor of ${floor}`));
  };

  conductor.open();
  if (run.surge > 0) conductor.raise(run.surge);
  let openedAt = Date.parse(world.at());
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    const admission = conduct(conductor, { deathOf, onTake: checkTaken });
    const isStepOver = admission === 'died' || admission.kind === 'moreSurge';
    if (!isStepOver && admission.kind === 'stop') return { admission, minutes: minutesSince(begun, world), story };
    if (!isStepOver && admission.kind === 'done' && isScaledDown(run, conductor, world)) {
      checkEnd(world, run, conductor, { zones, say, story });
      return { admission, minutes: minutesSince(begun, world), story };
    }
    world.pass(isStepOver ? 2 + random.integer(20) : 15);
    if (isStepOver || Date.parse(world.at()) - openedAt > 240_000) {
      if (!isStepOver) conductor.save();
      conductor.open(stale());
      openedAt = Date.parse(world.at());
    } else conductor.observe(stale());
  }
  throw new assert.AssertionError({ message: say(`no end after ${MOST_ROUNDS} rounds`) });
}

const minutesSince = (begun: number, world: SmallWorld): number => (Date.parse(world.at()) - begun) / 60_000;

function isScaledDown(run: WorkflowRun, conductor: SmallConductor, world: SmallWorld): boolean {
  const facts = {
    run,
    accounts: conductor.accounts(),
    seen: conductor.seen(),
    launchesTarget: true,
    maximumSurplus: 0,
  };
  const action = decideScaleDown({ ...facts, nowAt: world.at() });
  return action.kind === 'done';
}

function checkEnd(
  world: SmallWorld,
  run: WorkflowRun,
  conductor: SmallConductor,
  { zones, say, story }: { zones: readonly string[]; say: (what: string) => string; story: readonly string[] },
): void {
  const staying = world.instances().filter(({ lifecycle }) => !/^Terminat/.test(lifecycle));
  const outdated = staying.filter(({ id, isOutdated }) => isOutdated && (run.nodes?.includes(id) ?? true));
  assert.deepEqual(outdated, [], say('outdated nodes are left'));
  const { wish, surge } = conductor.accounts();
  assert.equal(surge, 0, say('surge is left'));
  const { desiredCapacity } = world.sizes;
  const foreign = story.filter((what) => /desired|minimum/.test(what));
  const rises = foreign.filter((what) => what.includes('+ 1')).length;
  const cuts = foreign.filter((what) => what.includes('- 1')).length;
  // A minimum that somebody sets to what is there keeps the surge for them.
  const most = foreign.some((what) => what.includes('minimum')) ? world.sizes.minSize : zones.length;
  assert.ok(desiredCapacity <= Math.max(most, zones.length) + rises, say(`desired is ${desiredCapacity}`));
  assert.ok(desiredCapacity >= zones.length - cuts, say(`desired is ${desiredCapacity}`));
  if (foreign.length === 0) assert.equal(wish, zones.length, say('the wish has changed although nobody changed it'));
  const spread = spreadOf(world, zones);
  // After a loss a replacement lands where there is room at that moment.
  assert.ok(spread <= (story.length === 0 ? 1 : 2), say(`zones differ by ${spread}`));
}
