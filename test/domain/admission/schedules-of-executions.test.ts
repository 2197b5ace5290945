import assert from 'node:assert/strict';
import { asksActivity, type Closing, type ClosingContext, closeEntry } from '../../../domain/admission/closing.ts';
import { nodeExecutionInput, nodeExecutionName } from '../../../domain/admission/entry.ts';
import type { ExecutionState } from '../../../domain/admission/execution-state.ts';
import { entriesToLookUp } from '../../../domain/admission/lookups.ts';
import type { Accounts, HeldEntry } from '../../../domain/admission/record.ts';
import type { NodeResult } from '../../../domain/state.ts';
import { aRun, NOW_AT } from '../builders.ts';
import { accountsWith, aHeldEntry } from './entry-builders.ts';
import { conduct, createSmallConductor } from './small-conductor.ts';
import { createSmallWorld, GROUP, type SmallWorld } from './small-world.ts';

/* Schedules about the executions that upgrade nodes, and about the life of an entry; schedules.test.ts has the list. */

const at = (seconds: number) => new Date(Date.parse(NOW_AT) + seconds * 1000).toISOString();

/** One node in hand, with a decrement, in a group of one and its surge. */
function oneInHand() {
  const run = aRun({ surge: 1, coversZones: false, originalSizes: { minSize: 0, maxSize: 9, desiredCapacity: 1 } });
  const world = createSmallWorld({ zones: ['a'] });
  const conductor = createSmallConductor(world, run);
  conductor.open();
  conductor.raise(1);
  world.pass(130);
  conductor.observe();
  conduct(conductor);
  conductor.save();
  const entry = conductor.accounts().entries[0] as HeldEntry;
  return { run, world, conductor, entry, name: nodeExecutionName(GROUP, entry) };
}

function rounds({ world, conductor }: ReturnType<typeof oneInHand>, seconds: number) {
  let last: ReturnType<typeof conduct> = 'died';
  for (let passed = 0; passed < seconds; passed += 15) {
    world.pass(15);
    conductor.observe();
    last = conduct(conductor);
  }
  return last;
}

const isGone = (world: SmallWorld, id = 'i-000') => !world.instances().some((instance) => instance.id === id);

describe('schedules: executions that die', () => {
  it('#4 a termination whose answer was lost shrinks the group once', () => {
    const story = oneInHand();
    story.world.pass(92);
    assert.equal(story.world.sizes.desiredCapacity, 1);
    Object.assign(story.world.executions.get(story.name) as object, { status: 'ABORTED', output: undefined });
    const last = rounds(story, 400);
    assert.equal(last !== 'died' && last.kind, 'done');
    assert.deepEqual([story.world.sizes.desiredCapacity, story.conductor.accounts().surge], [1, 0]);
    assert.equal(story.world.executions.size, 1);
  });

  it('#10 a termination that was intended and never asked for is asked for again by whoever observes it, also after a takeover', () => {
    const story = oneInHand();
    story.world.dying.add('i-000');
    story.world.pass(92);
    const run = { ...story.run, executionArn: `${story.run.executionArn}-again` };
    const adopted = { ...story, run, conductor: createSmallConductor(story.world, run) };
    adopted.conductor.open();
    rounds(adopted, 60);
    assert.ok(!isGone(story.world), 'not at once: the step may still be at work');
    rounds(adopted, 200);
    assert.ok(isGone(story.world));
    assert.ok(story.world.executions.has(nodeExecutionName(GROUP, { ...story.entry, attempt: 2 })));
    assert.equal(story.world.sizes.desiredCapacity, 1);
  });

  it('#14 an entry in hand whose instance has vanished ends, and its place is free again', () => {
    const story = oneInHand();
    story.world.lose('i-000');
    story.world.abort(story.name);
    rounds(story, 300);
    assert.ok(!story.conductor.accounts().entries.some(({ instanceId }) => instanceId === 'i-000'));
  });

  it('#24 under halt nothing is taken, and what is in hand is not terminated', () => {
    const story = oneInHand();
    story.world.record.halt = 'wrong AMI';
    story.conductor.order({ halt: 'wrong AMI' });
    const decided = conduct(story.conductor);
    assert.ok(decided !== 'died' && decided.kind === 'stop' && decided.error === 'UpgradeCancelled');
    story.world.pass(200);
    assert.ok(!isGone(story.world));
    assert.match(story.world.executions.get(story.name)?.output ?? '', /skipped/);
  });

  it('#25 an execution without an entry touches nothing: started by hand, redriven, or with an entry that was dropped', () => {
    const { world, entry } = oneInHand();
    const byHand = { ...entry, attempt: 7 };
    world.start(byHand);
    world.pass(5);
    assert.match(world.describe(byHand)?.output ?? '', /skipped/);
    assert.equal(world.nodes.get('i-000')?.annotations['eks-nodegroup-upgrade/in-hand']?.includes('-7-'), false);
  });

  it('#27 a start that comes after its entry was dropped does nothing, and one that is repeated has the same name and input', () => {
    const story = oneInHand();
    const { world, conductor, entry } = story;
    assert.equal(world.start(entry), 'started');
    assert.equal(world.executions.size, 1);
    const shared = JSON.stringify({ run: story.run });
    const reread = JSON.parse(JSON.stringify(conductor.accounts().entries[0])) as HeldEntry;
    assert.equal(nodeExecutionInput(shared, reread), nodeExecutionInput(shared, entry));
    rounds(story, 600);
    conductor.save();
    const late = { ...entry, attempt: 2 };
    world.start(late);
    world.pass(5);
    assert.match(world.describe(late)?.output ?? '', /skipped/);
  });

  it('#28 whether capacity shrinks is decided once: what a refund changes is not the input of the execution', () => {
    const { conductor, entry, run } = oneInHand();
    const closing = closeEntry(conductor.accounts(), entry, ended(entry, { outcome: 'gone', decrement: 'no' }), {
      seen: conductor.seen(),
      group: GROUP,
      nowAt: at(300),
      budgets: [],
    });
    assert.ok(closing.kind === 'closed');
    const after = closing.accounts.entries[0] as HeldEntry;
    const shared = JSON.stringify({ run });
    assert.equal(nodeExecutionInput(shared, after), nodeExecutionInput(shared, entry));
    assert.equal(closing.accounts.surge, conductor.accounts().surge + 1);
  });
});

const ended = (entry: HeldEntry, result?: Partial<NodeResult>, stoppedAt = at(0)): ExecutionState =>
  result === undefined
    ? { status: 'ABORTED', stoppedAt }
    : { status: 'SUCCEEDED', stoppedAt, output: JSON.stringify({ instanceId: entry.instanceId, ...result }) };

describe('#26 the life of an entry', () => {
  const id = 'i-000';
  const seenOf = (lifecycle: string | undefined, seconds: number) => {
    const world = createSmallWorld({ zones: ['a', 'a'] });
    if (lifecycle !== undefined) world.setLifecycle(id, lifecycle);
    const { members, nodes, ...seen } = world.observe();
    const left = lifecycle === undefined ? members.filter((member) => member.instanceId !== id) : members;
    return { ...seen, members: left, nodes, at: at(seconds), nodesAt: at(seconds) };
  };
  const held = (overrides: Partial<HeldEntry>) => aHeldEntry({ instanceId: id, decrement: true, ...overrides });
  interface Case {
    readonly entry: Partial<HeldEntry>;
    readonly lifecycle?: string | undefined;
    readonly execution?: Partial<NodeResult> | 'died' | 'running' | 'none';
    /** Seconds after the admission, which is also when the execution ended. */
    readonly after: number;
    readonly activity?: ClosingContext['activity'];
  }
  function close({ entry: overrides, execution = 'none', after, activity, ...rest }: Case) {
    const entry = held(overrides);
    const accounts: Accounts = { ...accountsWith([entry]), surge: 2 };
    const seen = seenOf('lifecycle' in rest ? rest.lifecycle : 'InService', after);
    const states = { none: undefined, running: { status: 'RUNNING' }, died: ended(entry) } as const;
    const state = typeof execution === 'string' ? states[execution] : ended(entry, execution);
    const context = { seen, group: GROUP, nowAt: at(after), budgets: ['shop/checkout'], ...(activity && { activity }) };
    const closing = closeEntry(accounts, entry, state, context);
    const asks = asksActivity(entry, state, seen, at(after));
    return { closing, asks, accounts: 'accounts' in closing ? closing.accounts : accounts };
  }
  const told = ({ closing, accounts }: ReturnType<typeof close>) =>
    [
      closing.kind,
      accounts.entries.map(({ state, attempt, enters }) => `${state} ${attempt} ${enters}`).join() || 'no entry',
      `surge ${accounts.surge}`,
      ...(accounts.parked.length > 0 ? ['parked'] : []),
      ...(closing.kind === 'closed' && closing.reopens ? ['reopened'] : []),
    ].join(', ');

  const leaving = { state: 'leaving', since: at(0) } as const;
  const cases: [title: string, facts: Case, expected: string][] = [
    [
      'goes on while its execution runs',
      { entry: {}, execution: 'running', after: 200 },
      'running, inHand 1 drain, surge 2',
    ],
    [
      'is started again when there is no execution of its name',
      { entry: {}, after: 30 },
      'restart, inHand 1 drain, surge 2',
    ],
    ['is given up when it was not started within 10 minutes', { entry: {}, after: 601 }, 'closed, no entry, surge 3'],
    [
      'leaves with the output that says so',
      { entry: {}, execution: { outcome: 'upgraded', decrement: 'yes' }, after: 200 },
      'closed, leaving 1 drain, surge 2',
    ],
    [
      'leaves, and gives the surge back, when MinSize forbade the decrement',
      { entry: {}, execution: { outcome: 'upgraded', decrement: 'atMinimum' }, after: 200 },
      'closed, leaving 1 drain, surge 3',
    ],
    [
      'leaves with nothing settled when the output does not know',
      { entry: {}, execution: { outcome: 'upgraded', decrement: 'unknown' }, after: 200 },
      'closed, leaving 1 drain, surge 2',
    ],
    [
      'waits until its instance is gone when its Node was',
      { entry: {}, execution: { outcome: 'gone' }, after: 200 },
      'closed, leaving 1 drain, surge 2',
    ],
    [
      'is parked when it was blocked, and gives the surge back',
      { entry: {}, execution: { outcome: 'blocked', error: 'PodEvictionFailure' }, after: 200 },
      'closed, no entry, surge 3, parked, reopened',
    ],
    [
      'is dropped when its execution had no licence',
      { entry: {}, execution: { outcome: 'skipped' }, after: 200 },
      'closed, no entry, surge 3, reopened',
    ],
    [
      'is not judged at once when its execution died: its last step may still be at work',
      { entry: {}, execution: 'died', after: 60 },
      'running, inHand 1 drain, surge 2',
    ],
    [
      'is parked when its execution died and its instance serves on',
      { entry: {}, execution: 'died', after: 80 },
      'closed, no entry, surge 3, parked, reopened',
    ],
    [
      'leaves when its execution died and its instance is going',
      { entry: {}, lifecycle: 'Terminating', execution: 'died', after: 20 },
      'closed, leaving 1 drain, surge 2',
    ],
    [
      'that leaves is settled by the output',
      { entry: leaving, lifecycle: 'Terminating', execution: { outcome: 'upgraded', decrement: 'yes' }, after: 20 },
      'settled, leaving 1 drain, surge 2',
    ],
    [
      'that leaves is settled by scaling activities when its execution died',
      { entry: leaving, lifecycle: undefined, execution: 'died', after: 100, activity: 'shrank' },
      'settled, leaving 1 drain, surge 2',
    ],
    [
      'that leaves gives the surge back when no activity says that capacity was shrunk',
      { entry: leaving, lifecycle: undefined, execution: 'died', after: 100, activity: 'none' },
      'settled, leaving 1 drain, surge 3',
    ],
    [
      'that leaves is not judged while its termination may still show',
      { entry: leaving, execution: 'died', after: 70 },
      'running, leaving 1 drain, surge 2',
    ],
    [
      'that leaves and serves on after 75 s is terminated again by another attempt',
      { entry: leaving, execution: 'died', after: 80 },
      'repeat, leaving 2 terminate, surge 2',
    ],
    [
      'that leaves and serves on although its output says upgraded is terminated again, without another decrement',
      { entry: leaving, execution: { outcome: 'upgraded', decrement: 'yes' }, after: 80 },
      'repeat, leaving 2 terminate, surge 2',
    ],
    [
      'that leaves is parked when its termination was refused',
      { entry: leaving, execution: { outcome: 'blocked', error: 'NodeTerminationFailure' }, after: 80 },
      'closed, no entry, surge 3, parked, reopened',
    ],
    [
      'that leaves is kept by MinSize as a surplus node',
      { entry: { ...leaving, kind: 'surplus' }, execution: { outcome: 'skipped', decrement: 'atMinimum' }, after: 80 },
      'closed, no entry, surge 3, reopened',
    ],
    [
      'that is not found within a minute of its start is waited for',
      { entry: { ...leaving }, after: 50 },
      'running, leaving 1 drain, surge 2',
    ],
  ];
  for (const [title, facts, expected] of cases)
    it(`an entry ${title}`, () => assert.equal(told(close(facts)), expected));

  it('asks scaling activities only when nobody else knows, and not before a minute has passed', () => {
    assert.ok(close({ entry: leaving, lifecycle: undefined, execution: 'died', after: 100 }).asks);
    assert.ok(!close({ entry: leaving, lifecycle: undefined, execution: 'died', after: 60 }).asks);
    assert.ok(!close({ entry: leaving, execution: 'died', after: 100 }).asks, 'it serves on');
    assert.ok(
      !close({ entry: { ...leaving, decrement: false }, lifecycle: undefined, execution: 'died', after: 100 }).asks,
    );
    assert.ok(
      !close({ entry: leaving, lifecycle: undefined, execution: { outcome: 'upgraded', decrement: 'yes' }, after: 100 })
        .asks,
    );
  });

  it('the second attempt of a termination that has shrunk the group has no decrement', () => {
    const { closing } = close({ entry: leaving, execution: { outcome: 'upgraded', decrement: 'yes' }, after: 80 });
    assert.ok(closing.kind === 'repeat' && !closing.entry.decrement);
    const unknown: Closing = close({ entry: leaving, execution: 'died', after: 80 }).closing;
    assert.ok(unknown.kind === 'repeat' && unknown.entry.decrement);
  });

  it('a missing right of an execution ends the run; a transient failure parks the node only', () => {
    const fatal = (error: string) =>
      close({ entry: {}, execution: { outcome: 'blocked', error, reason: 'no' }, after: 200 }).accounts.memory.fatal
        ?.error;
    assert.deepEqual(['AccessDenied', 'Throttled', 'States.TaskFailed', 'PodEvictionFailure'].map(fatal), [
      'AccessDenied',
      undefined,
      undefined,
      undefined,
    ]);
  });
});

describe('#26 which executions are looked up', () => {
  const world = createSmallWorld({ zones: ['a', 'a'] });
  const due = (overrides: Partial<HeldEntry>, after: number, lookedUpAgo?: number, seen = world.observe()) => {
    const entry = aHeldEntry({ instanceId: 'i-000', ...overrides });
    const lookedUp = new Map(lookedUpAgo === undefined ? [] : [[entry.instanceId, at(after - lookedUpAgo)] as const]);
    return entriesToLookUp(accountsWith([entry]), { seen, group: GROUP, lookedUp, nowAt: at(after) }).length > 0;
  };
  const withoutNode = { ...world.observe(), nodes: new Map() };
  const cases: [title: string, isDue: boolean, expected: boolean][] = [
    ['one that was taken a moment ago is not', due({}, 60), false],
    ['one that has been silent for 2 minutes is', due({}, 121), true],
    ['it is not asked for all the time', due({}, 200, 60), false],
    ['one whose Node is gone is, at once', due({}, 5, undefined, withoutNode), true],
    [
      'one that never had a Node is given a minute',
      due({ nodeName: undefined as never }, 30, undefined, withoutNode),
      false,
    ],
    ['one that leaves without a decrement is not', due({ state: 'leaving' }, 60), false],
    ['one that leaves and serves on after 75 s is', due({ state: 'leaving' }, 80), true],
    [
      'one that leaves with a decrement is: somebody must say what became of it',
      due({ state: 'leaving', decrement: true }, 10),
      true,
    ],
    ['one whose decrement is settled is not', due({ state: 'leaving', decrement: true, outcome: 'yes' }, 60), false],
  ];
  for (const [title, isDue, expected] of cases) it(title, () => assert.equal(isDue, expected));
});
