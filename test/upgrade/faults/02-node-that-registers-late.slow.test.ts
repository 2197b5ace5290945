import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { GROUP, NEW_AMI, world } from '../run-upgrade.ts';
import { MINIMAL, undrained, watchedWorld } from './watched-world.ts';

describe('#2 an outdated instance that had no Node when the run began', () => {
  for (const before of [7, 30, 50]) {
    it(`is drained before it is terminated when it was launched ${before} s before the run`, async () => {
      const faults = [{ kind: 'setDesiredCapacity' as const, group: GROUP, atSeconds: 5, change: 2 }];
      const sandbox = await watchedWorld(world({ group: { maxSize: 10 }, scenario: { faults } }));
      await sandbox.clock.advance(5 + before);
      const ended = await sandbox.upgrade(MINIMAL);
      assert.equal(ended.status, 'SUCCEEDED', ended.cause);
      assert.deepEqual(undrained(sandbox), []);
      assert.equal(sandbox.amis().filter((ami) => ami === NEW_AMI).length, 8);
    });
  }
});
