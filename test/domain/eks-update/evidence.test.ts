import assert from 'node:assert/strict';
import { countDepartures } from '../../../domain/eks-update/departures.ts';
import type { UpdateNode } from '../../../domain/eks-update/eks-update.ts';
import { inferActiveNodes } from '../../../domain/eks-update/evidence.ts';
import type { UpdateMember } from '../../../domain/eks-update/members.ts';
import { aDeparture, aMember, anActiveNode } from './update-builders.ts';

describe('evidence that EKS works on a node', () => {
  const evidence = (
    members: UpdateMember[],
    options: { known?: UpdateNode[]; parallelism?: number; gone?: string } = {},
  ) => {
    const { known = [], parallelism = 1, gone } = options;
    const departures = countDepartures(
      gone === undefined ? [] : [aDeparture(gone, 'web-1', true)],
      new Set(['node-a', 'node-b']),
      undefined,
    );
    return Object.fromEntries(inferActiveNodes(members, known, departures, parallelism));
  };
  const cordoned = { isUnschedulable: true };

  it('is an eviction', () =>
    assert.deepEqual(evidence([aMember('a'), aMember('b')], { gone: 'b' }), { 'i-b': 'evictions' }));

  it('is a cordon of one among others', () =>
    assert.deepEqual(evidence([aMember('a', {}, cordoned), aMember('b')]), { 'i-a': 'cordon' }));

  it('is not a cordon of all, with which MINIMAL begins', () =>
    assert.deepEqual(evidence([aMember('a', {}, cordoned), aMember('b', {}, cordoned)]), {}));

  it('is an instance that terminates', () =>
    assert.deepEqual(evidence([aMember('a', { lifecycleState: 'Terminating' })]), { 'i-a': 'termination' }));

  it('stays while nothing new is seen', () =>
    assert.deepEqual(evidence([aMember('a')], { known: [anActiveNode('a')] }), { 'i-a': 'evictions' }));

  it('is not sought on renewed nodes, which EKS drains as surplus', () =>
    assert.deepEqual(evidence([aMember('a', { isOutdated: false })], { gone: 'a' }), {}));
});
