import assert from 'node:assert/strict';
import { renderHtml } from '../../report/html/html.ts';
import { renderMarkdown } from '../../report/markdown/markdown.ts';
import type { Report } from '../../report/model/model.ts';
import type { HistoryEvent, UpgradeHistory } from '../../report/read/history.ts';
import { buildReport } from '../../report/read/read.ts';
import { syntheticRun } from './synthetic-run.ts';
import { syntheticUpdate } from './synthetic-update.ts';

/** A history whose outputs of EKS's updates are changed. */
function withUpdates(run: UpgradeHistory, change: (update: Record<string, unknown>) => object): UpgradeHistory {
  const history = run.history.map((event: HistoryEvent): HistoryEvent => {
    const details = event.lambdaFunctionSucceededEventDetails;
    const update = JSON.parse(details?.output ?? '{}');
    if (update.updateId === undefined) return event;
    const output = JSON.stringify({ ...update, ...change(update) });
    return { ...event, lambdaFunctionSucceededEventDetails: { ...details, output } };
  });
  return { ...run, history };
}

/** Every instant of every bar. */
const instantsOf = ({ nodes, blockingPods, phases }: Report): string[] => [
  ...nodes
    .flatMap(({ attempts }) => attempts.flatMap(({ segments }) => segments))
    .flatMap((s) => [s.startedAt, s.endedAt]),
  ...blockingPods.flatMap(({ blockedFrom, blockedUntil }) => [blockedFrom, blockedUntil]),
  ...phases.flatMap(({ startedAt, endedAt = startedAt }) => [startedAt, endedAt]),
];

describe('#59 nodes that EKS has replaced are counted, however few of them are listed', () => {
  const lists = { nodes: [], changes: [] };

  it('all of them after a success', () => {
    const { counts, headline } = buildReport(
      withUpdates(syntheticUpdate({ nodes: 300, parallelism: 60 }), () => lists),
    );
    assert.deepEqual([counts.outdated, counts.upgraded, counts.queued], [300, 300, 0], headline);
  });

  it('those that are no longer outdated while it runs', () => {
    const run = syntheticUpdate({ nodes: 300, parallelism: 60, observedAfterSeconds: 600 });
    let left = 0;
    const told = withUpdates(run, (update) => {
      left = update.outdatedCount as number;
      return lists;
    });
    const { counts } = buildReport(told);
    assert.ok(left > 0 && left < 300, `${left} outdated`);
    assert.deepEqual([counts.upgraded, counts.queued], [300 - left, left]);
  });
});

describe('#67 a report says nothing that the run contradicts', () => {
  it('a run that succeeded has upgraded all nodes, also when no execution of a node can be read', () => {
    const report = buildReport({ ...syntheticRun({ nodes: 4, parallelism: 2 }), children: [] });
    assert.match(report.headline, /^4 nodes upgraded/);
    assert.deepEqual([report.counts.upgraded, report.counts.queued], [4, 0]);
    assert.doesNotMatch(renderMarkdown(report) + renderHtml(report), /not begun|queued|undefined|NaN/i);
  });

  it('a run that was stopped counts the nodes that its conductor saw upgraded, also when none can be read', () => {
    const whole = syntheticRun({ nodes: 12, parallelism: 2, observedAfterSeconds: 900 });
    const known = buildReport(whole).counts;
    const unread = buildReport({ ...whole, children: [] }).counts;
    assert.ok(unread.upgraded > 0 && unread.upgraded <= known.upgraded, `${unread.upgraded} of ${known.upgraded}`);
    assert.equal(unread.outdated, 12);
  });

  for (const hours of [-2, 2]) {
    it(`every bar lies within the run when Lambda's clock is ${hours} h off`, () => {
      const shift = (at: string): string => new Date(Date.parse(at) + hours * 3_600_000).toISOString();
      const shifted = (list: unknown) =>
        (list as { sinceAt?: string }[]).map((each) =>
          each.sinceAt === undefined ? each : { ...each, sinceAt: shift(each.sinceAt) },
        );
      const run = withUpdates(
        syntheticUpdate({ nodes: 6, parallelism: 2, blockedNode: 1 }),
        ({ nodes, changes, blockingPods }) => ({
          nodes: shifted(nodes),
          changes: shifted(changes),
          blockingPods: shifted(blockingPods),
        }),
      );
      const report = buildReport(run);
      const { startedAt, stoppedAt = report.observedAt } = report.execution;
      assert.ok(report.nodes.some(({ outcome }) => outcome === 'blocked'));
      const outside = instantsOf(report).filter((at) => at < startedAt || at > stoppedAt);
      assert.deepEqual(outside, []);
    });
  }

  it('pods that EKS deleted by force are no evictions', () => {
    const run = withUpdates(syntheticUpdate({ nodes: 3, parallelism: 1 }), ({ checks }) => ({
      evictedCount: checks === 1 ? 5 : 0,
      deletedCount: checks === 2 ? 2 : 0,
      nodes: [],
      changes: [],
    }));
    const report = buildReport(run);
    assert.deepEqual([report.counts.evicted, report.counts.deleted], [5, 2]);
    assert.match(renderMarkdown(report), /2 more deleted by force/);
  });
});
