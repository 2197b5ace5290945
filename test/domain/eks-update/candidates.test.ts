import assert from 'node:assert/strict';
import { candidateNodes, inferBlockedNodes, isStandingStill } from '../../../domain/eks-update/candidates.ts';
import { countDepartures } from '../../../domain/eks-update/departures.ts';
import type { Evidence } from '../../../domain/eks-update/eks-update.ts';
import { anEksRun } from '../builders.ts';
import { aBlockingPod, aDeparture, aMember, NOTHING_LEFT_THE_GROUP, podsLeft } from './update-builders.ts';

describe('an update that stands still', () => {
  const facts = {
    phase: 'upgrade' as const,
    members: [aMember('a'), aMember('b')],
    desiredCapacity: 2,
    active: new Map<string, Evidence>(),
    departures: NOTHING_LEFT_THE_GROUP,
    run: anEksRun({ parallelism: 1 }),
  };

  it('has a place free, and no pod goes anywhere', () => assert.equal(isStandingStill(facts), true));

  const moving: [title: string, changes: Partial<typeof facts>][] = [
    ['while nodes are still added', { phase: 'scaleUp' as never }],
    ['while pods go', { departures: countDepartures([aDeparture('a', 'w', false)], new Set(['node-a']), undefined) }],
    ['while as many nodes as possible are active', { active: new Map([['i-a', 'evictions']]) }],
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
});
