import assert from 'node:assert/strict';
import type { Node } from 'eks-sandbox/kubernetes';
import { describe, it } from 'mocha';
import { INPUT } from '../run-upgrade.ts';
import { type WatchedWorld, watchedWorld } from './watched-world.ts';

const STRANGER = 'i-0fffffffffffffff1';
const EXCLUDED = 'eks-nodegroup-upgrade/excluded-by';

const draining = (sandbox: WatchedWorld) =>
  sandbox.nodes().find(({ metadata }) => metadata.annotations?.[EXCLUDED] !== undefined);

const isTouched = ({ metadata, spec }: Node) =>
  spec?.unschedulable === true ||
  /eks-nodegroup-upgrade|exclude-from-external|eks.amazonaws.com\/nodegroup/.test(
    JSON.stringify([metadata.labels, metadata.annotations, spec]),
  );

/** What somebody else wrote on a node. */
const withoutOurs = (entries: Readonly<Record<string, string>> = {}) =>
  Object.fromEntries(
    Object.entries(entries).filter(([key]) => !/eks-nodegroup-upgrade|exclude-from-external/.test(key)),
  );

/** Give the name of a node to the node of another machine. */
function replace({ store }: WatchedWorld, { metadata, spec, status }: Node) {
  const { name, annotations, labels } = metadata;
  store.remove('nodes', undefined, name);
  store.create('nodes', {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels: withoutOurs(labels), annotations: withoutOurs(annotations) },
    spec: { providerID: `${spec?.providerID?.split('/').slice(0, -1).join('/')}/${STRANGER}` },
    ...(status !== undefined && { status }),
  });
}

describe('#6 a node of another instance that has taken the name of one in hand', () => {
  for (const at of ['draining', 'cordoned'] as const) {
    it(`is not touched, when it came while that one was ${at}`, async () => {
      const sandbox = await watchedWorld();
      const execution = sandbox.start(INPUT);
      await sandbox.when(
        () => draining(sandbox) !== undefined && (at === 'draining' || draining(sandbox)?.spec?.unschedulable === true),
      );
      const taken = draining(sandbox) as Node;
      const { name } = taken.metadata;
      const touched: unknown[] = [];
      replace(sandbox, taken);
      const stranger = sandbox.store.get('nodes', undefined, name) as Node;
      sandbox.store.subscribe(({ resource, object }) => {
        if (resource === 'nodes' && object.metadata.uid === stranger.metadata.uid && isTouched(object))
          touched.push([object.metadata.labels, object.metadata.annotations, object.spec]);
      });
      await sandbox.end(execution, 7200);
      assert.deepEqual(touched, []);
    });
  }
});
