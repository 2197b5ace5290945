import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { INPUT, NEW_AMI } from '../run-upgrade.ts';
import { watchedWorld } from './watched-world.ts';

describe('#15 tags of the run that somebody deletes in its middle', () => {
  for (const after of [0, 1, 3, 6]) {
    it(`leave the sizes, AZRebalance and tags of the group as they were, when they are deleted after ${after} terminations`, async () => {
      const sandbox = await watchedWorld();
      const before = sandbox.group();
      const execution = sandbox.start(INPUT);
      const { tags } = sandbox.autoScalingGroup;
      const own = () => [...tags.keys()].filter((key) => key.startsWith('eks-nodegroup-upgrade/'));
      await sandbox.when(() => own().length > 0 && sandbox.terminations.length >= after);
      for (const key of own()) tags.delete(key);
      const ended = await sandbox.end(execution);
      assert.equal(ended.status, 'SUCCEEDED', ended.cause);
      assert.deepEqual(new Set(sandbox.amis()), new Set([NEW_AMI]));
      assert.deepEqual(sandbox.group(), before);
    });
  }
});
