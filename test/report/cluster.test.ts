import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildAnyReport, buildClusterReport } from '../../report/cluster/cluster.ts';
import { renderClusterHtml } from '../../report/cluster/html.ts';
import { renderClusterMarkdown } from '../../report/cluster/markdown.ts';
import { type ClusterReport, isClusterReport } from '../../report/cluster/model.ts';
import { isOfCluster } from '../../report/read/history.ts';
import { withoutConsole } from './console-links.ts';
import { type SyntheticCluster, syntheticCluster } from './synthetic-cluster.ts';
import { syntheticRun } from './synthetic-run.ts';

const report = (options: SyntheticCluster = {}): ClusterReport => buildClusterReport(syntheticCluster(options));
const outcomes = ({ nodegroups }: ClusterReport): string[] =>
  nodegroups.map(({ name, outcome }) => `${name} ${outcome}`);

describe('report of the run of a cluster', () => {
  it('tells the whole story of a run that stopped at a group', () => {
    const golden = readFileSync(join(import.meta.dirname, 'golden/report-cluster-failed.md'), 'utf8');
    assert.equal(renderClusterMarkdown(report({ isBlocked: true })), golden);
  });

  it('has every group of the plan with how it ended', () => {
    assert.deepEqual(outcomes(report()), [
      'shop-workers upgraded',
      'workers upgraded',
      'ingress onTarget',
      'gpu onTarget',
    ]);
    assert.deepEqual(outcomes(report({ isBlocked: true })), [
      'shop-workers failed',
      'workers upgraded',
      'ingress notStarted',
      'gpu onTarget',
    ]);
  });

  it('has the figures of each group beside it, from its own report', () => {
    const { nodegroups, groups } = report();
    const [own, managed] = nodegroups;
    assert.deepEqual([own?.engine, managed?.engine], ['workflow', 'eks']);
    assert.deepEqual(own?.nodes, { total: 4, outdated: 4, upgraded: 4 });
    assert.equal(own?.evicted, groups[0]?.counts.evicted);
    assert.deepEqual([managed?.blockingPods, managed?.unresolvedPods], [1, 0]);
    assert.ok((managed?.lowestReadyNodes ?? 0) > 0 && (managed?.durationSeconds ?? 0) > 0);
    assert.equal(managed?.to, '1.33.5-20260114');
  });

  it('keeps the whole report of each group, in the JSON and on the page', () => {
    const made = report();
    assert.deepEqual(
      made.groups.map(({ headline }) => /upgraded to/.test(headline)),
      [true, true],
    );
    assert.equal(renderClusterHtml(made).match(/<details class="group">/g)?.length, 2);
    assert.equal(renderClusterMarkdown(made).match(/^### /gm)?.length, 2);
  });

  it('adds up what its groups cost, and itself', () => {
    const { cost, groups } = report();
    const ofGroups = groups.reduce((sum, group) => sum + group.cost.stateTransitions, 0);
    assert.ok(cost.stateTransitions > ofGroups && cost.stateTransitions < ofGroups + 30, `${cost.stateTransitions}`);
    assert.equal(cost.executions, 1 + groups.reduce((sum, group) => sum + group.cost.executions, 0));
  });

  it('opens the report of a group that failed', () => {
    assert.equal(renderClusterHtml(report({ isBlocked: true })).match(/<details class="group" open>/g)?.length, 1);
  });

  it('tells pods that block a node now from those that never left', () => {
    assert.match(renderClusterMarkdown(report({ observedAfterSeconds: 400 })), /\| 1, 1 blocking now \|/);
    assert.match(renderClusterMarkdown(report({ isBlocked: true })), /\| 1, 1 not resolved \|/);
  });

  it('lists what is out of scope with the reason', () => {
    assert.deepEqual(report().outOfScope, [
      { kind: 'karpenter', name: 'spot', nodes: 3, reason: 'Karpenter replaces its nodes itself' },
    ]);
  });

  it('only tells the plan of a dry run', () => {
    const made = report({ isDryRun: true });
    assert.match(made.headline, /^3 of 4 node groups of shop are outdated|^2 of 4/);
    assert.equal(made.groups.length, 0);
    assert.match(renderClusterHtml(made), /Dry run/);
  });

  for (const seconds of [0, 5, 20, 100, 300, 500, 5000]) {
    it(`describes a run as it stands after ${seconds} s`, () => {
      const made = report({ observedAfterSeconds: seconds });
      assert.equal(made.status, seconds < 1000 ? 'RUNNING' : 'SUCCEEDED');
      assert.equal(made.nodegroups.length, seconds < 10 ? 0 : 4);
      assert.doesNotMatch(renderClusterMarkdown(made) + renderClusterHtml(made), /undefined|NaN|\[object/);
    });
  }

  it('says of a run that was stopped what became of its groups, and how to go on', () => {
    const run = syntheticCluster({ observedAfterSeconds: 200 });
    const aborted = { id: 999, type: 'ExecutionAborted', timestamp: '2026-01-20T10:19:00.000Z' };
    const { headline, advice } = buildClusterReport({ ...run, history: [...run.history, aborted] });
    assert.match(headline, /^Upgrade of the cluster was aborted: 0 of 2 outdated node groups of shop upgraded$/);
    assert.match(advice.join(' '), /same input/);
  });

  it('makes do with no events at all', () => {
    const made = buildClusterReport({ execution: {}, history: [], groups: [] });
    assert.equal(made.headline, 'Planning the upgrade of the cluster');
    assert.ok(renderClusterHtml(made).length > 0);
  });

  it('shows a group named like a script as text', () => {
    const page = renderClusterHtml(report({ isBlocked: true, hostileName: '<script>alert(1)</script>' }));
    assert.doesNotMatch(page, /<script/);
    const rows = renderClusterMarkdown(report({ hostileName: 'a|b' })).split('\n');
    assert.ok(rows.some((row) => row.includes('a\\|b')));
  });

  it('asks nobody for anything', () => {
    assert.doesNotMatch(
      withoutConsole(renderClusterHtml(report())),
      /https?:|\bsrc=|\bhref=|url\(|@import|<script|<link/i,
    );
  });

  it('tells a run of a cluster from one of a group by its first state, and before that by its name', () => {
    const cluster = syntheticCluster();
    const upgrade = syntheticRun({ nodes: 4, parallelism: 2 });
    assert.deepEqual([isOfCluster(cluster), isOfCluster(upgrade)], [true, false]);
    assert.deepEqual(
      [isOfCluster({ ...cluster, history: [] }), isOfCluster({ ...upgrade, history: [] })],
      [true, false],
    );
    assert.deepEqual([cluster, upgrade].map(buildAnyReport).map(isClusterReport), [true, false]);
  });
});
