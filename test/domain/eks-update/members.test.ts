import assert from 'node:assert/strict';
import { joinMembers } from '../../../domain/eks-update/members.ts';
import { aGroup, aGroupInstance, aNode, anEksRun } from '../builders.ts';

const IMAGE = 'eks.amazonaws.com/nodegroup-image';

describe('members of a group that EKS updates', () => {
  const target = { ...anEksRun().target, renewedLabels: { [IMAGE]: 'ami-new' } };
  const of = (labels: Record<string, string>, lifecycleState = 'InService') =>
    joinMembers(aGroup({ instances: [aGroupInstance({ lifecycleState })] }), [aNode({ labels })], target)[0];

  it('are outdated by the labels that EKS compares', () => {
    assert.equal(of({ [IMAGE]: 'ami-old' })?.isOutdated, true);
    assert.equal(of({})?.isOutdated, true, 'a node without the label is not a renewed one');
    assert.equal(of({ [IMAGE]: 'ami-new' })?.isOutdated, false);
  });

  it('are listed until their instance has left', () =>
    assert.equal(of({ [IMAGE]: 'ami-old' }, 'Terminating:Wait')?.lifecycleState, 'Terminating:Wait'));

  it('are not outdated as long as they have no Node', () =>
    assert.equal(joinMembers(aGroup({ instances: [aGroupInstance()] }), [], target)[0]?.isOutdated, false));
});
