import assert from 'node:assert/strict';
import type { PodsLeft } from '../../../domain/eks-update/blocking-pods.ts';
import {
  candidateNodes,
  countExplained,
  inferBlockedNodes,
  isStandingStill,
} from '../../../domain/eks-update/candidates.ts';
import { countDepartures } from '../../../domain/eks-update/departures.ts';
import type { UpdateNode } from '../../../domain/eks-update/eks-update.ts';
import { anEksRun } from '../builders.ts';
import {
  aBlockingPod,
  aDeparture,
  aMember,
  anActiveNode,
  NOTHING_LEFT_THE_GROUP,
  podsLeft,
} from './update-builders.ts';

describe('an update that stands still', () => {
  const facts = {
    phase: 'upgrade' as const,
    members: [aMember('a'), aMember('b')],
    desiredCapacity: 2,
    explained: 0,
    departures: NOTHING_LEFT_THE_GROUP,
    run: anEksRun({ parallelism: 1 }),
  };

  it('has a place free, and no pod goes anywhere', () => assert.equal(isStandingStill(facts), true));

  const moving: [title: string, changes: Partial<typeof facts>][] = [
    ['while nodes are still added', { phase: 'scaleUp' as never }],
    ['while pods go', { departures: countDepartures([aDeparture('a', 'w', false)], new Set(['node-a']), undefined) }],
    ['while as many nodes as possible are active', { explained: 1 }],
    ['once nothing is outdated', { members: [aMember('a', { isOutdated: false })] }],
    ['while MINIMAL waits for a replacement', { run: anEksRun({ updateStrategy: 'MINIMAL' }), desiredCapacity: 3 }],
  ];
  for (const [title, changes] of moving) {
    it(`does not stand still ${title}`, () => assert.equal(isStandingStill({ ...facts, ...changes }), false));
  }

  it('makes every node without evidence a candidate, others in each round when there are many', () => {
    const members = ['a', 'b', 'c', 'd', 'e'].map((id) => aMember(id));
    const ids = (round: number) =>
      candidateNodes(members, new Map([['i-a', 'evictions']]), round, 2).map(({ instanceId }) => instanceId);
    assert.deepEqual(
      [ids(0), ids(1), ids(2)],
      [
        ['i-b', 'i-c'],
        ['i-d', 'i-e'],
        ['i-b', 'i-c'],
      ],
    );
  });

  it('infers a node only when it can be no other', () => {
    const found = new Map([
      ['i-a', podsLeft(1, aBlockingPod('a'))],
      ['i-b', podsLeft(2, aBlockingPod('b'))],
    ]);
    assert.deepEqual([...inferBlockedNodes([aMember('a'), aMember('b')], found, 1)], [['i-a', 'inferred']]);
    found.set('i-b', podsLeft(1, aBlockingPod('b')));
    assert.deepEqual([...inferBlockedNodes([aMember('a'), aMember('b')], found, 1)], []);
    assert.equal(inferBlockedNodes([aMember('a'), aMember('b')], found, 2).size, 2);
  });

  const NOW = '2026-01-15T12:00:00.000Z';
  const empty = (sinceAt: string) => [anActiveNode('a', { state: 'cordonWait', sinceAt })];
  const signs: [title: string, left: PodsLeft, nodes: UpdateNode[], explained: number][] = [
    ['on which every pod is blocked', podsLeft(1, aBlockingPod('a')), [], 1],
    ['whose pods are on their way', { ...podsLeft(1), terminating: 1 }, [], 1],
    ['that has just become empty', podsLeft(0), empty('2026-01-15T11:59:00.000Z'), 1],
    ['that has been empty for long', podsLeft(0), empty('2026-01-15T11:50:00.000Z'), 0],
    ['with a pod that could be evicted', podsLeft(2, aBlockingPod('a')), [anActiveNode('a')], 0],
  ];
  for (const [title, left, nodes, explained] of signs) {
    it(`#60 ${explained === 1 ? 'is' : 'is not'} explained by an active node ${title}`, () =>
      assert.equal(countExplained([{ instanceId: 'i-a' }], new Map([['i-a', left]]), { nodes }, NOW), explained));
  }
});
