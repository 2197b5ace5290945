import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { INPUT, NEW_AMI, world } from '../run-upgrade.ts';
import { traces } from './as-it-was.ts';
import { watchedWorld } from './watched-world.ts';

describe('#56 force', () => {
  it('empties every node that has to go, new ones too: 4 nodes in 3 zones, each with a pod whose budget allows nothing', async () => {
    const held = {
      kind: 'StatefulSet',
      name: 'db',
      namespace: 'shop',
      replicas: 4,
      antiAffinity: 'host',
      budget: { maxUnavailable: 0 },
    } as const;
    const group = { desiredCapacity: 4, minSize: 1, maxSize: 5 };
    const sandbox = await watchedWorld(world({ group, workloads: [held] }));
    const before = traces(sandbox);
    const ended = await sandbox.end(sandbox.start({ ...INPUT, force: true, drainTimeoutSeconds: 60 }), 2 * 3600);
    assert.equal(ended.status, 'SUCCEEDED', ended.cause);
    assert.deepEqual(sandbox.amis(), Array(4).fill(NEW_AMI));
    await sandbox.clock.advance(300);
    assert.deepEqual(traces(sandbox), before);
  });
});
