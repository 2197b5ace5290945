import assert from 'node:assert/strict';
import { openAccounts, settle } from '../../../domain/admission/accounts.ts';
import { capacityOf } from '../../../domain/admission/capacity.ts';
import { nodeExecutionName } from '../../../domain/admission/entry.ts';
import type { WorkflowRun } from '../../../domain/state.ts';
import { aRun } from '../builders.ts';
import { conduct, createSmallConductor, type SmallConductor } from './small-conductor.ts';
import { createSmallWorld, GROUP, type SmallWorld, type SmallWorldOptions } from './small-world.ts';

/*
 * The schedules that broke a looser reading of the design, each with its number, as tests. Here are those of the accounts and
 * of admission: 1-3, 5-9, 11-13, 15-19, 22, 29, 36. The others:
 *
 *  4, 10, 14, 24-28   schedules-of-executions.test.ts; 24 also test/cli/steering.test.ts, 25 also licence.test.ts
 *  6, 12, 14          also accounts.test.ts
 * 20                  test/domain/drain/returns.test.ts: uids of the first list
 * 21, 23, 30, 31, 34  test/operations/admission/schedules.test.ts; 12 and 27 there too
 * 32, 33              schedules-of-names-and-steps.test.ts
 * 37                  test/operations/clean-up/janitor.slow.test.ts
 * 42                  record-text.test.ts
 * 35, 40, 41          need a whole upgrade: test/cli, test/report, test/upgrade
 *
 * What holds for all of them together is in random-worlds.test.ts.
 */

interface Story {
  readonly world: SmallWorld;
  readonly conductor: SmallConductor;
  readonly run: WorkflowRun;
}

/** A group whose surge has booted, and its conductor. */
function begin(overrides: Partial<WorkflowRun> = {}, options: Partial<SmallWorldOptions> = {}): Story {
  const { zones = ['a', 'b', 'c'] } = options;
  const desiredCapacity = zones.length;
  const run = aRun({
    surge: 3,
    coversZones: false,
    originalSizes: { minSize: options.minSize ?? 0, maxSize: 99, desiredCapacity },
    ...overrides,
  });
  const world = createSmallWorld({ ...options, zones });
  const conductor = createSmallConductor(world, run);
  conductor.open();
  if (run.surge > 0) conductor.raise(run.surge);
  world.pass(130);
  conductor.observe();
  return { world, conductor, run };
}

const inHand = ({ conductor }: Story) =>
  conductor.accounts().entries.flatMap(({ state, instanceId }) => (state === 'inHand' ? [instanceId] : []));

/** Rounds of the conductor until it says something, or has waited for so long. */
function until(story: Story, isOver: (admission: ReturnType<typeof conduct>) => boolean, seconds = 7_200) {
  const { world, conductor } = story;
  const end = Date.parse(world.at()) + seconds * 1000;
  let admission = conduct(conductor);
  while (!isOver(admission) && Date.parse(world.at()) < end) {
    world.pass(15);
    conductor.observe();
    admission = conduct(conductor);
  }
  return admission;
}

const isEnd = (admission: ReturnType<typeof conduct>) =>
  admission !== 'died' && (admission.kind === 'done' || admission.kind === 'stop');
const kindOf = (admission: ReturnType<typeof conduct>) => (admission === 'died' ? 'died' : admission.kind);
const toTheEnd = (story: Story) => kindOf(until(story, isEnd));
const wait = (story: Story, seconds: number) => until(story, () => false, seconds);
const oldOnes = ({ world }: Story) =>
  world.instances().filter(({ isOutdated, lifecycle }) => isOutdated && lifecycle !== 'Terminating');

describe('schedules: the surge and the sizes', () => {
  it('#1 a node of the surge that was given to a decrement stays given when its entry is dropped: no new node is drained', () => {
    const story = begin({ surge: 1 }, { zones: ['a'] });
    assert.equal(toTheEnd(story), 'done');
    wait(story, 600);
    assert.deepEqual(story.conductor.accounts().entries, []);
    assert.deepEqual(
      [story.conductor.accounts().surge, story.world.executions.size, story.world.sizes.desiredCapacity],
      [0, 1, 1],
    );
  });

  for (const [title, isMidRun] of [
    ['at the start', false],
    ['in mid-run', true],
  ] as const) {
    it(`#2 surge is counted when an answer shows it, and an older answer is nobody's cut: ${title}`, () => {
      const story = begin();
      const { world, conductor } = story;
      if (isMidRun) conduct(conductor);
      const before = conductor.accounts().surge;
      world.pass(60);
      conductor.observe();
      conductor.raise(before + 2);
      for (let round = 0; round < 5; round += 1) {
        world.pass(5);
        conductor.observe(30);
        assert.deepEqual([conductor.accounts().surge, conductor.accounts().wish], [before, 3]);
      }
      world.pass(30);
      conductor.observe();
      assert.deepEqual([conductor.accounts().surge, conductor.accounts().wish], [before + 2, 3]);
    });
  }

  it('#3 a decrement whose instance somebody else killed comes back once: desired ends as it was', () => {
    const story = begin({ surge: 1 }, { zones: ['a'] });
    conduct(story.conductor);
    assert.deepEqual([inHand(story), story.conductor.accounts().surge], [['i-000'], 0]);
    story.world.lose('i-000');
    wait(story, 300);
    assert.equal(toTheEnd(story), 'done');
    assert.deepEqual([story.world.sizes.desiredCapacity, story.conductor.accounts().surge], [1, 0]);
    const surplus = [...story.world.executions.keys()].filter((name) => !name.includes('i-000'));
    assert.equal(surplus.length, 1, 'the node that is one too many leaves, once');
  });

  for (const [death, started] of [
    ['beforeRecord', 0],
    ['afterRecord', 0],
    ['afterEffect', 1],
  ] as const) {
    it(`#5 a step that dies ${death} leaves accounts on the safe side, and the next step starts what is written`, () => {
      const story = begin();
      conduct(story.conductor, { deathOf: () => death });
      assert.equal(story.world.executions.size, started);
      story.conductor.open();
      conduct(story.conductor);
      assert.equal(story.world.executions.size, 1);
      assert.equal(inHand(story).length, 1);
      assert.equal(toTheEnd(story), 'done');
      assert.equal(story.world.sizes.desiredCapacity, 3);
    });
  }

  it('#6 an admission is not overwritten by numbers from an observation that was begun before it', () => {
    const { world, conductor, run } = begin();
    const before = world.observe();
    conduct(conductor);
    const folded = settle(conductor.accounts(), before, GROUP);
    assert.deepEqual(folded.entries, conductor.accounts().entries);
    assert.equal(folded.surge, conductor.accounts().surge);
    assert.equal(capacityOf(before, folded, run).free, 5);
  });

  it('#11 an outdated node that appears when the surge is spent gets surge of its own, and is upgraded', () => {
    const story = begin();
    assert.equal(toTheEnd(story), 'done');
    story.world.makeOutdated('i-f0');
    story.conductor.observe();
    const asked = until(story, (admission) => kindOf(admission) === 'moreSurge', 300);
    assert.equal(kindOf(asked), 'moreSurge');
    assert.equal(toTheEnd(story), 'done');
    assert.deepEqual([oldOnes(story), story.world.sizes.desiredCapacity], [[], 3]);
  });

  for (const death of ['afterRecord', 'afterEffect'] as const) {
    it(`#12 a raise that is repeated after it died ${death} adds nothing twice: the desired capacity is absolute`, () => {
      const { world, conductor } = begin({ surge: 0 });
      conductor.raise(2, { death });
      for (let attempt = 0; attempt < 3; attempt += 1) {
        world.pass(10);
        conductor.open();
        conductor.raise(2);
      }
      assert.equal(world.sizes.desiredCapacity, 5);
      world.pass(60);
      conductor.observe();
      assert.deepEqual([conductor.accounts().surge, conductor.accounts().wish], [2, 3]);
    });
  }

  it('#12 a raise that somebody has overtaken is counted as far as it came, and does not undo their change', () => {
    const { world, conductor } = begin({ surge: 0 });
    conductor.raise(4);
    world.setDesired(5);
    world.pass(120);
    conductor.observe();
    assert.deepEqual(
      [conductor.accounts().surge, conductor.accounts().memory.missingSurge, conductor.accounts().wish],
      [2, 2, 3],
    );
  });

  it('#15 when somebody takes idle nodes the floor stays at what was wished and at MinSize, and nothing is taken below', () => {
    const story = begin({ parallelism: 2 }, { zones: ['a', 'b', 'c', 'a', 'b', 'c'], minSize: 5 });
    story.world.setDesired(6);
    story.conductor.observe();
    for (let round = 0; round < 40; round += 1) {
      const { free, floor } = capacityOf(story.world.observe(), story.conductor.accounts(), story.run);
      assert.ok(free >= Math.min(floor, 5), `${free} free, floor ${floor}`);
      wait(story, 15);
    }
    assert.equal(toTheEnd(story), 'done');
    assert.ok(story.world.sizes.desiredCapacity >= 5);
  });

  it('#16 members beyond the desired capacity are about to go, and are no capacity', () => {
    const { world, conductor, run } = begin();
    const seen = { ...world.observe(), sizes: { ...world.sizes, desiredCapacity: 4 } };
    assert.equal(capacityOf(seen, conductor.accounts(), run).free, 4);
    assert.equal(capacityOf(world.observe(), conductor.accounts(), run).free, 6);
  });

  it('#17 what is left of the surge leaves drained and with a decrement: desired is never simply lowered', () => {
    const story = begin();
    for (const { id } of oldOnes(story)) story.world.lose(id);
    story.conductor.observe();
    const lowered: number[] = [];
    const { setDesired } = story.world;
    story.world.setDesired = (desired) => {
      lowered.push(desired);
      setDesired(desired);
    };
    assert.equal(toTheEnd(story), 'done');
    assert.deepEqual([lowered, story.world.sizes.desiredCapacity], [[], 3]);
    assert.ok([...story.world.executions.values()].every(({ output }) => output?.includes('"decrement":"yes"')));
  });

  it('#18 zones end as balanced as they were, whatever the order, and no new node is drained for it', () => {
    const zones = Array.from({ length: 12 }, (_, index) => ['a', 'b', 'c'][index % 3] as string);
    for (let order = 0; order < 25; order += 1) {
      const story = begin(
        { parallelism: 3, surge: 6, executionArn: `arn:aws:states:eu-west-1:1:execution:m:${order}` },
        { zones },
      );
      assert.equal(toTheEnd(story), 'done');
      const staying = story.world.instances().filter(({ lifecycle }) => lifecycle !== 'Terminating');
      assert.deepEqual(
        ['a', 'b', 'c'].map((zone) => staying.filter((each) => each.zone === zone).length),
        [4, 4, 4],
      );
      assert.equal(story.world.executions.size, 12);
    }
  });
});

describe('schedules: what others do', () => {
  it('#13 nodes of a zone that blips for a minute are not taken beyond what capacity allows', () => {
    const story = begin({ parallelism: 3 }, { zones: ['a', 'a', 'a', 'b', 'b', 'b'] });
    const { world, conductor } = story;
    world.setDesired(6);
    wait(story, 100);
    const zoneA = world.instances().filter(({ zone }) => zone === 'a');
    const taken = inHand(story).length;
    for (const { id } of zoneA) world.setReady(id, false);
    wait(story, 60);
    assert.ok(inHand(story).length <= taken, 'nothing is taken while it lasts');
    for (const { id } of zoneA) world.setReady(id, true);
    conductor.observe();
    assert.equal(toTheEnd(story), 'done');
  });

  it('#13 a node that has been NotReady for 5 minutes may go when free nodes are short, unless its zone is ill', () => {
    const story = begin({ surge: 0, updateStrategy: 'MINIMAL' }, { zones: ['a', 'a', 'a', 'a'] });
    story.world.setReady('i-002', false);
    story.conductor.observe();
    conduct(story.conductor);
    assert.deepEqual(inHand(story), [], 'it may come back');
    wait(story, 330);
    assert.deepEqual(inHand(story), ['i-002']);
  });

  it('#29 a cut by somebody else is believed although decrements are under way', () => {
    const story = begin({ parallelism: 2, surge: 2 }, { zones: ['a', 'a', 'a', 'a', 'a', 'a'] });
    wait(story, 30);
    story.world.setDesired(story.world.sizes.desiredCapacity - 3);
    assert.equal(toTheEnd(story), 'done');
    wait(story, 400);
    const { wish } = story.conductor.accounts();
    assert.equal(story.world.sizes.desiredCapacity, wish);
    assert.ok(wish >= 3 && wish < 6, `wish ${wish}`);
  });

  it('#29 a cut that removed no instance took back our surge, which is raised again', () => {
    const story = begin({ surge: 0 });
    story.world.setLaunches(false);
    story.conductor.raise(2);
    story.world.pass(20);
    story.conductor.observe();
    assert.equal(story.conductor.accounts().surge, 2);
    story.world.setDesired(3);
    for (let round = 0; round < 4; round += 1) {
      story.world.pass(15);
      story.conductor.observe();
    }
    const { wish, surge, memory } = story.conductor.accounts();
    assert.deepEqual([wish, surge, memory.missingSurge], [3, 0, 2]);
    story.world.setLaunches(true);
    assert.equal(kindOf(conduct(story.conductor)), 'moreSurge');
    assert.equal(toTheEnd(story), 'done');
    assert.equal(story.world.sizes.desiredCapacity, 3);
  });

  for (const [title, seconds, members, wish] of [
    ['is not judged while all instances are there: Auto Scaling has not picked its victims', 90, 6, 3],
    ['is judged when its victims are gone, and is the owner’s wish', 90, 4, 1],
    ['is judged after 5 minutes in any case', 330, 6, 1],
  ] as const) {
    it(`#29 a cut ${title}`, () => {
      const { world, conductor } = begin();
      let accounts = conductor.accounts();
      for (let passed = 0; passed < seconds; passed += 30) {
        world.pass(30);
        const seen = world.observe();
        const sizes = { ...seen.sizes, desiredCapacity: 4 };
        accounts = settle(accounts, { ...seen, sizes, members: seen.members.slice(0, members) }, GROUP);
      }
      assert.equal(accounts.wish, wish);
    });
  }

  it('#36 a run that can take no node for too long ends, and names the rule', () => {
    const story = begin({ surge: 0, updateStrategy: 'MINIMAL' }, { zones: ['a', 'a'] });
    for (const { id } of story.world.instances()) story.world.setReady(id, false);
    story.conductor.observe();
    const end = until(story, isEnd);
    assert.ok(end !== 'died' && end.kind === 'stop');
    assert.equal(end.error, 'NotConverging');
    assert.match(end.cause, /no node could be taken for \d+ s: .*not Ready/);
  });

  it('#36 surge that somebody takes away again and again ends the run, saying so', () => {
    const story = begin({ surge: 0 });
    story.world.setLaunches(false);
    let end: ReturnType<typeof conduct> = 'died';
    for (let round = 0; round < 60 && !isEnd(end); round += 1) {
      end = conduct(story.conductor);
      if (kindOf(end) === 'moreSurge') {
        story.world.pass(15);
        story.conductor.observe();
        story.world.setDesired(3);
      }
      story.world.pass(20);
      story.conductor.observe();
    }
    assert.ok(end !== 'died' && end.kind === 'stop' && end.error === 'NotConverging');
    assert.match(end.cause, /somebody else lowers the desired capacity/);
  });
});

describe('schedules: blocked nodes, and what waits', () => {
  it('#7 a blocked node is capacity again, is tried once more after all others, and its place is not lost', () => {
    const story = begin({ drainTimeoutSeconds: 300 }, { drainTimeoutSeconds: 300 });
    const { world, conductor, run } = story;
    world.stuck.add('i-000');
    const parked = () => conductor.accounts().parked.map(({ instanceId }) => instanceId);
    until(story, () => parked().length > 0);
    assert.deepEqual(parked(), ['i-000']);
    const { free, ready } = capacityOf(world.observe(), conductor.accounts(), run);
    assert.equal(free + inHand(story).length, ready, 'it counts');
    until(story, () => oldOnes(story).length === 1);
    world.stuck.clear();
    assert.equal(toTheEnd(story), 'done');
    assert.deepEqual([world.sizes.desiredCapacity, parked()], [3, []]);
  });

  it('#7 a node that stays blocked ends the run when nothing else is left', () => {
    const story = begin({ drainTimeoutSeconds: 300 }, { drainTimeoutSeconds: 300 });
    story.world.stuck.add('i-000');
    const end = until(story, isEnd);
    assert.ok(end !== 'died' && end.kind === 'stop' && end.error === 'PodEvictionFailure');
    assert.deepEqual(
      oldOnes(story).map(({ id }) => id),
      ['i-000'],
    );
    assert.equal(story.world.executions.size, 4, 'three nodes, and a second try');
  });

  it('#8 until a blocked node is recorded as parked it counts as in hand, also when the step dies after reopening it', () => {
    const story = begin({ drainTimeoutSeconds: 300 }, { drainTimeoutSeconds: 300, zones: ['a'] });
    const { world, conductor, run } = story;
    world.stuck.add('i-000');
    conduct(conductor);
    conductor.save();
    world.pass(310);
    world.reopen('i-000');
    conductor.open();
    assert.deepEqual(inHand(story), ['i-000']);
    assert.equal(capacityOf(conductor.seen(), conductor.accounts(), run).free, 3);
    wait(story, 150);
    assert.equal(conductor.accounts().parked[0]?.tries, 1);
  });

  it('#9 a takeover keeps what is in hand: it counts, and is not taken again', () => {
    const story = begin({ parallelism: 2 });
    conduct(story.conductor);
    const before = inHand(story);
    const run = { ...story.run, executionArn: `${story.run.executionArn}-again` };
    const next = createSmallConductor(story.world, run);
    next.open();
    conduct(next);
    const adopted = { ...story, run, conductor: next };
    assert.deepEqual(inHand(adopted), before);
    assert.equal(story.world.executions.size, 2);
    assert.equal(next.accounts().surge, story.conductor.accounts().surge);
    assert.equal(toTheEnd(adopted), 'done');
    assert.equal(story.world.sizes.desiredCapacity, 3);
  });

  it('#9 sizes that somebody changed between two runs are the owner’s wish, of which no surge is given back', () => {
    const { world, conductor, run } = begin();
    world.setDesired(4);
    const again = { ...run, executionArn: `${run.executionArn}-again` };
    const opened = openAccounts(again, conductor.accounts(), world.observe());
    assert.deepEqual([opened.wish, opened.surge], [4, 0]);
  });

  it('#9 what an earlier run has sent away is being replaced: the floor of the next one is no lower for it', () => {
    const { world, conductor, run } = begin();
    const again = { ...run, executionArn: `${run.executionArn}-again` };
    const seen = world.observe();
    const fewer = { ...seen, members: seen.members.slice(0, 1) };
    const { readyAtStart } = conductor.accounts().memory;
    assert.equal(openAccounts(again, conductor.accounts(), fewer).memory.readyAtStart, readyAtStart);
    const shrunk = { ...fewer, sizes: { ...seen.sizes, desiredCapacity: 1 } };
    assert.equal(openAccounts(again, conductor.accounts(), shrunk).memory.readyAtStart, 1, 'of a smaller group');
  });

  it('#23 without a record what exceeds the original size is our surge, as much as the run may add', () => {
    const { world, run } = begin();
    assert.deepEqual([world.sizes.desiredCapacity, openAccounts(run, undefined, world.observe()).surge], [6, 3]);
    world.setDesired(8);
    const opened = openAccounts(run, undefined, world.observe());
    assert.deepEqual([opened.wish, opened.surge], [3, 3], 'the rest is a rise by others, which two answers will tell');
  });

  it('#19 a budget that allows nothing by itself makes no node wait for others: blocked nodes show early', () => {
    const story = begin(
      { parallelism: 3, drainTimeoutSeconds: 300 },
      { drainTimeoutSeconds: 300, zones: ['a', 'b', 'c', 'a', 'b', 'c'] },
    );
    for (const { id } of oldOnes(story)) story.world.stuck.add(id);
    const begun = Date.parse(story.world.at());
    const end = until(story, isEnd);
    assert.ok(end !== 'died' && end.kind === 'stop' && end.error === 'PodEvictionFailure');
    const minutes = (Date.parse(story.world.at()) - begun) / 60_000;
    assert.ok(minutes < 7, `${minutes} minutes: one drain timeout, not one for each node`);
  });

  it('#22 while paused nothing is started, and nothing waits as an execution', () => {
    const story = begin({ parallelism: 3 });
    story.conductor.order({ pause: 'lunch' });
    wait(story, 600);
    assert.equal(story.world.executions.size, 0);
    story.conductor.order({});
    conduct(story.conductor);
    assert.equal(story.world.executions.size, 3);
    assert.ok(story.world.executions.has(nodeExecutionName(GROUP, story.conductor.accounts().entries[0] as never)));
  });
});
