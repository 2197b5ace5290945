import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { INPUT, NEW_AMI, world } from '../run-upgrade.ts';
import { undrained, watchedWorld } from './watched-world.ts';

const OLD_VERSION = '3';
const PODS = 12;

describe('#10 a group that somebody points back to its old version', () => {
  for (const after of [1, 4, 5, 6]) {
    it(`after ${after} terminations, with one node lost then: SUCCEEDED means that no node is outdated, and few pods move twice`, async () => {
      const sandbox = await watchedWorld();
      const execution = sandbox.start({ ...INPUT, updateConfig: { maxUnavailable: 2 } });
      await sandbox.when(() => sandbox.terminations.length >= after);
      sandbox.pointAt(OLD_VERSION);
      sandbox.interrupt(1);
      const ended = await sandbox.end(execution);
      assert.equal(ended.status, 'SUCCEEDED', ended.cause);
      assert.deepEqual(new Set(sandbox.amis()), new Set([NEW_AMI]));
      const { source } = sandbox.autoScalingGroup;
      assert.notEqual(source.kind === 'launch-template' && source.template.version, OLD_VERSION);
      assert.ok(sandbox.evictions.length <= 4 * PODS, `${sandbox.evictions.length} evictions of ${PODS} pods`);
      assert.deepEqual(undrained(sandbox), []);
    });
  }

  it('in the middle of a larger one, with a surge of two: new replacements are not replaced again without end', async () => {
    const group = { desiredCapacity: 18, maxSize: 19 };
    const sandbox = await watchedWorld(world({ group }));
    const execution = sandbox.start({ ...INPUT, updateConfig: { maxUnavailable: 2, surge: 2 } });
    await sandbox.when(() => sandbox.terminations.length >= 4);
    sandbox.pointAt(OLD_VERSION);
    const ended = await sandbox.end(execution);
    assert.equal(ended.status, 'SUCCEEDED', ended.cause);
    assert.deepEqual(sandbox.amis(), Array(18).fill(NEW_AMI));
    assert.ok(sandbox.terminations.length <= 24, `${sandbox.terminations.length} terminations of 18 nodes`);
  });
});
