import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { INPUT, NEW_AMI, world } from '../run-upgrade.ts';
import { type WatchedWorld, watchedWorld } from './watched-world.ts';

async function scaleTo(sandbox: WatchedWorld, nodes: number) {
  sandbox.autoScalingGroup.desiredCapacity = nodes;
  sandbox.region.state.autoScaling.wake(sandbox.autoScalingGroup, 'a user request');
  await sandbox.when(() => sandbox.amis().length === nodes, 600);
}

const EMPTY = { minSize: 0, desiredCapacity: 0 };
const RENEWED = { renewedNodes: 6, renewedAmiId: NEW_AMI };

describe('#19 a group with nothing to replace is set up for the nodes that come later', () => {
  for (const version of ['3', '$Latest', '$Default']) {
    for (const updateStrategy of ['DEFAULT', 'MINIMAL']) {
      it(`without nodes, on version ${version}, ${updateStrategy}: what it launches next runs the new AMI`, async () => {
        const sandbox = await watchedWorld(world({ group: { ...EMPTY, launchTemplateVersion: version } }));
        const before = sandbox.group();
        const ended = await sandbox.upgrade({ ...INPUT, updateConfig: { updateStrategy } });
        assert.equal(ended.status, 'SUCCEEDED', ended.cause);
        assert.match(ended.output.completion.summary, /^shop-workers has no nodes; new ones run ami-0b+2$/);
        assert.deepEqual(sandbox.group(), before);
        await scaleTo(sandbox, 2);
        assert.deepEqual(sandbox.amis(), [NEW_AMI, NEW_AMI]);
      });
    }
  }

  it('with nodes that somebody has renewed one by one, on a template that names the old AMI', async () => {
    const sandbox = await watchedWorld(world({ group: RENEWED }));
    const ended = await sandbox.upgrade();
    assert.equal(ended.status, 'SUCCEEDED', ended.cause);
    assert.deepEqual([sandbox.evictions, sandbox.terminations], [[], []]);
    await scaleTo(sandbox, 7);
    assert.deepEqual(sandbox.amis(), Array(7).fill(NEW_AMI));
  });

  it('does nothing the second time', async () => {
    const sandbox = await watchedWorld(world({ group: EMPTY }));
    assert.equal((await sandbox.upgrade()).status, 'SUCCEEDED');
    const again = await sandbox.upgrade();
    assert.equal(again.output.plan.status, 'nothingToDo', again.cause);
    assert.match(again.output.plan.summary, /has no nodes: nothing to upgrade, nothing was changed/);
  });
});
