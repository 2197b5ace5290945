import assert from 'node:assert/strict';
import * as z from 'zod';
import { defineStep } from '../../clients/lambda/step.ts';
import { LEASE_NAMESPACE, leaseName, RECORD_ANNOTATIONS } from '../../domain/admission/record.ts';
import { upgradeNodes } from '../../functions/upgrade-nodes.ts';
import { buildClusterReport } from '../../report/cluster/cluster.ts';
import { renderClusterHtml } from '../../report/cluster/html.ts';
import { renderClusterMarkdown } from '../../report/cluster/markdown.ts';
import { renderHtml } from '../../report/html/html.ts';
import { renderMarkdown } from '../../report/markdown/markdown.ts';
import { figuresOf } from '../../report/model/figures.ts';
import type { Report } from '../../report/model/model.ts';
import { buildReport } from '../../report/read/read.ts';
import { clusterHistory, upgradeHistory } from './histories.ts';
import { ALL, blockingWorkload, createClusterWorld, fleet, group, renewed } from './run-cluster.ts';
import { CLUSTER, createWorld, GROUP, INPUT, type UpgradeWorld, world } from './run-upgrade.ts';

const MANAGED = { clusterName: CLUSTER, nodegroupName: 'workers' };
const managed = { managed: { nodegroupName: 'workers', maxUnavailable: 2 } };
const BLOCKED = {
  kind: 'Deployment' as const,
  name: 'ledger',
  namespace: 'shop',
  replicas: 1,
  budget: { maxUnavailable: 0 },
};

const isSound = (text: string): void => assert.doesNotMatch(text, /undefined|NaN|\[object/);

async function reportOf(sandbox: UpgradeWorld, input: object): Promise<Report> {
  const { execution } = await sandbox.upgrade(input);
  const report = buildReport(upgradeHistory(sandbox.stepFunctions, execution));
  isSound(renderHtml(report) + renderMarkdown(report));
  return report;
}

/** The conductor, with room for so few events that each execution continues in another one after a step. */
const hurried = defineStep<never, unknown>(z.custom<never>(), async (input: object, deps) =>
  upgradeNodes.run(upgradeNodes.input.parse({ ...input, eventBudget: 161 }), deps),
);

describe('the report of a real run of the workflow', () => {
  it('has a bar per node, without gaps, and the names of all that its steps started', async () => {
    const report = await reportOf(await createWorld(), { ...INPUT, updateConfig: { maxUnavailable: 2 } });
    assert.deepEqual([report.counts.outdated, report.counts.upgraded, report.nodes.length], [6, 6, 6]);
    for (const { attempts } of report.nodes) {
      const segments = attempts[0]?.segments ?? [];
      assert.deepEqual(
        segments.map(({ state }) => state).filter((state) => state !== 'waiting' && state !== 'terminating'),
        ['draining', 'cordonWait'],
      );
      segments.slice(1).forEach(({ startedAt }, index) => {
        assert.equal(startedAt, segments[index]?.endedAt);
      });
      assert.match(attempts[0]?.consoleUrl ?? '', /:execution:eks-nodegroup-upgrade-dev-upgrade-node:shop-workers-i-/);
    }
    assert.equal(report.counts.evicted, 12);
  });

  for (const [title, workloads, expected] of [
    ['succeeds', [], { outdated: 6, upgraded: 6, blocked: 0 }],
    ['fails', [BLOCKED], { outdated: 6, upgraded: 5, blocked: 1 }],
  ] as const) {
    it(`is one report when a run continues in other executions and ${title}`, async () => {
      const sandbox = await createWorld(world({ workloads: [...workloads] }), {
        steps: new Map([['upgradeNodes', hurried]]),
      });
      const report = await reportOf(sandbox, { ...INPUT, drainTimeoutSeconds: 120 });
      const { outdated, upgraded, blocked } = report.counts;
      assert.deepEqual({ outdated, upgraded, blocked }, expected);
      assert.ok((report.execution.continuedBy?.length ?? 0) > 0);
      assert.deepEqual(new Set(report.phases.map(({ name }) => name)).size, report.phases.length, 'each phase once');
      if (blocked > 0) assert.match(report.failure?.cause ?? '', /^1 node could not be drained.*shop\/ledger/);
    });
  }

  it('says of a stopped run that its nodes were finished, and of the next one that it adopted them', async () => {
    const sandbox = await createWorld(world({ workloads: [BLOCKED] }));
    const input = { ...INPUT, updateConfig: { maxUnavailable: 6 } };
    const first = sandbox.start({ ...input, drainTimeoutSeconds: 600 });
    await sandbox.clock.advance(110);
    sandbox.stepFunctions.stop(first, { error: 'Stopped', cause: 'by hand' });
    await sandbox.clock.advance(10);
    const report = await reportOf(sandbox, { ...input, drainTimeoutSeconds: 120 });
    const stopped = buildReport(upgradeHistory(sandbox.stepFunctions, first));
    assert.deepEqual([stopped.status, stopped.counts.inProgress], ['ABORTED', 0]);
    isSound(renderHtml(stopped) + renderMarkdown(stopped));
    assert.match(
      report.warnings.join(),
      /An earlier run has begun with \d nodes?, .*; they keep drainTimeoutSeconds 600\./,
    );
    const adopted = report.nodes.filter(({ attempts }) => attempts.some(({ isAdopted }) => isAdopted));
    assert.ok(adopted.length > 0, renderMarkdown(report));
    assert.deepEqual(adopted[0]?.attempts[0]?.otherSettings, [{ name: 'Drain timeout', value: '10 min' }]);
  });

  it('can be made at any time', async () => {
    const sandbox = await createWorld();
    const { execution } = await sandbox.upgrade();
    for (const seconds of [0, 30, 60, 100, 200, 304, 400]) {
      const until = execution.startedAt + seconds * 1000;
      const report = buildReport(upgradeHistory(sandbox.stepFunctions, execution, until));
      const { upgraded, inProgress, queued, outdated } = report.counts;
      assert.equal(upgraded + inProgress + queued, outdated, `after ${seconds} s`);
      assert.equal(inProgress, seconds > 63 && seconds < 450 ? 1 : 0, `after ${seconds} s`);
      isSound(renderHtml(report) + renderMarkdown(report));
    }
  });
});

describe('the report of a real run by EKS', () => {
  it('has one bar per node with the states that EKS does not report', async () => {
    const { counts, nodes, phases, update, capacity, cost } = await reportOf(
      await createWorld(world({ group: managed })),
      MANAGED,
    );
    assert.deepEqual([counts.outdated, counts.upgraded, update?.status], [6, 6, 'successful']);
    for (const { attempts } of nodes) {
      const seen = attempts[0]?.segments.map(({ state }) => state).filter((state) => state !== 'waiting');
      assert.deepEqual(seen, ['draining', 'cordonWait', 'terminating']);
    }
    assert.deepEqual(
      phases.map(({ name }) => name),
      ['plan', 'setup', 'scaleUp', 'upgrade', 'scaleDown'],
    );
    assert.ok((capacity.lowest?.readyNodes ?? 0) >= 6 && (cost.extraInstanceHours ?? 0) > 0);
  });

  it('counts pods that left outdated nodes apart from those that EKS moves once more when it removes its surge', async () => {
    const report = await reportOf(await createWorld(world({ group: managed })), MANAGED);
    const evicted = figuresOf(report).find(({ name }) => name === 'Pods evicted');
    const [first, again] = (evicted?.note ?? '').match(/\d+/g)?.map(Number) ?? [];
    assert.equal(
      first,
      report.nodes.reduce((sum, { evictedCount }) => sum + evictedCount, 0),
    );
    // A pod for each of the twelve replicas, on its old node.
    assert.equal(first, 12);
    assert.equal((first ?? 0) + (again ?? 0), report.counts.evicted);
    assert.match(evicted?.note ?? '', /from outdated nodes, \d+ more as EKS removed its surge$/);
  });

  it('shows the node that EKS could not drain as blocked, with the pod that blocked it for the whole time', async () => {
    const { counts, nodes, blockingPods, update } = await reportOf(
      await createWorld(world({ group: managed, workloads: [BLOCKED] })),
      MANAGED,
    );
    assert.deepEqual([counts.blocked, update?.status, blockingPods.length], [1, 'failed', 1]);
    const blocked = nodes.find(({ outcome }) => outcome === 'blocked');
    assert.equal(blockingPods[0]?.instanceId, blocked?.instanceId);
    assert.equal(blockingPods[0]?.budget, 'shop/ledger');
    assert.ok((blockingPods[0]?.blockedSeconds ?? 0) > 13 * 60, `${blockingPods[0]?.blockedSeconds} s`);
  });

  it('shows a blocking pod within a minute', async () => {
    const sandbox = await createWorld(world({ group: managed, workloads: [BLOCKED] }));
    const { execution } = await sandbox.upgrade(MANAGED);
    const { blockingPods } = buildReport(upgradeHistory(sandbox.stepFunctions, execution));
    const blockedFrom = Date.parse(blockingPods[0]?.blockedFrom ?? '');
    const after = buildReport(upgradeHistory(sandbox.stepFunctions, execution, blockedFrom + 60_000));
    assert.deepEqual(
      after.blockingPods.map(({ outcome, budget }) => [outcome, budget]),
      [['blocked', 'shop/ledger']],
    );
  });

  it('says of a cancelled run that EKS continues with its update', async () => {
    const sandbox = await createWorld(world({ group: managed }));
    const execution = sandbox.start(MANAGED);
    await sandbox.clock.advance(150);
    sandbox.stores.get(CLUSTER)?.change('leases', LEASE_NAMESPACE, leaseName(GROUP), (lease) => ({
      ...lease,
      metadata: {
        ...lease.metadata,
        annotations: { ...lease.metadata.annotations, [RECORD_ANNOTATIONS.cancel]: 'enough' },
      },
    }));
    await sandbox.clock.runUntil(() => execution.status !== 'RUNNING', 7200);
    const report = buildReport(upgradeHistory(sandbox.stepFunctions, execution));
    assert.equal(report.failure?.error, 'UpgradeCancelled');
    assert.equal(report.update?.status, 'goesOn');
    assert.match(report.headline, /upgraded by EKS, which continues$/);
    isSound(renderHtml(report) + renderMarkdown(report));
  });

  it('says whose update it was when it followed one', async () => {
    const sandbox = await createWorld(world({ group: managed }));
    const first = sandbox.start(MANAGED);
    await sandbox.clock.advance(150);
    sandbox.stepFunctions.stop(first, { error: 'Stopped', cause: 'by hand' });
    const stopped = buildReport(upgradeHistory(sandbox.stepFunctions, first));
    assert.match(stopped.advice.join(' '), /EKS continues with update/);
    const report = await reportOf(sandbox, MANAGED);
    assert.deepEqual([report.update?.isAdopted, report.status], [true, 'SUCCEEDED']);
    assert.equal(report.update?.updateId, stopped.update?.updateId);
  });

  it('can be made at any time', async () => {
    const sandbox = await createWorld(world({ group: managed }));
    const { execution } = await sandbox.upgrade(MANAGED);
    for (const seconds of [0, 30, 75, 100, 200, 400]) {
      const until = execution.startedAt + seconds * 1000;
      const { counts, ...report } = buildReport(upgradeHistory(sandbox.stepFunctions, execution, until));
      assert.equal(counts.upgraded + counts.inProgress + counts.queued, counts.outdated, `after ${seconds} s`);
      isSound(renderHtml({ ...report, counts }) + renderMarkdown({ ...report, counts }));
    }
  });
});

describe('the report of a real run of a cluster', () => {
  it('has a row for every group, and the report of each that was upgraded', async () => {
    const sandbox = await createClusterWorld(fleet([group('web'), group('batch'), renewed('gpu')]));
    const { execution } = await sandbox.upgrade();
    const report = buildClusterReport(clusterHistory(sandbox.stepFunctions, execution));
    assert.deepEqual(
      report.nodegroups.map(({ name, outcome, nodes }) => [name, outcome, nodes.upgraded]),
      [
        ['batch', 'upgraded', 2],
        ['gpu', 'onTarget', 0],
        ['web', 'upgraded', 2],
      ],
    );
    assert.equal(report.groups.length, 2);
    assert.match(report.headline, /^2 node groups of shop upgraded in .*, 4 nodes$/);
    isSound(renderClusterHtml(report) + renderClusterMarkdown(report));
  });

  it('names the group that failed with its own error and pods, and those that were not started', async () => {
    const sandbox = await createClusterWorld(
      fleet([group('a'), group('b'), group('c')], { workloads: [blockingWorkload('b')] }),
    );
    const { execution } = await sandbox.upgrade({ ...ALL, drainTimeoutSeconds: 60 });
    const report = buildClusterReport(clusterHistory(sandbox.stepFunctions, execution));
    assert.deepEqual(
      report.nodegroups.map(({ name, outcome, error }) => [name, outcome, error]),
      [
        ['a', 'upgraded', undefined],
        ['b', 'failed', 'PodEvictionFailure'],
        ['c', 'notStarted', undefined],
      ],
    );
    assert.ok((report.nodegroups[1]?.unresolvedPods ?? 0) > 0);
    assert.equal(report.failure?.error, 'PodEvictionFailure');
    assert.match(renderClusterHtml(report), /<details class="group" open><summary>b /);
    isSound(renderClusterHtml(report) + renderClusterMarkdown(report));
  });

  it('can be made at any time', async () => {
    const sandbox = await createClusterWorld(fleet(['a', 'b', 'c', 'd'].map((name) => group(name))));
    const { execution } = await sandbox.upgrade({ ...ALL, maxParallelNodegroups: 2 });
    for (const seconds of [0, 60, 300, 900, 3600]) {
      const until = execution.startedAt + seconds * 1000;
      const report = buildClusterReport(clusterHistory(sandbox.stepFunctions, execution, until));
      assert.equal(report.status, until < (execution.stoppedAt ?? 0) ? 'RUNNING' : 'SUCCEEDED', `after ${seconds} s`);
      isSound(renderClusterHtml(report) + renderClusterMarkdown(report));
    }
  });
});
