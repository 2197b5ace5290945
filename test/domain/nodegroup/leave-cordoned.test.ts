import assert from 'node:assert/strict';
import { isParked, leaveCordoned } from '../../../domain/nodegroup/leave-cordoned.ts';
import {
  OWNERSHIP_ANNOTATIONS,
  removeOwnedChanges,
  UNSCHEDULABLE_TAINT,
} from '../../../domain/nodegroup/node-ownership.ts';
import { aNode } from '../builders.ts';

const blocked = aNode({
  taints: [UNSCHEDULABLE_TAINT],
  annotations: {
    [OWNERSHIP_ANNOTATIONS.tainted]: 'monday',
    [OWNERSHIP_ANNOTATIONS.parked]: 'monday 2026-01-15T11:00:00Z',
  },
});

describe('a blocked node that stays cordoned', () => {
  it('loses everything else of ours, and keeps our mark, so that a later run undoes the cordon', () => {
    const patch = leaveCordoned(blocked, 'monday');
    assert.equal(patch?.unschedulable, true);
    assert.deepEqual(patch?.taints, []);
    assert.deepEqual(patch?.annotations, {
      [OWNERSHIP_ANNOTATIONS.tainted]: null,
      [OWNERSHIP_ANNOTATIONS.parked]: null,
      [OWNERSHIP_ANNOTATIONS.cordoned]: 'monday',
    });
    const left = aNode({ isUnschedulable: true, annotations: { [OWNERSHIP_ANNOTATIONS.cordoned]: 'monday' } });
    assert.equal(removeOwnedChanges(left)?.unschedulable, false);
  });

  it('stays cordoned by the operator who has cordoned it', () => {
    const patch = leaveCordoned({ ...blocked, isUnschedulable: true }, 'monday');
    assert.equal(patch?.unschedulable, undefined);
    assert.equal(patch?.annotations?.[OWNERSHIP_ANNOTATIONS.cordoned], undefined);
  });

  it('is known by its parking annotation', () => {
    assert.deepEqual([isParked(blocked), isParked(aNode())], [true, false]);
  });
});
