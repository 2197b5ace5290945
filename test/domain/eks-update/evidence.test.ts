import assert from 'node:assert/strict';
import { countDepartures } from '../../../domain/eks-update/departures.ts';
import type { UpdateNode } from '../../../domain/eks-update/eks-update.ts';
import { inferActiveNodes } from '../../../domain/eks-update/evidence.ts';
import type { UpdateMember } from '../../../domain/eks-update/members.ts';
import { aDeparture, aMember, anActiveNode, podsLeft } from './update-builders.ts';

describe('evidence that EKS works on a node', () => {
  const evidence = (
    members: UpdateMember[],
    options: {
      known?: UpdateNode[];
      cordonedBefore?: string[];
      left?: number;
      gone?: string;
      isMinimal?: boolean;
    } = {},
  ) => {
    const { known = [], cordonedBefore = [], left = 0, gone, isMinimal = false } = options;
    const departures = countDepartures(
      gone === undefined ? [] : [aDeparture(gone, 'web-1', true)],
      new Set(['node-a', 'node-b']),
      undefined,
    );
    return Object.fromEntries(
      inferActiveNodes({
        members,
        before: { nodes: known, cordonedBefore },
        departures,
        run: { parallelism: 1, updateStrategy: isMinimal ? 'MINIMAL' : 'DEFAULT' },
        pods: new Map(members.map(({ instanceId }) => [instanceId, podsLeft(left)])),
      }),
    );
  };
  const cordoned = { isUnschedulable: true };

  it('is an eviction', () =>
    assert.deepEqual(evidence([aMember('a'), aMember('b')], { gone: 'b' }), { 'i-b': 'evictions' }));

  it('is a cordon of one among others', () =>
    assert.deepEqual(evidence([aMember('a', {}, cordoned), aMember('b')]), { 'i-a': 'cordon' }));

  it('is not a cordon of all, with which MINIMAL begins', () =>
    assert.deepEqual(evidence([aMember('a', {}, cordoned), aMember('b', {}, cordoned)]), {}));

  it('#60 is not a cordon from before the update, whatever others are cordoned', () => {
    const members = [aMember('a', {}, cordoned), aMember('b', {}, cordoned)];
    assert.deepEqual(evidence(members, { cordonedBefore: ['i-a'] }), { 'i-b': 'cordon' });
  });

  it('#60 is not a cordon of a node that still has pods, nor an eviction from it: somebody else drains it', () => {
    const members = [aMember('a', {}, cordoned), aMember('b')];
    assert.deepEqual(evidence(members, { left: 1 }), {});
    assert.deepEqual(evidence(members, { left: 1, gone: 'a' }), {});
  });

  it('#60 is an eviction from a node that MINIMAL has cordoned, or somebody else before', () => {
    const members = [aMember('a', {}, cordoned), aMember('b')];
    assert.deepEqual(evidence(members, { left: 1, gone: 'a', isMinimal: true }), { 'i-a': 'evictions' });
    assert.deepEqual(evidence(members, { left: 1, gone: 'a', cordonedBefore: ['i-a'] }), { 'i-a': 'evictions' });
  });

  it('is an instance that terminates', () =>
    assert.deepEqual(evidence([aMember('a', { lifecycleState: 'Terminating' })]), { 'i-a': 'termination' }));

  it('stays while nothing new is seen', () =>
    assert.deepEqual(evidence([aMember('a')], { known: [anActiveNode('a')] }), { 'i-a': 'evictions' }));

  it('is not sought on renewed nodes, which EKS drains as surplus', () =>
    assert.deepEqual(evidence([aMember('a', { isOutdated: false })], { gone: 'a' }), {}));
});
