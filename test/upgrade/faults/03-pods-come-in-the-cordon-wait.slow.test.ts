import assert from 'node:assert/strict';
import type { Node } from 'eks-sandbox/kubernetes';
import { describe, it } from 'mocha';
import { INPUT, NEW_AMI, world } from '../run-upgrade.ts';
import { undrained, type WatchedWorld, watchedWorld } from './watched-world.ts';

const isEmpty = ({ store }: WatchedWorld, { metadata }: Node) =>
  store
    .podsOnNode(metadata.name)
    .every((pod) => (pod.metadata.ownerReferences ?? []).some(({ kind }) => kind === 'DaemonSet'));

/** A node in the wait after its cordon. */
const inCordonWait = (sandbox: WatchedWorld) =>
  sandbox
    .tainted()
    .find(
      (node) =>
        node.spec?.unschedulable === true &&
        node.metadata.annotations?.['eks-nodegroup-upgrade/cordoned-by'] !== undefined,
    );

describe('#3 a node whose pods came back in the wait after the cordon', () => {
  for (const waited of [0, 30, 58]) {
    it(`is drained again, when it was uncordoned and untainted ${waited} s into the wait`, async () => {
      const sandbox = await watchedWorld(world());
      const execution = sandbox.start(INPUT);
      await sandbox.when(() => inCordonWait(sandbox) !== undefined);
      await sandbox.clock.advance(waited);
      const { metadata } = inCordonWait(sandbox) as Node;
      sandbox.store.change('nodes', undefined, metadata.name, (node) => ({
        ...node,
        spec: { ...node.spec, unschedulable: false, taints: [] },
      }));
      sandbox.store.change('deployments', 'shop', 'checkout', (deployment) => ({
        ...deployment,
        spec: { ...deployment.spec, replicas: 24 },
      }));
      const node = () => sandbox.store.get('nodes', undefined, metadata.name);
      await sandbox.when(() => !isEmpty(sandbox, node() as Node), 30);
      const ended = await sandbox.end(execution);
      assert.equal(ended.status, 'SUCCEEDED', ended.cause);
      assert.deepEqual(undrained(sandbox), []);
      assert.deepEqual(new Set(sandbox.amis()), new Set([NEW_AMI]));
    });
  }
});
