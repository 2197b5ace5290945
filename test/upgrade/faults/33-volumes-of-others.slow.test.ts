import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { createWorld, INPUT, NEW_AMI, world } from '../run-upgrade.ts';
import { watchedWorld } from './watched-world.ts';

const db = {
  kind: 'StatefulSet',
  name: 'db',
  namespace: 'shop',
  replicas: 3,
  spread: 'host',
  volumeClaim: true,
} as const;

/** Minutes that an upgrade of this world takes without foreign attachments. */
async function usualMinutes(workload: object): Promise<number> {
  const sandbox = await createWorld(world({ workloads: [workload as never] }));
  const startedAt = sandbox.clock.now();
  await sandbox.upgrade();
  return (sandbox.clock.now() - startedAt) / 60_000;
}

describe('#33 a volume that is attached to a node for ever', () => {
  it('is not waited for when it is of a pod that stays, or of none', async () => {
    const sandbox = await watchedWorld(world({ workloads: [db] }));
    for (const { metadata } of sandbox.nodes()) {
      const spec = {
        attacher: 'ebs.csi.aws.com',
        nodeName: metadata.name,
        source: { persistentVolumeName: `pvc-ds-${metadata.name}` },
      };
      sandbox.store.create('volumeattachments', {
        apiVersion: 'storage.k8s.io/v1',
        kind: 'VolumeAttachment',
        metadata: { name: `csi-ds-${metadata.name}` },
        spec,
        status: { attached: true },
      } as never);
    }
    const startedAt = sandbox.clock.now();
    const ended = await sandbox.end(sandbox.start(INPUT));
    assert.equal(ended.status, 'SUCCEEDED', ended.cause);
    assert.deepEqual(new Set(sandbox.amis()), new Set([NEW_AMI]));
    const minutes = (sandbox.clock.now() - startedAt) / 60_000;
    const usual = await usualMinutes(db);
    assert.ok(minutes <= usual + 1, `${minutes} minutes instead of ${usual}`);
  });

  it('is not waited for when it is of a pod that comes back because it tolerates the taint', async () => {
    const tolerant = { ...db, tolerations: [{ operator: 'Exists' as const }] };
    const sandbox = await createWorld(world({ workloads: [tolerant] }));
    const startedAt = sandbox.clock.now();
    const ended = await sandbox.upgrade({ ...INPUT, drainTimeoutSeconds: 900 });
    assert.equal(ended.status, 'SUCCEEDED', ended.cause);
    const minutes = (sandbox.clock.now() - startedAt) / 60_000;
    assert.ok(minutes < 30, `${minutes} minutes`);
  });
});
