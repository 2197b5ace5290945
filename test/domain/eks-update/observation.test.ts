import assert from 'node:assert/strict';
import type { BlockedNodePods, NodegroupUpdate, UpdateNode } from '../../../domain/eks-update/eks-update.ts';
import { nodegroupUpdateSchema } from '../../../domain/eks-update/eks-update.ts';
import {
  candidateNodes,
  departuresOf,
  EVIDENCE,
  type Forcible,
  inferActiveNodes,
  inferBlockedNodes,
  isStandingStill,
  type ObservationFacts,
  observationOf,
  type PodsLeft,
  phaseOf,
  type UpdateMember,
  updateMembers,
} from '../../../domain/eks-update/observation.ts';
import type { Node, Pod } from '../../../domain/types.ts';
import { aGroup, aGroupInstance, aNode, anEksRun, aPod, NOW_AT, ZONES } from '../builders.ts';

const LOOKED_AT = '2026-01-15T11:59:48.000Z';
const IMAGE = 'eks.amazonaws.com/nodegroup-image';
const NOTHING = departuresOf([], new Set(), undefined);

/** An outdated member of this id, InService and open, with a Node of its name. */
const member = (id: string, overrides: Partial<UpdateMember> = {}, node: Partial<Node> = {}): UpdateMember => ({
  instanceId: `i-${id}`,
  zone: ZONES[0],
  lifecycleState: 'InService',
  isOutdated: true,
  node: aNode({ instanceId: `i-${id}`, name: `node-${id}`, ...node }),
  ...overrides,
});
const inHand = (id: string, overrides: Partial<UpdateNode> = {}): UpdateNode => ({
  instanceId: `i-${id}`,
  nodeName: `node-${id}`,
  zone: ZONES[0],
  state: 'draining',
  sinceAt: '2026-01-15T11:58:00.000Z',
  evidence: EVIDENCE.evictions,
  podsLeft: 2,
  evictedCount: 1,
  ...overrides,
});
const lastObservation = (overrides: Partial<NodegroupUpdate> = {}): NodegroupUpdate => ({
  status: 'inProgress',
  updateId: 'u-1',
  isAdopted: false,
  requestedAt: '2026-01-15T11:50:00.000Z',
  phase: 'upgrade',
  checks: 3,
  waitSeconds: 5,
  outdatedCount: 3,
  nodes: [],
  changes: [],
  evicted: [],
  evictedCount: 0,
  blockingPods: [],
  blockingPodCount: 0,
  warnings: [],
  ...overrides,
});
const blockingPods = (id: string, overrides: Partial<BlockedNodePods> = {}): BlockedNodePods => ({
  namespace: 'shop',
  name: `api-${id}`,
  reason: 'budget',
  detail: 'the budget allows nothing',
  advice: 'relax it',
  instanceId: `i-${id}`,
  nodeName: `node-${id}`,
  sinceAt: LOOKED_AT,
  ...overrides,
});
const pods = (left: number, ...holds: BlockedNodePods[]): PodsLeft => ({ left, blockingPods: holds, free: [] });
const evicted = (id: string, name: string, isGone: boolean, overrides: Partial<Pod> = {}) => ({
  pod: aPod({ name, nodeName: `node-${id}`, disruption: 'EvictionByEvictionAPI', ...overrides }),
  isGone,
});
const observation = (overrides: Partial<ObservationFacts> = {}) =>
  observationOf({
    run: anEksRun(),
    before: lastObservation(),
    members: [member('a'), member('b'), member('c')],
    group: aGroup(),
    departures: NOTHING,
    signs: new Map(),
    pods: new Map(),
    observedAt: LOOKED_AT,
    nowAt: NOW_AT,
    ...overrides,
  });

describe('members of a group that EKS updates', () => {
  const target = { ...anEksRun().target, renewedLabels: { [IMAGE]: 'ami-new' } };
  const of = (labels: Record<string, string>, lifecycleState = 'InService') =>
    updateMembers(aGroup({ instances: [aGroupInstance({ lifecycleState })] }), [aNode({ labels })], target)[0];

  it('are outdated by the labels that EKS goes by', () => {
    assert.equal(of({ [IMAGE]: 'ami-old' })?.isOutdated, true);
    assert.equal(of({})?.isOutdated, true, 'a node without the label is not a renewed one');
    assert.equal(of({ [IMAGE]: 'ami-new' })?.isOutdated, false);
  });

  it('are told of until their instance has left', () =>
    assert.equal(of({ [IMAGE]: 'ami-old' }, 'Terminating:Wait')?.lifecycleState, 'Terminating:Wait'));

  it('are on their way in as long as they have no Node', () =>
    assert.equal(updateMembers(aGroup({ instances: [aGroupInstance()] }), [], target)[0]?.isOutdated, false));
});

describe('pods that go', () => {
  const nodes = new Set(['node-a', 'node-b']);
  const count = (departures: Parameters<typeof departuresOf>[0], forcible?: Forcible) =>
    departuresOf(departures, nodes, forcible);

  it('count once they are gone, and are a sign as soon as they are asked to', () => {
    const found = count([evicted('a', 'web-1', true), evicted('a', 'web-2', false)]);
    assert.deepEqual(found.evicted, ['shop/web-1']);
    assert.deepEqual([...found.byNode], [['node-a', { gone: 1 }]]);
  });

  const ignored: [title: string, departure: ReturnType<typeof evicted>][] = [
    ['on nodes of other groups', evicted('z', 'web-1', true)],
    ['that their owner scaled in', { pod: aPod({ nodeName: 'node-a' }), isGone: true }],
    ['that the garbage collector took', evicted('a', 'web-1', true, { disruption: 'DeletionByPodGC' })],
  ];
  for (const [title, departure] of ignored) {
    it(`do not count ${title}`, () => assert.equal(count([departure]).byNode.size, 0));
  }

  it('count when they were deleted by force, on a node in hand or after a hold that showed no node in hand', () => {
    const deleted = { pod: aPod({ namespace: 'shop', name: 'api-1', nodeName: 'node-a' }), isGone: true };
    const none: Forcible = { inHand: new Set(), blockingPods: new Set() };
    const drained = { ...none, inHand: new Set(['node-a']) };
    assert.equal(count([deleted], drained).evicted.length, 1);
    assert.equal(count([deleted], { ...none, blockingPods: new Set(['shop/api-1']) }).evicted.length, 1);
    assert.equal(count([deleted], { ...none, blockingPods: new Set(['shop/api-2']) }).evicted.length, 0);
    assert.equal(count([deleted], none).evicted.length, 0);
    assert.equal(count([deleted]).evicted.length, 0);
    const ofDaemonSet = {
      pod: aPod({ nodeName: 'node-a', owner: { kind: 'DaemonSet', name: 'd', uid: 'd' } }),
      isGone: true,
    };
    assert.equal(count([ofDaemonSet], drained).evicted.length, 0);
  });
});

describe('signs that EKS works on a node', () => {
  const signs = (
    members: UpdateMember[],
    options: { known?: UpdateNode[]; parallelism?: number; gone?: string } = {},
  ) => {
    const { known = [], parallelism = 1, gone } = options;
    const departures = departuresOf(
      gone === undefined ? [] : [evicted(gone, 'web-1', true)],
      new Set(['node-a', 'node-b']),
      undefined,
    );
    return Object.fromEntries(inferActiveNodes(members, known, departures, parallelism));
  };
  const cordoned = { isUnschedulable: true };

  it('are evictions', () =>
    assert.deepEqual(signs([member('a'), member('b')], { gone: 'b' }), { 'i-b': EVIDENCE.evictions }));

  it('are a cordon of one among others', () =>
    assert.deepEqual(signs([member('a', {}, cordoned), member('b')]), { 'i-a': EVIDENCE.cordoned }));

  it('are not the cordons of all, with which MINIMAL begins', () =>
    assert.deepEqual(signs([member('a', {}, cordoned), member('b', {}, cordoned)]), {}));

  it('are an instance that terminates', () =>
    assert.deepEqual(signs([member('a', { lifecycleState: 'Terminating' })]), { 'i-a': EVIDENCE.terminating }));

  it('are not lost while nothing new is seen', () =>
    assert.deepEqual(signs([member('a')], { known: [inHand('a')] }), { 'i-a': EVIDENCE.evictions }));

  it('are none on renewed nodes, which EKS drains as surplus', () =>
    assert.deepEqual(signs([member('a', { isOutdated: false })], { gone: 'a' }), {}));
});

describe('the phase', () => {
  const open = [member('a')];
  const closed = [member('a', {}, { labels: { 'node.kubernetes.io/exclude-from-external-load-balancers': 'true' } })];
  const cases: [
    title: string,
    was: NodegroupUpdate['phase'],
    members: UpdateMember[],
    isAnyInHand: boolean,
    is: string,
  ][] = [
    ['scales up while nothing is closed', 'scaleUp', open, false, 'scaleUp'],
    ['upgrades once a node is closed', 'scaleUp', closed, false, 'upgrade'],
    ['upgrades once a node is in hand', 'scaleUp', open, true, 'upgrade'],
    [
      'scales down when nothing is outdated any more',
      'upgrade',
      [member('a', { isOutdated: false })],
      false,
      'scaleDown',
    ],
    ['does not go back for a node that comes late', 'scaleDown', open, false, 'scaleDown'],
    [
      'stays where it is for a group that was never outdated',
      'scaleUp',
      [member('a', { isOutdated: false })],
      false,
      'scaleUp',
    ],
  ];
  for (const [title, was, members, isAnyInHand, is] of cases) {
    it(title, () => assert.equal(phaseOf(was, members, isAnyInHand), is));
  }
});

describe('standing still', () => {
  const facts = {
    phase: 'upgrade' as const,
    members: [member('a'), member('b')],
    desiredCapacity: 2,
    signs: new Map<string, string>(),
    departures: NOTHING,
    run: anEksRun({ parallelism: 1 }),
  };

  it('is when EKS has a place free and nothing moves', () => assert.equal(isStandingStill(facts), true));

  const moving: [title: string, changes: Partial<typeof facts>][] = [
    ['while nodes are still added', { phase: 'scaleUp' as never }],
    ['while pods go', { departures: departuresOf([evicted('a', 'w', false)], new Set(['node-a']), undefined) }],
    ['while as many nodes as may be are in hand', { signs: new Map([['i-a', EVIDENCE.evictions]]) }],
    ['once nothing is outdated', { members: [member('a', { isOutdated: false })] }],
    ['while MINIMAL waits for a replacement', { run: anEksRun({ updateStrategy: 'MINIMAL' }), desiredCapacity: 3 }],
  ];
  for (const [title, changes] of moving) {
    it(`is not ${title}`, () => assert.equal(isStandingStill({ ...facts, ...changes }), false));
  }

  it('puts every silent node under suspicion, others each time when there are many', () => {
    const members = ['a', 'b', 'c', 'd', 'e'].map((id) => member(id));
    const ids = (turn: number) =>
      candidateNodes(members, new Map([['i-a', 'x']]), turn, 2).map(({ instanceId }) => instanceId);
    assert.deepEqual(
      [ids(0), ids(1), ids(2)],
      [
        ['i-b', 'i-c'],
        ['i-d', 'i-e'],
        ['i-b', 'i-c'],
      ],
    );
  });

  it('names a node only when no other could be meant', () => {
    const found = new Map([
      ['i-a', pods(1, blockingPods('a'))],
      ['i-b', pods(2, blockingPods('b'))],
    ]);
    assert.deepEqual([...inferBlockedNodes([member('a'), member('b')], found, 1)], [['i-a', EVIDENCE.presumed]]);
    found.set('i-b', pods(1, blockingPods('b')));
    assert.deepEqual([...inferBlockedNodes([member('a'), member('b')], found, 1)], []);
    assert.equal(inferBlockedNodes([member('a'), member('b')], found, 2).size, 2);
  });
});

describe('a look', () => {
  it('keeps to the contract', () => {
    const signs = new Map([['i-a', EVIDENCE.evictions]]);
    nodegroupUpdateSchema.parse(observation({ signs, pods: new Map([['i-a', pods(1, blockingPods('a'))]]) }));
  });

  it('counts outdated and Ready nodes', () => {
    const members = [
      member('a'),
      member('b', { lifecycleState: 'Terminating' }),
      member('c', { isOutdated: false }, { isReady: false }),
    ];
    const { outdatedCount, readyNodes, desiredCapacity } = observation({ members });
    assert.deepEqual([outdatedCount, readyNodes, desiredCapacity], [1, 1, 3]);
  });

  const states: [title: string, member: UpdateMember | undefined, left: PodsLeft | undefined, state: string][] = [
    ['draining while pods are left', member('a'), pods(2), 'draining'],
    ['waiting after its cordon once none is left', member('a'), pods(0), 'cordonWait'],
    ['terminating as its instance is', member('a', { lifecycleState: 'Terminating:Wait' }), undefined, 'terminating'],
    ['replaced once its instance has left', undefined, undefined, 'replaced'],
  ];
  for (const [title, seen, left, state] of states) {
    it(`a node in hand is ${title}`, () => {
      const { changes, nodes } = observation({
        before: lastObservation({ nodes: [inHand('a', { state: 'cordonWait', sinceAt: 'x' })] }),
        members: seen === undefined ? [] : [seen],
        pods: new Map(left === undefined ? [] : [['i-a', left]]),
      });
      assert.deepEqual(
        changes.map((change) => change.state),
        state === 'cordonWait' ? [] : [state],
      );
      assert.deepEqual(
        nodes.map((node) => node.state),
        state === 'replaced' ? [] : [state],
      );
    });
  }

  it('remembers since when a node is in its state, and adds up the pods that left it', () => {
    const departures = departuresOf([evicted('a', 'web-1', true)], new Set(['node-a']), undefined);
    const [node] = observation({
      before: lastObservation({ nodes: [inHand('a')] }),
      departures,
      pods: new Map([['i-a', pods(1)]]),
    }).nodes;
    assert.deepEqual([node?.sinceAt, node?.evictedCount, node?.podsLeft], ['2026-01-15T11:58:00.000Z', 2, 1]);
  });

  it('shows the drain of a node that was empty again by the first look at it', () => {
    const signs = new Map([['i-a', EVIDENCE.evictions]]);
    const { changes } = observation({ signs, pods: new Map([['i-a', pods(0)]]) });
    assert.deepEqual(
      changes.map(({ state, sinceAt }) => [state, sinceAt]),
      [
        ['draining', LOOKED_AT],
        ['cordonWait', NOW_AT],
      ],
    );
  });

  it('goes on with what the looks before it in the same step have seen', () => {
    const departures = departuresOf([evicted('a', 'web-2', true)], new Set(['node-a']), undefined);
    const found = observation({ before: lastObservation({ evicted: ['shop/web-1'], evictedCount: 1 }), departures });
    assert.deepEqual([found.evicted, found.evictedCount], [['shop/web-1', 'shop/web-2'], 2]);
  });

  it('reports a pod as held once two looks have found it so', () => {
    const twice = blockingPods('a');
    const once = blockingPods('b', { sinceAt: NOW_AT });
    const found = observation({
      pods: new Map([
        ['i-a', pods(1, twice)],
        ['i-b', pods(1, once)],
      ]),
    });
    assert.deepEqual([found.blockingPods, found.blockingPodCount], [[twice], 1]);
  });

  it('drops a node that was only presumed to be in hand, once something on it could be evicted', () => {
    const known = inHand('a', { evidence: EVIDENCE.presumed });
    const of = (left: PodsLeft) =>
      observation({ before: lastObservation({ nodes: [known] }), pods: new Map([['i-a', left]]) }).nodes.length;
    assert.deepEqual([of(pods(1, blockingPods('a'))), of(pods(2, blockingPods('a')))], [1, 0]);
  });

  it('stays small with many nodes', () => {
    const ids = Array.from({ length: 450 }, (_, index) => String(index));
    const signs = new Map(ids.map((id) => [`i-${id}`, EVIDENCE.evictions]));
    const found = observation({
      members: ids.map((id) => member(id)),
      signs,
      pods: new Map(ids.map((id) => [`i-${id}`, pods(1, blockingPods(id))])),
    });
    assert.deepEqual(
      [found.nodes.length, found.changes.length, found.blockingPods.length, found.blockingPodCount],
      [100, 200, 100, 450],
    );
    assert.ok(JSON.stringify(found).length < 128 * 1024);
  });
});
