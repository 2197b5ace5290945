import assert from 'node:assert/strict';
import type { AdmissionFacts } from '../../../domain/admission/admit.ts';
import { capacityOf } from '../../../domain/admission/capacity.ts';
import type { Demand } from '../../../domain/admission/contention.ts';
import { NODE_RULES } from '../../../domain/admission/node-rules.ts';
import { OWNERSHIP_ANNOTATIONS } from '../../../domain/nodegroup/node-ownership.ts';
import type { GroupNode } from '../../../domain/nodegroup/nodegroup.ts';
import { aGroupNode, aNode, anUnregisteredMember, aRun, NOW_AT, ZONES } from '../builders.ts';
import { aHeldEntry } from './entry-builders.ts';
import { seenOf, someFacts, someMembers } from './facts-builder.ts';

const at = (seconds: number) => new Date(Date.parse(NOW_AT) + seconds * 1000).toISOString();
const unready = (member: GroupNode): GroupNode => ({ ...member, isReady: false });
const renewed = (count: number, first = 3) => someMembers(count, { isOutdated: false }, first);
const demand = (pods: number, ...names: string[]): Demand => ({
  pods,
  byBudget: new Map(names.map((name) => [name, pods])),
});
const memoryWith = (overrides: object) => ({ memory: { ...someFacts().accounts.memory, ...overrides } });
const tally = {
  free: 4,
  floor: 3,
  ready: 6,
  contended: new Set<string>(),
  isDecremented: false,
  waitingZones: new Set<string>(),
};

describe('rules about one node', () => {
  const node = aGroupNode({ instanceId: 'i-0' });
  const ill = [...someMembers(3).map(unready), ...renewed(3)];
  const cases: [
    rule: string,
    title: string,
    node: GroupNode,
    part: Partial<typeof tally>,
    facts: AdmissionFacts,
    expected: string | undefined,
  ][] = [
    ['registered', 'lets a registered node go', node, {}, someFacts(), undefined],
    [
      'registered',
      'keeps an instance whose Node may come at any moment',
      anUnregisteredMember({ instanceId: 'i-9' }),
      {},
      someFacts({}, memoryWith({ unreadySince: { 'i-9': at(-899) } })),
      'i-9 has not registered yet',
    ],
    [
      'registered',
      'lets one go that has had no Node for nodeReadyTimeoutSeconds',
      anUnregisteredMember({ instanceId: 'i-9' }),
      {},
      someFacts({}, memoryWith({ unreadySince: { 'i-9': at(-900) } })),
      undefined,
    ],
    ['healthSettled', 'lets a Ready node go', node, {}, someFacts(), undefined],
    [
      'healthSettled',
      'keeps a node that was seen NotReady for less than 5 minutes',
      unready(node),
      {},
      someFacts({}, memoryWith({ unreadySince: { 'i-0': at(-299) } })),
      'node-i-0 has not been Ready for less than 5 minutes',
    ],
    [
      'healthSettled',
      'counts from the first look to the last one, not to now',
      unready(node),
      {},
      someFacts({ nowAt: at(600) }, memoryWith({ unreadySince: { 'i-0': at(-100) } })),
      'node-i-0 has not been Ready for less than 5 minutes',
    ],
    [
      'healthSettled',
      'lets it go after 5 minutes where its zone is well',
      unready(node),
      { free: 0 },
      someFacts({}, memoryWith({ unreadySince: { 'i-0': at(-300) } })),
      undefined,
    ],
    [
      'healthSettled',
      'keeps it in a zone of which more than half is NotReady, below the floor',
      unready(node),
      { free: 3 },
      someFacts(
        { seen: seenOf(ill.map((each) => (each.zone === ZONES[0] ? unready(each) : each))) },
        memoryWith({ unreadySince: { 'i-0': at(-300) } }),
      ),
      '100 % of the nodes in eu-west-1a are not Ready',
    ],
    ['capacity', 'lets a node go above the floor', node, {}, someFacts(), undefined],
    [
      'capacity',
      'keeps it at the floor',
      node,
      { free: 3 },
      someFacts(),
      '3 nodes are Ready and free, and 3 must be left',
    ],
    [
      'capacity',
      'does not ask for capacity for a node that is none',
      unready(node),
      { free: 3 },
      someFacts(),
      undefined,
    ],
    ['zoneCovered', 'lets a node go whose zone has a new Ready node', node, {}, someFacts(), undefined],
    [
      'zoneCovered',
      'keeps a node whose zone has only a new node that still boots',
      node,
      {},
      someFacts({ seen: seenOf([...someMembers(3), ...renewed(3).map(unready)]) }),
      'no new node is Ready in eu-west-1a',
    ],
    [
      'zoneCovered',
      'keeps a node whose zone has only a new node that leaves',
      node,
      {},
      someFacts({}, { entries: [aHeldEntry({ instanceId: 'i-3', state: 'leaving' })] }),
      'no new node is Ready in eu-west-1a',
    ],
    [
      'zoneCovered',
      'asks for none where the surge does not reach every zone',
      node,
      {},
      someFacts({ run: aRun({ coversZones: false }), seen: seenOf(someMembers(3)) }),
      undefined,
    ],
    [
      'zoneCovered',
      'asks for none under MINIMAL',
      node,
      {},
      someFacts({ run: aRun({ updateStrategy: 'MINIMAL' }), seen: seenOf(someMembers(3)) }),
      undefined,
    ],
    [
      'uncontended',
      'lets a node go whose budgets are free',
      node,
      { contended: new Set(['shop/cart']) },
      someFacts({ demands: new Map([['i-0', demand(1, 'shop/checkout')]]) }),
      undefined,
    ],
    [
      'uncontended',
      'keeps a node that would only wait for ours',
      node,
      { contended: new Set(['shop/checkout']) },
      someFacts({ demands: new Map([['i-0', demand(1, 'shop/checkout')]]) }),
      'the nodes in hand use up what budget shop/checkout allows',
    ],
    [
      'zonesEven',
      'lets a node go that is replaced',
      node,
      { waitingZones: new Set([ZONES[0]]) },
      someFacts(),
      undefined,
    ],
    [
      'zonesEven',
      'lets the last node of a zone go that stays above the others',
      node,
      { isDecremented: true, waitingZones: new Set([ZONES[1]]) },
      someFacts(),
      undefined,
    ],
    [
      'zonesEven',
      'keeps the last node of a zone in which a replacement of another one could come up',
      node,
      { isDecremented: true, waitingZones: new Set([ZONES[0]]) },
      someFacts(),
      `a replacement for a node of another zone could come up in ${ZONES[0]}, where it is not needed`,
    ],
  ];
  for (const [rule, title, member, part, facts, expected] of cases) {
    it(`${rule} ${title}`, () => assert.equal(NODE_RULES[rule]?.(member, { ...tally, ...part }, facts), expected));
  }

  it('has a case for every rule', () => {
    assert.deepEqual(
      Object.keys(NODE_RULES).filter((name) => !cases.some(([rule]) => rule === name)),
      [],
    );
  });
});

describe('capacity', () => {
  const standing = (lifecycleState: string) => aGroupNode({ instanceId: 'i-s', lifecycleState, isReady: false });
  const keptFree = aGroupNode({
    instanceId: 'i-k',
    isOutdated: false,
    node: aNode({ instanceId: 'i-k', annotations: { [OWNERSHIP_ANNOTATIONS.keptFree]: 'tuesday' } }),
  });
  const six = () => [...someMembers(3), ...renewed(3)];
  const cases: [title: string, facts: AdmissionFacts, free: number, floor: number][] = [
    ['is what is Ready; the desired capacity without our surge must be left', someFacts(), 6, 3],
    ['does not count a node in hand', someFacts({}, { entries: [aHeldEntry({ instanceId: 'i-0' })] }), 5, 3],
    [
      'does not count what was sent away, although an old answer still shows it',
      someFacts({}, { entries: [aHeldEntry({ instanceId: 'i-0', state: 'leaving' })] }),
      5,
      3,
    ],
    [
      'does not count a node that is not Ready',
      someFacts({ seen: seenOf(six().map((each, index) => (index === 0 ? unready(each) : each))) }),
      5,
      3,
    ],
    [
      'does not count what is beyond the desired capacity: one of them is about to go',
      someFacts({ seen: seenOf(six(), { sizes: { minSize: 0, maxSize: 99, desiredCapacity: 4 } }) }),
      4,
      3,
    ],
    [
      'does not count Standby, which is no member either',
      someFacts({
        seen: seenOf([...six(), standing('Standby')], { sizes: { minSize: 0, maxSize: 99, desiredCapacity: 6 } }),
      }),
      6,
      3,
    ],
    ['does not count a new node that is kept free', someFacts({ seen: seenOf([...someMembers(3), keptFree]) }), 3, 3],
    [
      'leaves MinSize where that is more',
      someFacts(
        { seen: seenOf(six(), { sizes: { minSize: 5, maxSize: 99, desiredCapacity: 6 } }) },
        memoryWith({ readyAtStart: 6 }),
      ),
      6,
      5,
    ],
    [
      'leaves less by the parallelism under MINIMAL',
      someFacts({ run: aRun({ updateStrategy: 'MINIMAL', parallelism: 2 }), seen: seenOf(someMembers(3)) }),
      3,
      1,
    ],
    [
      'never asks for more than was Ready at the start',
      someFacts({}, memoryWith({ readyAtStart: 2, mostReady: 5, mostSurge: 3 })),
      6,
      2,
    ],
    [
      'asks for what has come since beyond the surge',
      someFacts({}, memoryWith({ readyAtStart: 2, mostReady: 6, mostSurge: 3 })),
      6,
      3,
    ],
    [
      'keeps what others added to the desired capacity',
      someFacts({}, { wish: 5, ...memoryWith({ readyAtStart: 3, mostReady: 8, mostSurge: 3 }) }),
      6,
      5,
    ],
  ];
  for (const [title, { seen, accounts, run }, free, floor] of cases) {
    it(title, () => {
      const found = capacityOf(seen, accounts, run);
      assert.deepEqual([found.free, found.floor], [free, floor]);
    });
  }
});
