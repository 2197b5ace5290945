import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { createWorld, INPUT, NEW_AMI, world } from '../run-upgrade.ts';

describe('#36 nodes whose pods share a budget that lets one go at a time', () => {
  it('are taken one after the other, whatever the parallelism, and none runs out of time', async () => {
    const search = { kind: 'StatefulSet', name: 'search', namespace: 'shop', antiAffinity: 'host' } as const;
    const slow = { ...search, replicas: 12, startSeconds: 300, terminationSeconds: 20, budget: { maxUnavailable: 1 } };
    const group = { desiredCapacity: 12, minSize: 6, maxSize: 14 };
    const sandbox = await createWorld(world({ group, workloads: [slow] }));
    const ended = await sandbox.upgrade({ ...INPUT, updateConfig: { maxUnavailable: 6 } });
    assert.equal(ended.status, 'SUCCEEDED', ended.cause);
    assert.deepEqual(new Set(sandbox.amis()), new Set([NEW_AMI]));
  });
});
