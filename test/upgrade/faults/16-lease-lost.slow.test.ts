import assert from 'node:assert/strict';
import type { KubernetesObject } from 'eks-sandbox';
import { describe, it } from 'mocha';
import { INPUT, NEW_AMI } from '../run-upgrade.ts';
import { traces } from './as-it-was.ts';
import { MINIMAL, servingAtDrains, undrained, type WatchedWorld, watchedWorld } from './watched-world.ts';

const remove = ({ store }: WatchedWorld, { metadata }: KubernetesObject) =>
  store.remove('leases', metadata.namespace, metadata.name);

const WAYS: [title: string, lose: (sandbox: WatchedWorld, lease: KubernetesObject) => void][] = [
  ['deleted', remove],
  [
    'restored from a backup of a moment before',
    (sandbox, lease) => {
      remove(sandbox, lease);
      const { uid: _, resourceVersion: __, ...metadata } = lease.metadata;
      sandbox.store.create('leases', { ...lease, metadata } as never);
    },
  ],
  [
    'edited into nonsense',
    (sandbox, { metadata: { namespace, name, annotations = {} } }) => {
      const nonsense = Object.fromEntries(
        Object.entries(annotations).map(([key, value]) => [key, key.endsWith('/nonce') ? value : '{"what": [']),
      );
      sandbox.store.change('leases', namespace, name, (lease) => ({
        ...lease,
        metadata: { ...lease.metadata, annotations: nonsense },
      }));
    },
  ],
];

describe('#16 a Lease that is gone is not held by somebody else', () => {
  for (const [title, lose] of WAYS) {
    for (const after of [0, 1, 4]) {
      it(`${title} after ${after} terminations: the run goes on, and leaves nothing behind`, async () => {
        const sandbox = await watchedWorld();
        const before = traces(sandbox);
        const execution = sandbox.start({ ...INPUT, updateConfig: { maxUnavailable: 2 } });
        await sandbox.when(() => sandbox.evictions.length > 0 && sandbox.terminations.length >= after);
        lose(sandbox, sandbox.lease() as KubernetesObject);
        const ended = await sandbox.end(execution);
        assert.equal(ended.status, 'SUCCEEDED', ended.cause);
        assert.deepEqual(new Set(sandbox.amis()), new Set([NEW_AMI]));
        assert.deepEqual(undrained(sandbox), []);
        await sandbox.clock.advance(300);
        assert.deepEqual(traces(sandbox), before);
      });
    }
  }

  it('while a replacement boots: under MINIMAL no other node is taken because of that', async () => {
    const sandbox = await watchedWorld();
    const serving = servingAtDrains(sandbox);
    const execution = sandbox.start(MINIMAL);
    await sandbox.when(() => sandbox.terminations.length === 1);
    await sandbox.clock.advance(5);
    remove(sandbox, sandbox.lease() as KubernetesObject);
    const ended = await sandbox.end(execution);
    assert.equal(ended.status, 'SUCCEEDED', ended.cause);
    assert.equal(Math.min(...serving), 5, `${serving}`);
  });
});
