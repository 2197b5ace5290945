import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { INPUT, NEW_AMI, world } from '../run-upgrade.ts';
import { MINIMAL, undrained, type WatchedWorld, watchedWorld } from './watched-world.ts';

const stale = (secondsAgo: number) =>
  world({
    group: { desiredCapacity: 8, maxSize: 9 },
    scenario: {
      faults: [
        {
          kind: 'staleAnswers',
          service: 'autoscaling',
          actions: ['DescribeAutoScalingGroups'],
          secondsAgo,
          when: 'always',
        },
      ],
    },
  });

/** The fewest nodes that could take pods at any time. */
function leastServing(sandbox: WatchedWorld): () => number {
  let least = Number.POSITIVE_INFINITY;
  sandbox.store.subscribe(({ resource }) => {
    if (resource !== 'nodes') return;
    sandbox.clock.after(0, () => {
      least = Math.min(least, sandbox.serving().length);
    });
  });
  return () => least;
}

describe('#5 answers about the group that are some seconds old', () => {
  for (const secondsAgo of [2, 5, 8]) {
    it(`by ${secondsAgo} s: MINIMAL takes no second node out of service`, async () => {
      const sandbox = await watchedWorld(stale(secondsAgo));
      const least = leastServing(sandbox);
      const ended = await sandbox.upgrade(MINIMAL);
      assert.equal(ended.status, 'SUCCEEDED', ended.cause);
      assert.ok(least() >= 7, `${least()} of 8 nodes were left`);
      assert.deepEqual(undrained(sandbox), []);
    });

    it(`by ${secondsAgo} s: no new node is emptied, and the sizes come back`, async () => {
      const sandbox = await watchedWorld(stale(secondsAgo));
      const ended = await sandbox.upgrade({ ...INPUT, updateConfig: { maxUnavailable: 2 } });
      assert.equal(ended.status, 'SUCCEEDED', ended.cause);
      assert.deepEqual(
        sandbox.terminations.filter(({ ami }) => ami === NEW_AMI),
        [],
      );
      assert.deepEqual(undrained(sandbox), []);
      const { minSize, maxSize, desiredCapacity } = sandbox.group();
      assert.deepEqual({ minSize, maxSize, desiredCapacity }, { minSize: 3, maxSize: 9, desiredCapacity: 8 });
    });
  }
});
