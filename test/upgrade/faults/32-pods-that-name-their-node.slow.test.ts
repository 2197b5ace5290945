import assert from 'node:assert/strict';
import type { KubernetesObject } from 'eks-sandbox';
import { describe, it } from 'mocha';
import { INPUT, OLD_AMI } from '../run-upgrade.ts';
import { undrained, type WatchedWorld, watchedWorld } from './watched-world.ts';

const RUN = { ...INPUT, drainTimeoutSeconds: 120, updateConfig: { maxUnavailable: 2 } };
/** Two tries, each the first pod and two that have come back. */
const MOST_EVICTIONS = 2 * 3;

const template = (nodeName: string) => ({
  metadata: { labels: { app: 'pinned' } },
  spec: { nodeName, terminationGracePeriodSeconds: 1, containers: [{ name: 'c', image: 'busybox' }] },
});

/** A Deployment whose pods name a node, past the scheduler. */
function pinned({ store }: WatchedWorld, nodeName: string) {
  const spec = { replicas: 1, selector: { matchLabels: { app: 'pinned' } }, template: template(nodeName) };
  const metadata = { name: 'pinned', namespace: 'shop' };
  store.create('deployments', { apiVersion: 'apps/v1', kind: 'Deployment', metadata, spec } as never);
}

/** Somebody's loop that puts a bare pod on the node whenever it has none. */
function keepBarePod(sandbox: WatchedWorld, nodeName: string, isOver: () => boolean, count = 0) {
  const { store, clock } = sandbox;
  const has = store.podsOnNode(nodeName).some(({ metadata }) => metadata.labels?.app === 'pinned');
  if (!has) {
    const metadata = {
      ...template(nodeName).metadata,
      name: `pinned-${count}`,
      namespace: 'shop',
      generateName: 'pinned-',
    };
    const { spec } = template(nodeName);
    store.create('pods', { apiVersion: 'v1', kind: 'Pod', metadata, spec } as unknown as KubernetesObject as never);
  }
  if (!isOver()) clock.after(3, () => keepBarePod(sandbox, nodeName, isOver, count + (has ? 0 : 1)));
}

const evictionsOfPinned = ({ evictions }: WatchedWorld) => evictions.filter((name) => name.startsWith('pinned')).length;

describe('#32 a pod that names its node comes back past every taint', () => {
  it('is evicted a few times, then blocks its node, and is named with the reason', async () => {
    const sandbox = await watchedWorld();
    const nodeName = sandbox.nodes()[0]?.metadata.name as string;
    pinned(sandbox, nodeName);
    await sandbox.clock.advance(60);
    const ended = await sandbox.end(sandbox.start(RUN));
    assert.equal(ended.error, 'PodEvictionFailure');
    assert.match(
      ended.cause,
      /pod shop\/pinned-\S+ \(\S+ pinned\S*\) .*because its owner names the node \(spec\.nodeName\)/,
    );
    assert.match(ended.cause, /To do: let the scheduler place it/);
    assert.ok(evictionsOfPinned(sandbox) <= MOST_EVICTIONS, `${evictionsOfPinned(sandbox)} evictions`);
    assert.equal(sandbox.amis().filter((ami) => ami === OLD_AMI).length, 1);
    assert.deepEqual(undrained(sandbox), []);
  });

  it('also when nothing owns it', async () => {
    const sandbox = await watchedWorld();
    const nodeName = sandbox.nodes()[0]?.metadata.name as string;
    const execution = sandbox.start(RUN);
    keepBarePod(sandbox, nodeName, () => execution.status !== 'RUNNING');
    const ended = await sandbox.end(execution);
    assert.equal(ended.error, 'PodEvictionFailure');
    assert.match(ended.cause, /pod shop\/pinned-\d+ .*came back after its evictions/);
    assert.ok(evictionsOfPinned(sandbox) <= MOST_EVICTIONS, `${evictionsOfPinned(sandbox)} evictions`);
  });
});
