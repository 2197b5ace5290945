import assert from 'node:assert/strict';
import { admitEntries, beginBake, settle } from '../../../domain/admission/accounts.ts';
import { nodeExecutionName } from '../../../domain/admission/entry.ts';
import type { Observation } from '../../../domain/admission/observation.ts';
import { decideRaise } from '../../../domain/admission/raise.ts';
import type { Accounts, HeldEntry } from '../../../domain/admission/record.ts';
import { IN_HAND_ANNOTATION, type InHand, writeInHand } from '../../../domain/drain/in-hand.ts';
import { aGroupNode, aNode, aRun, NOW_AT } from '../builders.ts';
import { accountsWith, aHeldEntry, anEntry } from './entry-builders.ts';
import { parkedNode, seenOf, someMembers } from './facts-builder.ts';

const GROUP = 'workers';
const at = (seconds: number) => new Date(Date.parse(NOW_AT) + seconds * 1000).toISOString();
const entry = (overrides: Partial<HeldEntry> = {}) => aHeldEntry({ instanceId: 'i-0', ...overrides });
const accountsOf = (entries: HeldEntry[], overrides: Partial<Accounts> = {}): Accounts => ({
  ...accountsWith(entries),
  wish: 6,
  surge: 0,
  ...overrides,
});

/** Six members, of which the first is as the case says, observed so many seconds later. */
function seen(
  seconds: number,
  first: { lifecycle?: string | undefined; note?: Partial<InHand>; hasNode?: boolean } = {},
): Observation {
  const { lifecycle = 'InService', note, hasNode = true } = first;
  const execution = nodeExecutionName(GROUP, entry());
  const annotations =
    note === undefined
      ? {}
      : { [IN_HAND_ANNOTATION]: writeInHand({ execution, phase: 'draining', since: at(0), ...note }) };
  const node = aNode({ instanceId: 'i-0', annotations });
  const { node: _none, ...bare } = aGroupNode({ instanceId: 'i-0', lifecycleState: lifecycle });
  const member = hasNode ? { ...bare, node } : { ...bare, isReady: false };
  const others = someMembers(5, {}, 1);
  const isListed = !('lifecycle' in first) || first.lifecycle !== undefined;
  const observed = seenOf(isListed ? [member, ...others] : others, { at: at(seconds), nodesAt: at(seconds) });
  const nodes = new Map([...observed.nodes, ...(hasNode ? [['i-0', node] as const] : [])]);
  return { ...observed, nodes, sizes: { minSize: 0, maxSize: 9, desiredCapacity: 6 } };
}

const told = ({ entries, surge, memory }: Accounts) =>
  [
    entries.find(({ instanceId }) => instanceId === 'i-0')?.state ?? 'gone',
    `surge ${surge}`,
    `upgraded ${memory.upgraded}`,
  ].join(', ');
const gone = { lifecycle: undefined, hasNode: false };

describe('an entry follows what its Node and the group say', () => {
  const leaving = (overrides: Partial<HeldEntry> = {}) => entry({ state: 'leaving', since: at(0), ...overrides });
  const cases: [title: string, before: HeldEntry, looks: Observation[], expected: string][] = [
    [
      'it is in hand while its Node says that it drains',
      entry(),
      [seen(30, { note: { phase: 'draining' } })],
      'inHand, surge 0, upgraded 0',
    ],
    [
      'it leaves when its execution says that it terminates',
      entry(),
      [seen(30, { note: { phase: 'terminating' } })],
      'leaving, surge 0, upgraded 1',
    ],
    [
      'what another execution says of that node is not about it',
      entry(),
      [seen(30, { note: { phase: 'terminating', execution: 'other' } })],
      'inHand, surge 0, upgraded 0',
    ],
    [
      'it leaves when its instance is terminated by somebody else, and is not counted as upgraded',
      entry(),
      [seen(30, { lifecycle: 'Terminating:Wait' })],
      'leaving, surge 0, upgraded 0',
    ],
    [
      '#14 it leaves when neither the group nor the cluster has it any more',
      entry(),
      [seen(100, gone)],
      'leaving, surge 0, upgraded 0',
    ],
    [
      'it is in hand while an answer may be too old to show it',
      entry(),
      [seen(80, gone)],
      'inHand, surge 0, upgraded 0',
    ],
    [
      'it stays although its instance is gone, until no answer can be an old one',
      leaving(),
      [seen(20, gone), seen(50, gone), seen(89, gone)],
      'leaving, surge 0, upgraded 0',
    ],
    ['one look is not enough', leaving(), [seen(95, gone)], 'leaving, surge 0, upgraded 0'],
    [
      'the same answer read twice is one look',
      leaving(),
      [seen(95, gone), seen(95, gone)],
      'leaving, surge 0, upgraded 0',
    ],
    ['two looks end it', leaving(), [seen(95, gone), seen(125, gone)], 'gone, surge 0, upgraded 0'],
    [
      'a look in between that finds it again begins anew',
      leaving(),
      [seen(95, gone), seen(125), seen(155, gone)],
      'leaving, surge 0, upgraded 0',
    ],
    [
      'it stays while its Node is there',
      leaving(),
      [seen(95, { lifecycle: 'Terminating' }), seen(125, { lifecycle: 'Terminating' })],
      'leaving, surge 0, upgraded 0',
    ],
    [
      'the Node of an instance that was detached holds it for 10 minutes',
      leaving(),
      [seen(595, { lifecycle: undefined }), seen(605, { lifecycle: undefined }), seen(635, { lifecycle: undefined })],
      'gone, surge 0, upgraded 0',
    ],
    [
      'it stays until it is known what became of its decrement',
      leaving({ decrement: true }),
      [seen(95, gone), seen(125, gone), seen(155, gone)],
      'leaving, surge 0, upgraded 0',
    ],
    [
      'its Node says that the decrement did not happen: the surge comes back once',
      leaving({ decrement: true }),
      [
        seen(20, { note: { phase: 'terminating', decrement: 'no' } }),
        seen(50, { note: { phase: 'terminating', decrement: 'no' } }),
      ],
      'leaving, surge 1, upgraded 0',
    ],
    [
      'a decrement that is unknown settles nothing',
      leaving({ decrement: true }),
      [seen(20, { note: { phase: 'terminating', decrement: 'unknown' } })],
      'leaving, surge 0, upgraded 0',
    ],
  ];
  for (const [title, before, looks, expected] of cases) {
    it(title, () => {
      // A decrement under way may have lowered the desired capacity or not; six is right for both.
      const begin = accountsOf([before], before.decrement ? { wish: 5 } : {});
      assert.equal(told(looks.reduce((accounts, look) => settle(accounts, look, GROUP), begin)), expected);
    });
  }
});

describe('what a run remembers', () => {
  it('takes a node from the parked ones when it goes, and forgets those that are gone', () => {
    const accounts = accountsOf([entry()], { parked: [parkedNode('i-0'), parkedNode('i-1'), parkedNode('i-77')] });
    const after = settle(accounts, seen(30, { note: { phase: 'terminating' } }), GROUP);
    assert.deepEqual(
      after.parked.map(({ instanceId }) => instanceId),
      ['i-1'],
    );
  });

  it('keeps attempts of members only', () => {
    const accounts = accountsOf([]);
    const before = { ...accounts, memory: { ...accounts.memory, attempts: { 'i-1': 2, 'i-77': 1 } } };
    assert.deepEqual(settle(before, seen(30), GROUP).memory.attempts, { 'i-1': 2 });
  });

  it('keeps since when a node was seen NotReady, until it is Ready again', () => {
    const unready = (seconds: number, isReady: boolean): Observation => {
      const look = seen(seconds);
      return {
        ...look,
        members: look.members.map((member) => (member.instanceId === 'i-1' ? { ...member, isReady } : member)),
      };
    };
    const first = settle(accountsOf([]), unready(10, false), GROUP);
    assert.deepEqual(first.memory.unreadySince, { 'i-1': at(10) });
    assert.deepEqual(settle(first, unready(40, false), GROUP).memory.unreadySince, { 'i-1': at(10) });
    assert.deepEqual(settle(first, unready(40, true), GROUP).memory.unreadySince, {});
  });

  const away = (overrides: Partial<HeldEntry> = {}) =>
    aHeldEntry({ instanceId: 'i-gone', state: 'leaving', since: at(0), ...overrides });
  const booting = someMembers(1, { isReady: false, isOutdated: false }, 9);
  const arrivals: [title: string, entries: HeldEntry[], observed: Observation, mostReady: number][] = [
    [
      'counts what is being replaced as arrived: it is there soon',
      [away()],
      seenOf(someMembers(3), { sizes: { minSize: 0, maxSize: 9, desiredCapacity: 4 } }),
      4,
    ],
    ['counts a replacement that boots as arrived', [away()], seenOf([...someMembers(3), ...booting]), 4],
    ['counts a replacement that is Ready once', [away()], seenOf(someMembers(4)), 4],
    ['counts on no replacement of a decremented node', [away({ decrement: true })], seenOf(someMembers(3)), 3],
    ['counts on no node of others that boots', [], seenOf([...someMembers(3), ...booting]), 3],
  ];
  for (const [title, entries, observed, mostReady] of arrivals) {
    it(title, () => {
      const before = accountsOf(entries, { wish: 4 });
      const after = settle({ ...before, memory: { ...before.memory, mostReady: 0 } }, observed, GROUP);
      assert.equal(after.memory.mostReady, mostReady);
    });
  }

  it('keeps no more stamps than the record has room for', () => {
    const members = someMembers(1_000, { isReady: false });
    const after = settle(accountsOf([], { wish: 1_000 }), seenOf(members), GROUP);
    assert.equal(Object.keys(after.memory.unreadySince).length, 200);
  });

  it('observes the canary from the moment the last of it was sent away, once', () => {
    const run = aRun({ canary: { nodes: 2, bakeSeconds: 300 } });
    const upgraded = (count: number) => ({ ...accountsOf([]), memory: { ...accountsOf([]).memory, upgraded: count } });
    assert.equal(beginBake(upgraded(1), run, at(0)).memory.canaryBakesUntil, undefined);
    const baking = beginBake(upgraded(2), run, at(0));
    assert.equal(baking.memory.canaryBakesUntil, at(300));
    assert.equal(beginBake(baking, run, at(100)).memory.canaryBakesUntil, at(300));
    assert.equal(beginBake(upgraded(2), aRun(), at(0)).memory.canaryBakesUntil, undefined);
  });

  it('books decrements with the admission, and ends the wait for capacity', () => {
    const before = accountsOf([], { surge: 2 });
    const waiting = { ...before, memory: { ...before.memory, waitingSince: at(-60), waitingFree: 3 } };
    const after = admitEntries(
      waiting,
      [anEntry({ instanceId: 'i-0', decrement: true }), anEntry({ instanceId: 'i-1' })],
      GROUP,
    );
    assert.deepEqual([after.surge, after.entries.length, after.memory.waitingSince], [1, 2, undefined]);
    assert.deepEqual(
      after.unreported,
      after.entries.map((held) => nodeExecutionName(GROUP, held)),
    );
  });

  it('yields to a MinSize that somebody raised: that much of the surge is theirs', () => {
    const look = { ...seen(30), sizes: { minSize: 5, maxSize: 9, desiredCapacity: 6 } };
    const after = settle(accountsOf([], { wish: 3, surge: 3 }), look, GROUP);
    assert.deepEqual([after.wish, after.surge], [5, 1]);
  });
});

describe('a raise of the surge', () => {
  it('#6 is not counted by an observation that was begun before it, whatever that shows', () => {
    const raise = { from: 6, to: 8, since: at(10) };
    const look = (seconds: number) => ({ ...seen(seconds), sizes: { minSize: 0, maxSize: 9, desiredCapacity: 8 } });
    const early = settle(accountsOf([], { raise }), look(5), GROUP);
    assert.deepEqual([early.surge, early.wish, early.raise], [0, 6, raise]);
    const later = settle(early, look(15), GROUP);
    assert.deepEqual([later.surge, later.wish, later.raise, later.memory.mostSurge], [2, 6, undefined, 3]);
  });

  const sizes = (desiredCapacity: number) => ({ minSize: 0, maxSize: 9, desiredCapacity });
  const pending = { from: 3, to: 6, since: at(-10) };
  const cases: [
    title: string,
    accounts: Partial<Accounts>,
    desired: number,
    wanted: number,
    expected: object | undefined,
  ][] = [
    ['is to an absolute size', { surge: 1 }, 4, 3, { from: 4, to: 6, since: at(0) }],
    ['is none when there is enough', { surge: 3 }, 6, 3, undefined],
    ['#12 is the same as before while it was asked for and is not seen', { surge: 0, raise: pending }, 3, 3, pending],
    ['#12 is the same as before while it is seen and not counted', { surge: 0, raise: pending }, 6, 3, pending],
    [
      'is made again when somebody else went below',
      { surge: 0, raise: pending },
      2,
      3,
      { from: 2, to: 5, since: at(0) },
    ],
    [
      'is made again when somebody else went beyond',
      { surge: 0, raise: pending },
      8,
      3,
      { from: 8, to: 11, since: at(0) },
    ],
  ];
  for (const [title, accounts, desired, wanted, expected] of cases) {
    it(title, () =>
      assert.deepEqual(decideRaise({ ...accountsWith([]), ...accounts }, sizes(desired), wanted, at(0)), expected),
    );
  }
});
