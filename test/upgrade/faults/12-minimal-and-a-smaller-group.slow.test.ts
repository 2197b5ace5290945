import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { NEW_AMI } from '../run-upgrade.ts';
import { MINIMAL, undrained, type WatchedWorld, watchedWorld } from './watched-world.ts';

/** Take one instance away, as Cluster Autoscaler does: with its place. */
function scaleIn({ autoScalingGroup: group, region }: WatchedWorld) {
  const member = [...group.members.values()].find(({ lifecycleState }) => lifecycleState === 'InService');
  if (member === undefined) throw new Error('nothing is in service');
  group.desiredCapacity -= 1;
  region.state.autoScaling.terminate({ group, member }, 'cluster autoscaler');
}

describe('#12 MINIMAL in a group that somebody else makes smaller', () => {
  for (const after of [0, 1, 3]) {
    it(`goes on with what is desired now, when an autoscaler takes a node away after ${after} terminations`, async () => {
      const sandbox = await watchedWorld();
      const execution = sandbox.start(MINIMAL);
      await (after === 0 ? sandbox.clock.advance(10) : sandbox.when(() => sandbox.terminations.length >= after));
      scaleIn(sandbox);
      const ended = await sandbox.end(execution);
      assert.equal(ended.status, 'SUCCEEDED', ended.cause);
      assert.equal(sandbox.group().desiredCapacity, 5);
      assert.deepEqual(sandbox.amis(), Array(5).fill(NEW_AMI));
      assert.deepEqual(undrained(sandbox), []);
    });
  }
});
