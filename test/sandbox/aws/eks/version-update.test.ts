import assert from 'node:assert/strict';
import { createEksWorld, NEW_AMI, NEW_RELEASE, OLD_AMI } from './eks-world.ts';

describe('an update of a managed node group by EKS', () => {
  it('replaces every node, and ends with the sizes that the group had', async () => {
    const world = createEksWorld({
      workloads: [{ kind: 'Deployment', name: 'web', replicas: 6, budget: { minAvailable: '75%' } }],
    });
    const started = await world.startUpdate();
    assert.equal(started.status, 'InProgress');
    assert.equal((await world.describe()).status, 'UPDATING');
    await world.untilSettled();
    const update = await world.describeUpdate(started.id);
    assert.deepEqual([update.status, update.errors], ['Successful', []]);
    const nodegroup = await world.describe();
    assert.equal(nodegroup.status, 'ACTIVE');
    assert.equal(nodegroup.releaseVersion, NEW_RELEASE);
    assert.deepEqual(nodegroup.scalingConfig, { minSize: 1, maxSize: 5, desiredSize: 3 });
    await world.clock.advance(120);
    assert.deepEqual(
      world.nodes().map(({ metadata }) => metadata.labels?.['eks.amazonaws.com/nodegroup-image']),
      [NEW_AMI, NEW_AMI, NEW_AMI],
    );
    assert.ok([...world.group().members.values()].every(({ instance }) => instance.image.id !== OLD_AMI));
  });
});
