import assert from 'node:assert/strict';
import type { PodsLeft } from '../../../domain/eks-update/blocking-pods.ts';
import { countDepartures } from '../../../domain/eks-update/departures.ts';
import { type NodegroupUpdate, nodegroupUpdateSchema } from '../../../domain/eks-update/eks-update.ts';
import type { UpdateMember } from '../../../domain/eks-update/members.ts';
import { nextObservation, type ObservationFacts, phaseOf } from '../../../domain/eks-update/observation.ts';
import { aGroup, NOW_AT } from '../builders.ts';
import {
  aBlockingPod,
  aDeparture,
  aMember,
  anActiveNode,
  anObservation,
  NOTHING_LEFT_THE_GROUP,
  OBSERVED_AT,
  podsLeft,
} from './update-builders.ts';

const observation = (overrides: Partial<ObservationFacts> = {}) =>
  nextObservation({
    before: anObservation(),
    run: { updateStrategy: 'DEFAULT' },
    members: [aMember('a'), aMember('b'), aMember('c')],
    group: aGroup(),
    departures: NOTHING_LEFT_THE_GROUP,
    active: new Map(),
    pods: new Map(),
    observedAt: OBSERVED_AT,
    nowAt: NOW_AT,
    ...overrides,
  });

describe('the phase', () => {
  const open = [aMember('a')];
  const closed = [aMember('a', {}, { labels: { 'node.kubernetes.io/exclude-from-external-load-balancers': 'true' } })];
  const cases: [
    title: string,
    was: NodegroupUpdate['phase'],
    members: UpdateMember[],
    isAnyActive: boolean,
    is: string,
  ][] = [
    ['scales up while nothing is closed', 'scaleUp', open, false, 'scaleUp'],
    ['upgrades once a node is closed', 'scaleUp', closed, false, 'upgrade'],
    ['upgrades once a node is active', 'scaleUp', open, true, 'upgrade'],
    [
      'scales down when nothing is outdated any more',
      'upgrade',
      [aMember('a', { isOutdated: false })],
      false,
      'scaleDown',
    ],
    ['does not go back for a node that comes late', 'scaleDown', open, false, 'scaleDown'],
    [
      'stays where it is for a group that was never outdated',
      'scaleUp',
      [aMember('a', { isOutdated: false })],
      false,
      'scaleUp',
    ],
  ];
  for (const [title, was, members, isAnyActive, is] of cases) {
    it(title, () => assert.equal(phaseOf(was, members, isAnyActive, { updateStrategy: 'DEFAULT' }), is));
  }
});

describe('an observation', () => {
  it('keeps to the contract', () => {
    const active = new Map([['i-a', 'evictions' as const]]);
    nodegroupUpdateSchema.parse(observation({ active, pods: new Map([['i-a', podsLeft(1, aBlockingPod('a'))]]) }));
  });

  it('counts outdated and Ready nodes', () => {
    const members = [
      aMember('a'),
      aMember('b', { lifecycleState: 'Terminating' }),
      aMember('c', { isOutdated: false }, { isReady: false }),
    ];
    const { outdatedCount, readyNodes, desiredCapacity } = observation({ members });
    assert.deepEqual([outdatedCount, readyNodes, desiredCapacity], [1, 1, 3]);
  });

  const states: [title: string, member: UpdateMember | undefined, left: PodsLeft | undefined, state: string][] = [
    ['draining while pods are left', aMember('a'), podsLeft(2), 'draining'],
    ['waiting after its cordon once none is left', aMember('a'), podsLeft(0), 'cordonWait'],
    ['terminating as its instance is', aMember('a', { lifecycleState: 'Terminating:Wait' }), undefined, 'terminating'],
    ['replaced once its instance has left', undefined, undefined, 'replaced'],
  ];
  for (const [title, seen, left, state] of states) {
    it(`an active node is ${title}`, () => {
      const { changes, nodes } = observation({
        before: anObservation({ nodes: [anActiveNode('a', { state: 'cordonWait', sinceAt: 'x' })] }),
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
    const departures = countDepartures([aDeparture('a', 'web-1', true)], new Set(['node-a']), undefined);
    const [node] = observation({
      before: anObservation({ nodes: [anActiveNode('a')] }),
      departures,
      pods: new Map([['i-a', podsLeft(1)]]),
    }).nodes;
    assert.deepEqual([node?.sinceAt, node?.evictedCount, node?.podsLeft], ['2026-01-15T11:58:00.000Z', 2, 1]);
  });

  it('shows the drain of a node that was empty when it was first seen', () => {
    const active = new Map([['i-a', 'evictions' as const]]);
    const { changes } = observation({ active, pods: new Map([['i-a', podsLeft(0)]]) });
    assert.deepEqual(
      changes.map(({ state, sinceAt }) => [state, sinceAt]),
      [
        ['draining', OBSERVED_AT],
        ['cordonWait', NOW_AT],
      ],
    );
  });

  it('adds to what earlier rounds of the same step have seen', () => {
    const departures = countDepartures([aDeparture('a', 'web-2', true)], new Set(['node-a']), undefined);
    const found = observation({ before: anObservation({ evicted: ['shop/web-1'], evictedCount: 1 }), departures });
    assert.deepEqual([found.evicted, found.evictedCount], [['shop/web-1', 'shop/web-2'], 2]);
  });

  it('reports a blocking pod once two rounds have found it', () => {
    const twice = aBlockingPod('a');
    const once = aBlockingPod('b', { sinceAt: NOW_AT });
    const found = observation({
      pods: new Map([
        ['i-a', podsLeft(1, twice)],
        ['i-b', podsLeft(1, once)],
      ]),
    });
    assert.deepEqual([found.blockingPods, found.blockingPodCount], [[twice], 1]);
  });

  it('drops a node that was only inferred to be active, once something on it can be evicted', () => {
    const known = anActiveNode('a', { evidence: 'inferred' });
    const of = (left: PodsLeft) =>
      observation({ before: anObservation({ nodes: [known] }), pods: new Map([['i-a', left]]) }).nodes.length;
    assert.deepEqual([of(podsLeft(1, aBlockingPod('a'))), of(podsLeft(2, aBlockingPod('a')))], [1, 0]);
  });

  it('stays small with many nodes', () => {
    const ids = Array.from({ length: 450 }, (_, index) => String(index));
    const active = new Map(ids.map((id) => [`i-${id}`, 'evictions' as const]));
    const found = observation({
      members: ids.map((id) => aMember(id)),
      active,
      pods: new Map(ids.map((id) => [`i-${id}`, podsLeft(1, aBlockingPod(id))])),
    });
    assert.deepEqual(
      [found.nodes.length, found.changes.length, found.blockingPods.length, found.blockingPodCount],
      [100, 200, 100, 450],
    );
    assert.ok(JSON.stringify(found).length < 128 * 1024);
  });
});
