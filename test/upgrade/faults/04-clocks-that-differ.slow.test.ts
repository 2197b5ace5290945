import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { INPUT, NEW_AMI, world } from '../run-upgrade.ts';
import { undrained, type WatchedWorld, watchedWorld } from './watched-world.ts';

/** Pods that may come back to a tainted node: of these a drain must tell those that have done so. */
const TOLERANT = {
  kind: 'Deployment' as const,
  name: 'tolerant',
  namespace: 'shop',
  replicas: 6,
  spread: 'host' as const,
  tolerations: [{ operator: 'Exists' as const }],
};

/** Start all pods of the namespace anew, so that they are a minute old. */
async function restartPods({ store, clock }: WatchedWorld) {
  for (const { metadata } of store.list('pods'))
    if (metadata.namespace === 'shop') store.remove('pods', 'shop', metadata.name);
  await clock.advance(60);
}

describe('#4 pods are told apart by their uids, whatever the clocks say', () => {
  for (const minutes of [5, -5]) {
    const title = `the clock of the cluster is ${Math.abs(minutes)} minutes ${minutes > 0 ? 'ahead of' : 'behind'} Lambda's`;
    const between = { clockBehindSeconds: minutes * 60 };

    it(`${title}: pods that a budget keeps are not taken down with their node`, async () => {
      const guarded = { ...TOLERANT, budget: { maxUnavailable: 0 } };
      const sandbox = await watchedWorld(world({ workloads: [guarded] }), between);
      await restartPods(sandbox);
      const ended = await sandbox.upgrade({ ...INPUT, drainTimeoutSeconds: 120 });
      assert.deepEqual(undrained(sandbox), []);
      assert.equal(ended.error, 'PodEvictionFailure', ended.cause);
    });

    it(`${title}: every pod that was there at first is asked to leave`, async () => {
      const sandbox = await watchedWorld(world({ workloads: [TOLERANT] }), between);
      await restartPods(sandbox);
      const first = sandbox.pods().flatMap(({ metadata }) => (metadata.namespace === 'shop' ? metadata.name : []));
      const ended = await sandbox.upgrade();
      assert.equal(ended.status, 'SUCCEEDED', ended.cause);
      assert.deepEqual(
        first.filter((name) => !sandbox.evictions.includes(name)),
        [],
      );
      assert.deepEqual(new Set(sandbox.amis()), new Set([NEW_AMI]));
    });
  }
});
