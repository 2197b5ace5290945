import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { INPUT, image, NEW_AMI, world } from '../run-upgrade.ts';
import { BLOCKING_WORKLOAD } from '../workloads.ts';
import { type WatchedWorld, watchedWorld } from './watched-world.ts';

const GOOD_AMI = 'ami-0ddddddddddddddd4';
const BY_OWNER = { minSize: 3, maxSize: 15, desiredCapacity: 10 };

async function resize(sandbox: WatchedWorld) {
  Object.assign(sandbox.autoScalingGroup, BY_OWNER);
  sandbox.region.state.autoScaling.wake(sandbox.autoScalingGroup, 'a user request');
  await sandbox.when(() => sandbox.amis().length === BY_OWNER.desiredCapacity);
}

function assertAsTheOwnerLeftIt(sandbox: WatchedWorld, ami: string, before: object) {
  const { minSize, maxSize, desiredCapacity, tags, suspended } = sandbox.group();
  assert.deepEqual({ minSize, maxSize, desiredCapacity }, BY_OWNER);
  assert.deepEqual(tags, before);
  assert.deepEqual(suspended, []);
  assert.deepEqual(new Set(sandbox.amis()), new Set([ami]));
}

describe('#14 sizes that the owner sets after a failed run are the new wish', () => {
  it('after a run whose AMI never joined: the next one, with a good AMI, ends with them', async () => {
    const broken = world({ newImage: { boots: 'never-joins' } });
    const sandbox = await watchedWorld({ ...broken, images: [...(broken.images ?? []), image(GOOD_AMI, '20260102')] });
    const { tags } = sandbox.group();
    const first = await sandbox.upgrade();
    assert.equal(first.error, 'NodeCreationFailure', first.cause);
    await sandbox.clock.advance(3600);
    await resize(sandbox);
    const second = await sandbox.upgrade({ ...INPUT, target: { amiId: GOOD_AMI } });
    assert.equal(second.status, 'SUCCEEDED', second.cause);
    assertAsTheOwnerLeftIt(sandbox, GOOD_AMI, tags);
  });

  it('after a run that a budget blocked: the next one ends with them', async () => {
    const sandbox = await watchedWorld(world({ workloads: [BLOCKING_WORKLOAD] }));
    const { tags } = sandbox.group();
    const first = await sandbox.upgrade({ ...INPUT, drainTimeoutSeconds: 120 });
    assert.equal(first.error, 'PodEvictionFailure', first.cause);
    await resize(sandbox);
    sandbox.store.remove('poddisruptionbudgets', 'shop', BLOCKING_WORKLOAD.name);
    const second = await sandbox.upgrade();
    assert.equal(second.status, 'SUCCEEDED', second.cause);
    assertAsTheOwnerLeftIt(sandbox, NEW_AMI, tags);
  });
});
