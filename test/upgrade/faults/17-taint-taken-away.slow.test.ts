import assert from 'node:assert/strict';
import type { Node } from 'eks-sandbox/kubernetes';
import { describe, it } from 'mocha';
import { INPUT, NEW_AMI } from '../run-upgrade.ts';
import { undrained, type WatchedWorld, watchedWorld } from './watched-world.ts';

const PODS = 12;

const takeTaintAway = ({ store }: WatchedWorld, { metadata }: Node) =>
  store.change('nodes', undefined, metadata.name, (node) => ({ ...node, spec: { ...node.spec, taints: [] } }));

/** Somebody who wants no taint of ours, and looks every few seconds until the run is over. */
function fight(sandbox: WatchedWorld, isOver: () => boolean, seconds: number) {
  for (const node of sandbox.tainted()) takeTaintAway(sandbox, node);
  if (!isOver()) sandbox.clock.after(seconds, () => fight(sandbox, isOver, seconds));
}

describe('#17 a taint of ours that somebody takes away', () => {
  it('from one node before its drain: it is put back, and the evictions stay few', async () => {
    const sandbox = await watchedWorld();
    const execution = sandbox.start(INPUT);
    await sandbox.when(() => sandbox.terminations.length >= 1);
    const node = sandbox.tainted().find(({ metadata }) => !metadata.annotations?.['eks-nodegroup-upgrade/excluded-by']);
    takeTaintAway(sandbox, node as Node);
    const ended = await sandbox.end(execution);
    assert.equal(ended.status, 'SUCCEEDED', ended.cause);
    assert.deepEqual(new Set(sandbox.amis()), new Set([NEW_AMI]));
    assert.ok(sandbox.evictions.length <= 2 * PODS, `${sandbox.evictions.length} evictions of ${PODS} pods`);
    assert.deepEqual(undrained(sandbox), []);
  });

  for (const seconds of [3, 20]) {
    it(`from every node, every ${seconds} s: no pod is evicted without end, and none is terminated undrained`, async () => {
      const sandbox = await watchedWorld();
      const execution = sandbox.start({ ...INPUT, drainTimeoutSeconds: 120, updateConfig: { maxUnavailable: 2 } });
      fight(sandbox, () => execution.status !== 'RUNNING', seconds);
      await sandbox.end(execution);
      assert.ok(execution.status === 'SUCCEEDED' || execution.error === 'PodEvictionFailure', execution.cause);
      assert.ok(sandbox.evictions.length <= 5 * PODS, `${sandbox.evictions.length} evictions of ${PODS} pods`);
      assert.deepEqual(undrained(sandbox), []);
    });
  }
});
