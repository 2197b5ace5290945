import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { awsCalls, CLUSTER, createWorld, INPUT, kubernetesCalls, NEW_AMI, nodePatches, world } from './run-upgrade.ts';
import { BLOCKING_WORKLOAD } from './workloads.ts';

const QUICK = { ...INPUT, drainTimeoutSeconds: 120, updateConfig: { maxUnavailable: 2 } };

const podsOf = (sandbox: Awaited<ReturnType<typeof createWorld>>, name: string) =>
  sandbox.pods().filter(({ metadata }) => metadata.labels?.app === name);
const isUsable = ({
  spec,
  metadata,
}: {
  spec: { unschedulable?: boolean; taints?: unknown[] };
  metadata: { labels?: object; annotations?: object };
}) =>
  spec.unschedulable !== true &&
  (spec.taints ?? []).length === 0 &&
  !/eks-nodegroup-upgrade|exclude-from/.test(JSON.stringify([metadata.labels, metadata.annotations]));

describe('a pod whose budget never allows its eviction', () => {
  it('is parked, tried once more after all others, and then named with its budget and what to do', async () => {
    const sandbox = await createWorld(world({ workloads: [BLOCKING_WORKLOAD] }));
    const ended = await sandbox.upgrade(QUICK);
    assert.equal(ended.error, 'PodEvictionFailure');
    assert.match(ended.cause, /1 node could not be drained \(tried twice, 120 s each; all other nodes are done\)/);
    assert.match(ended.cause, /pod shop\/api-\S+ \(Deployment api\) has blocked the drain for \d+ minutes/);
    assert.match(
      ended.cause,
      /PodDisruptionBudget shop\/api \(minAvailable 1\) allows no disruption: 1 pod of 1 healthy, 1 required/,
    );
    assert.match(ended.cause, /To do: run Deployment api with 2 replicas or more/);
    assert.equal(sandbox.amis().filter((ami) => ami !== NEW_AMI).length, 1, 'all other nodes were upgraded');
  });

  it('leaves its node usable and the pod untouched, and the next run finishes once the budget is gone', async () => {
    const sandbox = await createWorld(world({ workloads: [BLOCKING_WORKLOAD] }));
    const [pod] = podsOf(sandbox, 'api');
    await sandbox.upgrade(QUICK);
    assert.equal(podsOf(sandbox, 'api')[0]?.metadata.uid, pod?.metadata.uid);
    await sandbox.clock.advance(180);
    assert.ok(sandbox.nodes().every(isUsable as never), 'every node is open again');
    assert.equal(sandbox.stores.get(CLUSTER)?.list('leases')[0]?.spec?.holderIdentity ?? '', '');

    sandbox.stores.get(CLUSTER)?.remove('poddisruptionbudgets', 'shop', 'api');
    const { desiredCapacity: raised } = sandbox.group();
    const second = await sandbox.upgrade(QUICK);
    assert.equal(second.status, 'SUCCEEDED', second.cause);
    assert.equal(second.output.plan.nodes.outdated, 1, 'renewed nodes are recognised');
    assert.match(second.output.plan.warnings.join(), /an earlier run did not finish here/);
    const { tags, ...sizes } = sandbox.group();
    assert.deepEqual(sizes, { minSize: 3, maxSize: 7, desiredCapacity: 6, suspended: [] });
    assert.deepEqual(
      Object.keys(tags).filter((key) => key.startsWith('eks-nodegroup-upgrade')),
      [],
    );
    const most = awsCalls(sandbox.wire.entries, 'UpdateAutoScalingGroup').map(({ form }) =>
      Number(form.get('DesiredCapacity') ?? 0),
    );
    assert.ok(Math.max(...most) <= Math.max(12, raised), 'nothing surged twice');
  });

  it('does not starve the second attempt of capacity when many nodes are parked', async () => {
    const replicas = Array.from({ length: 3 }, (_, index) => ({ ...BLOCKING_WORKLOAD, name: `api-${index}` }));
    const sandbox = await createWorld(world({ group: { desiredCapacity: 9, maxSize: 12 }, workloads: replicas }));
    const ended = await sandbox.upgrade({ ...QUICK, updateConfig: { maxUnavailable: 3 } });
    assert.equal(ended.error, 'PodEvictionFailure', ended.cause);
  });

  it('stops the run at once with failurePolicy halt', async () => {
    const sandbox = await createWorld(world({ workloads: [BLOCKING_WORKLOAD] }));
    const ended = await sandbox.upgrade({ ...QUICK, failurePolicy: 'halt', updateConfig: { maxUnavailable: 1 } });
    assert.equal(ended.error, 'PodEvictionFailure');
    assert.match(ended.cause, /failurePolicy "halt"/);
  });

  it('stops the run early when as many nodes in a row as the parallelism are blocked', async () => {
    const sandbox = await createWorld(
      world({ workloads: [{ ...BLOCKING_WORKLOAD, replicas: 6, antiAffinity: 'host', budget: { minAvailable: 6 } }] }),
    );
    const ended = await sandbox.upgrade(QUICK);
    assert.equal(ended.error, 'PodEvictionFailure');
    // Another one may have been taken before the conductor saw the second one blocked.
    assert.match(ended.cause, /[23] in a row, so the run stopped before it tried the others/);
    assert.equal(sandbox.amis().filter((ami) => ami !== NEW_AMI).length, 6);
  });

  it('is deleted with its own grace period when force is set, and only after the graceful attempt', async () => {
    const sandbox = await createWorld(world({ workloads: [BLOCKING_WORKLOAD] }));
    const ended = await sandbox.upgrade({ ...QUICK, force: true });
    assert.equal(ended.status, 'SUCCEEDED', ended.cause);
    const deletes = kubernetesCalls(sandbox.wire.entries, /^DELETE .*\/pods\/api/);
    const firstTry = kubernetesCalls(sandbox.wire.entries, /\/pods\/api-.*\/eviction$/)[0];
    assert.ok(deletes.length >= 1);
    assert.ok((deletes[0]?.at as number) - (firstTry?.at as number) >= 119_000);
    assert.doesNotMatch(deletes[0]?.request.body ?? '', /gracePeriodSeconds/);
  });

  it('lets the run finish when the budget is lifted half-way', async () => {
    const sandbox = await createWorld(world({ workloads: [BLOCKING_WORKLOAD] }));
    const execution = sandbox.start({ ...INPUT, drainTimeoutSeconds: 900 });
    await sandbox.clock.runUntil(() => kubernetesCalls(sandbox.wire.entries, /\/pods\/api-.*\/eviction$/).length > 3);
    sandbox.stores.get(CLUSTER)?.remove('poddisruptionbudgets', 'shop', 'api');
    await sandbox.clock.runUntil(() => execution.status !== 'RUNNING', 7200);
    assert.equal(execution.status, 'SUCCEEDED');
  });
});

describe('pods that no drain can move', () => {
  it('include one that two budgets select: the run fails fast and names both', async () => {
    const twice = {
      ...BLOCKING_WORKLOAD,
      budget: { maxUnavailable: 1 },
      budgets: [{ name: 'second', maxUnavailable: 1 }],
    };
    const sandbox = await createWorld(world({ workloads: [twice] }));
    const ended = await sandbox.upgrade({ ...QUICK, drainTimeoutSeconds: 900 });
    assert.equal(ended.error, 'PodEvictionFailure');
    assert.match(ended.cause, /more than one PodDisruptionBudget selects it \(shop\/api, shop\/second\)/);
    const seconds = (sandbox.clock.now() - Date.parse('2026-01-04T03:00:00Z')) / 1000;
    assert.ok(seconds < 900, `${seconds} s: no waiting for what cannot change`);
  });

  it('include one that tolerates every taint: it is evicted a few times, reported, and not waited for', async () => {
    const { budget: _, ...loose } = BLOCKING_WORKLOAD;
    const workload = { ...loose, name: 'zombie', replicas: 3, tolerations: [{ operator: 'Exists' as const }] };
    const sandbox = await createWorld(world({ workloads: [workload] }));
    const ended = await sandbox.upgrade(QUICK);
    assert.equal(ended.status, 'SUCCEEDED', ended.cause);
    assert.ok(
      ended.output.plan.blockingPods.some(({ reason }: { reason: string }) => reason === 'toleratesEveryTaint'),
    );
  });

  it('include bare pods when pods.unmanaged is refuse: nothing is evicted from their node', async () => {
    const sandbox = await createWorld(world({ workloads: [{ kind: 'Pod', name: 'shell', namespace: 'default' }] }));
    const [shell] = podsOf(sandbox, 'shell');
    const ended = await sandbox.upgrade({ ...QUICK, pods: { unmanaged: 'refuse' } });
    assert.equal(ended.error, 'PodEvictionFailure');
    assert.match(ended.cause, /pod default\/shell-0 blocks the drain: no controller owns it.*pods\.unmanaged/);
    const evicted = kubernetesCalls(sandbox.wire.entries, /\/eviction$/).map(({ action }) => action);
    assert.ok(!evicted.some((action) => action.includes('/shell-0/')));
    assert.equal(podsOf(sandbox, 'shell')[0]?.metadata.uid, shell?.metadata.uid);
  });

  it('do not include bare pods and emptyDir pods by default: they are evicted as by EKS, with a warning', async () => {
    const workloads = [
      { kind: 'Pod', name: 'shell', namespace: 'default' },
      { kind: 'Deployment', name: 'cache', namespace: 'shop', emptyDir: true, replicas: 2 },
    ] as const;
    const ended = await (await createWorld(world({ workloads: [...workloads] }))).upgrade(QUICK);
    assert.equal(ended.status, 'SUCCEEDED', ended.cause);
    assert.match(ended.output.plan.warnings.join(), /1 pod without a controller will be evicted/);
  });

  it('may have a longer grace period than the drain timeout, as the plan says', async () => {
    const { budget: _, ...slow } = {
      ...BLOCKING_WORKLOAD,
      name: 'slow',
      terminationGracePeriodSeconds: 600,
      terminationSeconds: 10,
    };
    const ended = await (await createWorld(world({ workloads: [slow] }))).upgrade({ ...QUICK, dryRun: true });
    const [blockingPod] = ended.output.plan.blockingPods;
    assert.equal(blockingPod.reason, 'gracePeriod');
    assert.match(blockingPod.advice, /drainTimeoutSeconds to 660 or more/);
  });
});

describe('what other people set on nodes', () => {
  it('stays: their taints, cordons and labels are as they were', async () => {
    const everywhere = {
      ...BLOCKING_WORKLOAD,
      replicas: 6,
      antiAffinity: 'host' as const,
      budget: { minAvailable: 6 },
    };
    const blocked = await createWorld(world({ workloads: [everywhere] }));
    const theirs = blocked.stores.get(CLUSTER);
    const [node] = blocked.nodes();
    assert.ok(theirs && node);
    theirs.change('nodes', undefined, node.metadata.name, (found) => ({
      ...found,
      metadata: {
        ...found.metadata,
        labels: { ...found.metadata.labels, 'node.kubernetes.io/exclude-from-external-load-balancers': 'true' },
      },
      spec: { ...found.spec, unschedulable: true, taints: [{ key: 'team', value: 'gpu', effect: 'NoSchedule' }] },
    }));
    const ended = await blocked.upgrade(QUICK);
    assert.equal(ended.status, 'FAILED');
    const after = theirs.get('nodes', undefined, node.metadata.name);
    assert.equal(after?.spec?.unschedulable, true);
    assert.ok(after?.spec?.taints?.some(({ key }: { key: string }) => key === 'team'));
    assert.equal(after?.metadata.labels?.['node.kubernetes.io/exclude-from-external-load-balancers'], 'true');
    assert.ok(!after?.spec?.taints?.some(({ key }: { key: string }) => key === 'eks.amazonaws.com/nodegroup'));
    const patches = nodePatches(blocked.wire.entries).filter(({ nodeName }) => nodeName === node.metadata.name);
    assert.ok(patches.every(({ body }) => body.spec?.unschedulable !== false));
  });
});
