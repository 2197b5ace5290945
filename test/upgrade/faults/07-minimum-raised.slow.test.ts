import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { INPUT, NEW_AMI, world } from '../run-upgrade.ts';
import { BLOCKING_WORKLOAD } from '../workloads.ts';
import { type WatchedWorld, watchedWorld } from './watched-world.ts';

const OLD_NODES = 6;

/** What must hold at the end, when the owner's minimum is above what was desired before. */
function assertKept(sandbox: WatchedWorld, minimum: number) {
  assert.deepEqual(new Set(sandbox.amis()), new Set([NEW_AMI]));
  assert.deepEqual(
    sandbox.terminations.filter(({ ami }) => ami === NEW_AMI),
    [],
  );
  const { minSize, desiredCapacity, suspended } = sandbox.group();
  assert.deepEqual(
    { minSize, desiredCapacity, suspended },
    { minSize: minimum, desiredCapacity: minimum, suspended: [] },
  );
  assert.equal(sandbox.lease(), undefined);
}

describe('#7 a minimum that its owner raises is kept: no new node is launched and ended in turn', () => {
  const rows: [title: string, when: (sandbox: WatchedWorld) => boolean, minimum: number][] = [
    ['a little, after the first node', ({ terminations }) => terminations.length >= 1, 8],
    [
      'to all that is there, after five minutes',
      ({ clock, region }) => clock.now() >= Date.parse(region.state.scenario.startsAt) + 300_000,
      12,
    ],
    ['in the scale-down', ({ terminations }) => terminations.length >= OLD_NODES, 8],
  ];
  for (const [title, when, minimum] of rows) {
    it(`raised ${title}`, async () => {
      const sandbox = await watchedWorld();
      const execution = sandbox.start(INPUT);
      await sandbox.when(() => when(sandbox));
      sandbox.autoScalingGroup.minSize = minimum;
      sandbox.autoScalingGroup.maxSize = Math.max(minimum, sandbox.autoScalingGroup.maxSize);
      sandbox.autoScalingGroup.desiredCapacity = Math.max(minimum, sandbox.autoScalingGroup.desiredCapacity);
      sandbox.region.state.autoScaling.wake(sandbox.autoScalingGroup, 'a user request');
      const ended = await sandbox.end(execution);
      assert.equal(ended.status, 'SUCCEEDED', ended.cause);
      assertKept(sandbox, minimum);
      assert.ok(sandbox.instances.size <= OLD_NODES + minimum + 2, `${sandbox.instances.size} instances were launched`);
    });
  }

  it('raised between a failed run and the next', async () => {
    const sandbox = await watchedWorld(world({ workloads: [BLOCKING_WORKLOAD] }));
    const first = await sandbox.upgrade({ ...INPUT, drainTimeoutSeconds: 120 });
    assert.equal(first.error, 'PodEvictionFailure', first.cause);
    Object.assign(sandbox.autoScalingGroup, { minSize: 10, maxSize: 15, desiredCapacity: 10 });
    sandbox.region.state.autoScaling.wake(sandbox.autoScalingGroup, 'a user request');
    await sandbox.when(() => sandbox.serving().length >= 10);
    sandbox.store.remove('poddisruptionbudgets', 'shop', BLOCKING_WORKLOAD.name);
    const before = sandbox.instances.size;
    const ended = await sandbox.upgrade();
    assert.equal(ended.status, 'SUCCEEDED', ended.cause);
    assertKept(sandbox, 10);
    assert.ok(sandbox.instances.size - before <= 10, `${sandbox.instances.size - before} instances were launched`);
  });
});
