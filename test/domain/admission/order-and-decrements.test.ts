import assert from 'node:assert/strict';
import { contendedBudgets, type Demand, demandOf } from '../../../domain/admission/contention.ts';
import {
  expectedByZone,
  isDecremented,
  quotaByZone,
  spareSurge,
  waitingZones,
} from '../../../domain/admission/decrements.ts';
import { inRandomOrder, levelByZone, surplusInOrder } from '../../../domain/admission/order.ts';
import type { Accounts } from '../../../domain/admission/record.ts';
import { OWNERSHIP_ANNOTATIONS } from '../../../domain/nodegroup/node-ownership.ts';
import { countByZone, type GroupNode } from '../../../domain/nodegroup/nodegroup.ts';
import { aBudget, aGroupNode, aNode, aPod, ZONES } from '../builders.ts';
import { accountsWith, aHeldEntry } from './entry-builders.ts';
import { seenOf, someMembers } from './facts-builder.ts';

const [A, B, C] = ZONES;
const inZone = (zone: string, count: number, first: number, overrides: Partial<GroupNode> = {}) =>
  Array.from({ length: count }, (_, index) => aGroupNode({ instanceId: `i-${first + index}`, zone, ...overrides }));
const sizes = (desiredCapacity: number, minSize = 0) => ({ sizes: { minSize, maxSize: 99, desiredCapacity } });

describe('the order of outdated nodes', () => {
  it('lets all zones come to their last nodes at the same time, and keeps the order within a zone', () => {
    const nodes = [...inZone(C, 1, 0), ...inZone(A, 3, 1), ...inZone(B, 2, 4)];
    assert.deepEqual(
      levelByZone(nodes).map(({ instanceId, zone }) => `${instanceId} ${zone.at(-1)}`),
      ['i-1 a', 'i-2 a', 'i-4 b', 'i-0 c', 'i-3 a', 'i-5 b'],
    );
  });
});

describe('surge that may be given back', () => {
  const cases: [
    title: string,
    desired: number,
    minSize: number,
    accounts: { surge: number; wish: number },
    expected: number,
  ][] = [
    ['is what is left of it', 9, 0, { surge: 3, wish: 6 }, 3],
    ['is no more than the desired capacity has beyond the wish', 8, 0, { surge: 3, wish: 6 }, 2],
    ['is no more than MinSize leaves', 9, 8, { surge: 3, wish: 6 }, 1],
    ['is none after a cut that is not believed yet', 5, 0, { surge: 3, wish: 6 }, 0],
  ];
  for (const [title, desired, minSize, accounts, expected] of cases) {
    it(title, () => assert.equal(spareSurge(sizes(desired, minSize), accounts), expected));
  }
});

describe('decrements by zone', () => {
  /** Old and new nodes by zone. */
  const group = (old: readonly [number, number, number], fresh: readonly [number, number, number]) =>
    ZONES.flatMap((zone, index) => [
      ...inZone(zone, old[index] as number, 100 * index),
      ...inZone(zone, fresh[index] as number, 100 * index + 50, { isOutdated: false }),
    ]);
  const quota = (members: GroupNode[], accounts: Partial<Accounts> & { surge: number }) => {
    const all = { ...accountsWith([]), wish: members.length - accounts.surge, ...accounts };
    const outdated = members.filter(
      ({ isOutdated, instanceId }) => isOutdated && !all.entries.some((entry) => entry.instanceId === instanceId),
    );
    const found = quotaByZone(seenOf(members), all, outdated);
    return ZONES.map((zone) => found.get(zone) ?? 0);
  };
  it('are shared evenly where zones are even', () => {
    assert.deepEqual(quota(group([3, 3, 3], [1, 1, 1]), { surge: 3 }), [1, 1, 1]);
  });
  it('go to the zones that have too many', () => {
    assert.deepEqual(quota(group([3, 3, 3], [3, 0, 0]), { surge: 3 }), [3, 0, 0]);
  });
  it('go to zones with outdated nodes first where zones are even', () => {
    assert.deepEqual(quota(group([3, 0, 3], [1, 4, 1]), { surge: 2 }), [1, 0, 1]);
  });
  it('are left for surplus nodes where only a zone without outdated ones has too many', () => {
    assert.deepEqual(quota(group([1, 0, 0], [1, 4, 2]), { surge: 2 }), [0, 2, 0]);
  });
  it('count a node that is being replaced where its replacement comes', () => {
    const members = group([3, 3, 3], [1, 1, 1]);
    const entries = [aHeldEntry({ instanceId: 'i-0', zone: A, state: 'leaving' })];
    assert.deepEqual(quota(members, { surge: 3, wish: 9, entries }), [1, 1, 1]);
  });
  it('count a node that goes with a decrement as gone', () => {
    const members = group([3, 3, 3], [1, 1, 1]);
    const entries = [aHeldEntry({ instanceId: 'i-0', zone: A, decrement: true })];
    assert.deepEqual(quota(members, { surge: 2, wish: 9, entries }), [0, 1, 1]);
  });
  it('expect the launch that is missing in the zone with the fewest nodes', () => {
    const counts = expectedByZone(seenOf(group([2, 2, 1], [0, 0, 0])), { ...accountsWith([]), wish: 6, surge: 0 });
    assert.deepEqual(
      ZONES.map((zone) => counts.get(zone)),
      [2, 2, 2],
    );
  });
  it('fall to the last outdated nodes of a zone', () => {
    const outdated = inZone(A, 2, 0);
    const isLast = (quotaOfZone: number) => isDecremented({ zone: A }, outdated, new Map([[A, quotaOfZone]]));
    assert.deepEqual([0, 1, 2, 3].map(isLast), [false, false, true, true]);
  });
});

describe('zones whose last nodes must wait', () => {
  const [one, two, three] = [inZone(A, 2, 0), inZone(B, 2, 10), inZone(C, 2, 20)];
  const held = (node: GroupNode | undefined, more = {}) =>
    aHeldEntry({ instanceId: node?.instanceId ?? '', zone: node?.zone ?? '', ...more });
  const waiting = (members: GroupNode[], accounts: Accounts, quota: [string, number][]) => {
    const taken = new Set(accounts.entries.map(({ instanceId }) => instanceId));
    const outdated = members.filter(({ instanceId, isOutdated }) => isOutdated && !taken.has(instanceId));
    return [...waitingZones(seenOf(members), accounts, outdated, new Map(quota))].sort();
  };
  const even = [...one, ...two, ...three];
  const ALL: [string, number][] = ZONES.map((zone) => [zone, 2]);

  const rows: [title: string, members: GroupNode[], accounts: Accounts, quota: [string, number][], zones: string[]][] =
    [
      ['none while nothing is to be replaced', even, accountsWith([]), ALL, []],
      ['those beside a zone in which a node is being replaced', even, accountsWith([held(one[0])]), ALL, [B, C]],
      ['none once its replacement is on the way', even, accountsWith([held(one[0], { state: 'leaving' })]), ALL, []],
      ['none beside a termination with a decrement', even, accountsWith([held(one[0], { decrement: true })]), ALL, []],
      [
        'those beside a zone in which a node is yet to be taken and replaced',
        even,
        accountsWith([]),
        [
          [A, 1],
          [B, 2],
          [C, 2],
        ],
        [B, C],
      ],
      [
        'none that stays above the others',
        [...even, ...inZone(B, 2, 30)],
        accountsWith([held(one[0])]),
        [
          [A, 2],
          [B, 4],
          [C, 2],
        ],
        [C],
      ],
      [
        'none for the sake of a node that is not Ready',
        even.map((node) => (node === one[0] ? { ...node, isReady: false } : node)),
        accountsWith([]),
        [
          [A, 1],
          [B, 2],
          [C, 2],
        ],
        [],
      ],
    ];
  for (const [title, members, accounts, quota, zones] of rows) {
    it(`are ${title}`, () => assert.deepEqual(waiting(members, accounts, quota), zones));
  }
});

describe('the order of nodes', () => {
  const ids = (nodes: readonly GroupNode[]) => nodes.map(({ instanceId }) => instanceId);
  const surplus = (members: readonly GroupNode[], demands: ReadonlyMap<string, Demand> = new Map()) =>
    ids(surplusInOrder(members, countByZone(members), demands));
  const fresh = (id: string, zone: string, overrides: Partial<GroupNode> = {}) =>
    aGroupNode({ instanceId: id, zone, isOutdated: false, ...overrides });
  const withNode = (id: string, node: Parameters<typeof aNode>[0]) => ({ node: aNode({ instanceId: id, ...node }) });
  const pods = (count: number): Demand => ({ pods: count, byBudget: new Map() });

  it('is the same however often it is asked for, and another one for another run', () => {
    const nodes = someMembers(20);
    assert.deepEqual(inRandomOrder(nodes, 'a'), inRandomOrder([...nodes].reverse(), 'a'));
    assert.notDeepEqual(ids(inRandomOrder(nodes, 'a')), ids(inRandomOrder(nodes, 'b')));
    assert.deepEqual(ids(inRandomOrder(nodes, 'a')).sort(), ids(nodes).sort());
  });

  const cases: [title: string, found: string[], expected: string[]][] = [
    [
      'of surplus nodes begins in the zone with the most, and goes on where the most are left',
      surplus([fresh('a1', A), fresh('a2', A), fresh('a3', A), fresh('b1', B), fresh('b2', B), fresh('c1', C)]).slice(
        0,
        3,
      ),
      ['a1', 'a2', 'b1'],
    ],
    [
      'takes a node that is kept free first',
      surplus([
        fresh('a1', A),
        fresh('a2', A, withNode('a2', { annotations: { [OWNERSHIP_ANNOTATIONS.keptFree]: 'x' } })),
      ]),
      ['a2', 'a1'],
    ],
    [
      'takes a node without pods first',
      surplus(
        [fresh('a1', A), fresh('a2', A)],
        new Map([
          ['a1', pods(3)],
          ['a2', pods(0)],
        ]),
      ),
      ['a2', 'a1'],
    ],
    [
      'takes a node that is not Ready first',
      surplus([fresh('a1', A), fresh('a2', A, { isReady: false })]),
      ['a2', 'a1'],
    ],
    [
      'takes the youngest first',
      surplus([
        fresh('a1', A, withNode('a1', { createdAt: '2026-01-15T11:00:00Z' })),
        fresh('a2', A, withNode('a2', { createdAt: '2026-01-15T11:30:00Z' })),
      ]),
      ['a2', 'a1'],
    ],
    [
      'takes no protected instance while there are others',
      surplus([fresh('a1', A, { isProtectedFromScaleIn: true }), fresh('b1', B)]),
      ['b1'],
    ],
    [
      'takes protected instances when there are no others',
      surplus([fresh('a1', A, { isProtectedFromScaleIn: true })]),
      ['a1'],
    ],
  ];
  for (const [title, found, expected] of cases) it(title, () => assert.deepEqual(found, expected));

  it('compares no more nodes than can be looked at in one step', () => {
    assert.equal(surplus(someMembers(500, { isOutdated: false })).length, 20);
  });
});

describe('budgets that our own drains use up', () => {
  const budget = (overrides: Parameters<typeof aBudget>[0] = {}) =>
    aBudget({ expectedPods: 3, desiredHealthy: 2, currentHealthy: 3, disruptionsAllowed: 1, ...overrides });
  const draining = (count: number): Demand => ({ pods: count, byBudget: new Map([['shop/checkout', count]]) });
  const contended = (found: ReturnType<typeof budget>, demands: Demand[], parkedBy: string[] = []) => [
    ...contendedBudgets([found], demands, new Set(parkedBy)),
  ];
  const cases: [title: string, found: string[], expected: string[]][] = [
    ['are none while nothing drains', contended(budget(), []), []],
    ['are those whose room is asked for', contended(budget(), [draining(1)]), ['shop/checkout']],
    [
      'have room left when they allow more',
      contended(budget({ expectedPods: 5, currentHealthy: 5 }), [draining(2)]),
      [],
    ],
    [
      'are used by what was evicted and is not healthy elsewhere yet',
      contended(budget({ currentHealthy: 2 }), []),
      ['shop/checkout'],
    ],
    [
      'never include a budget that allows nothing by itself',
      contended(budget({ desiredHealthy: 3 }), [draining(1)]),
      [],
    ],
    [
      'never include a budget that has blocked a node until its time was over',
      contended(budget(), [draining(1)], ['shop/checkout']),
      [],
    ],
  ];
  for (const [title, found, expected] of cases) it(title, () => assert.deepEqual(found, expected));

  it('are asked for by the pods that must leave, each budget by its own', () => {
    const pods = [
      aPod(),
      aPod({ uid: '2', labels: { app: 'cart' } }),
      aPod({ uid: '3', deletionDeadlineAt: '2026-01-15T12:00:00Z' }),
      aPod({ uid: '4', isMirror: true }),
    ];
    const { pods: count, byBudget } = demandOf(pods, [budget()]);
    assert.deepEqual([count, [...byBudget]], [2, [['shop/checkout', 1]]]);
  });
});
