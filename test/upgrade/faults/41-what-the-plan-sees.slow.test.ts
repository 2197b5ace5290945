import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { INPUT, world } from '../run-upgrade.ts';
import { watchedWorld } from './watched-world.ts';

const slow = {
  kind: 'Deployment' as const,
  name: 'slow',
  namespace: 'shop',
  replicas: 3,
  startSeconds: 100_000,
  budget: { maxUnavailable: 1 },
  budgets: [{ name: 'second', maxUnavailable: 1 }],
};
const RUN = { ...INPUT, drainTimeoutSeconds: 120, updateConfig: { maxUnavailable: 2 } };

describe('#41 the plan', () => {
  it('does not call pods blockers that have not started, and the run moves them', async () => {
    const sandbox = await watchedWorld(world({ workloads: [slow] }));
    for (const { metadata, status } of sandbox.pods().filter((pod) => pod.metadata.labels?.app === 'slow')) {
      const conditions = (status?.conditions ?? []).map((each) =>
        each.type === 'Ready' ? { ...each, status: 'False' as const } : each,
      );
      sandbox.store.change('pods', 'shop', metadata.name, (pod) => ({
        ...pod,
        status: { ...pod.status, phase: 'Pending', conditions },
      }));
    }
    const { output } = await sandbox.upgrade({ ...RUN, dryRun: true });
    assert.deepEqual(output.plan.blockingPods, []);
  });

  it('counts a pod whose DaemonSet is gone as unmanaged (F56)', async () => {
    const sandbox = await watchedWorld(world());
    const nodeName = sandbox.nodes()[0]?.metadata.name;
    const owner = { apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'gone', uid: 'gone', controller: true };
    sandbox.store.create('pods', {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'left-over', namespace: 'shop', labels: { app: 'left-over' }, ownerReferences: [owner] },
      spec: { nodeName, containers: [{ name: 'c', image: 'busybox' }] },
    } as never);
    await sandbox.clock.advance(30);
    const ended = await sandbox.upgrade({ ...RUN, pods: { unmanaged: 'refuse' } });
    assert.equal(ended.error, 'PodEvictionFailure', `${ended.status} ${ended.cause}`);
    assert.match(ended.cause, /pod shop\/left-over .*no controller owns it.*pods\.unmanaged/);
    const second = await sandbox.upgrade(RUN);
    assert.equal(second.status, 'SUCCEEDED', second.cause);
    assert.match(second.output.plan.warnings.join(), /1 pod without a controller will be evicted/);
    assert.ok(sandbox.evictions.includes('left-over'));
  });

  it('warns of a workload with one pod, and of a pod that fits nowhere else', async () => {
    const solo = { kind: 'Deployment', name: 'solo', namespace: 'shop' } as const;
    const pinned = {
      kind: 'Deployment',
      name: 'pinned',
      namespace: 'shop',
      replicas: 2,
      nodeSelector: { disk: 'fast' },
    } as const;
    const sandbox = await watchedWorld(world({ workloads: [solo, pinned] }));
    const [node] = sandbox.nodes();
    sandbox.store.change('nodes', undefined, node?.metadata.name ?? '', (found) => ({
      ...found,
      metadata: { ...found.metadata, labels: { ...found.metadata.labels, disk: 'fast' } },
    }));
    await sandbox.clock.advance(60);
    const { output } = await sandbox.upgrade({ ...RUN, dryRun: true });
    const warnings = output.plan.warnings.join('\n');
    assert.match(warnings, /1 workload with one pod will be away .*: shop\/Deployment solo/);
    assert.match(warnings, /2 pods will stay Pending after eviction, .*shop\/pinned-/);
  });
});
