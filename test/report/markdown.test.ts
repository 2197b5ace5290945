import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { executionName, startedBy } from '../../domain/cluster/execution-name.ts';
import { renderMarkdown } from '../../report/markdown/markdown.ts';
import { clockFace, duration, usd } from '../../report/model/text.ts';
import { unwrapCause } from '../../report/read/failure.ts';
import type { HistoryEvent, UpgradeHistory } from '../../report/read/history.ts';
import { buildReport } from '../../report/read/read.ts';
import { syntheticRun } from './synthetic-run.ts';

const SMALL = { nodes: 6, parallelism: 2 };
const golden = (name: string): string => readFileSync(join(import.meta.dirname, 'golden', name), 'utf8');

describe('report from history', () => {
  it('tells the whole story of a run that parked a node twice', () => {
    const markdown = renderMarkdown(buildReport(syntheticRun({ ...SMALL, blockedNodes: [2], slowNodes: [4] })));
    assert.equal(markdown, golden('report-failed.md'));
  });

  it('splits each node into waiting, draining, cordon wait and terminating, without gaps', () => {
    const { nodes } = buildReport(syntheticRun(SMALL));
    for (const { attempts } of nodes) {
      const segments = attempts[0]?.segments ?? [];
      assert.deepEqual(
        segments.map(({ state }) => state),
        ['waiting', 'draining', 'cordonWait', 'terminating'],
      );
      segments.slice(1).forEach((segment, index) => {
        assert.equal(segment.startedAt, segments[index]?.endedAt);
      });
      const wait = segments[2];
      assert.ok(Date.parse(wait?.endedAt ?? '') - Date.parse(wait?.startedAt ?? '') >= 60_000, 'a full cordon wait');
    }
  });

  it('puts the second attempt at a parked node on the node, not beside it', () => {
    const { nodes, counts } = buildReport(syntheticRun({ ...SMALL, blockedNodes: [2] }));
    assert.equal(nodes.length, 6);
    assert.equal(nodes.filter(({ attempts }) => attempts.length === 2).length, 1);
    assert.deepEqual([counts.upgraded, counts.blocked, counts.queued], [5, 1, 0]);
  });

  it('says which pod blocked a drain, because of which budget, for how long, and whether it left', () => {
    const { blockingPods } = buildReport(syntheticRun({ ...SMALL, slowNodes: [4], blockedNodes: [2] }));
    assert.deepEqual(
      blockingPods.map(({ name, budget, outcome }) => [name, budget, outcome]),
      [
        ['ledger-0', 'shop/ledger', 'blocked'],
        ['ledger-0', 'shop/ledger', 'blocked'],
        ['ledger-0', 'shop/ledger', 'left'],
      ],
    );
    assert.ok((blockingPods[0]?.blockedSeconds ?? 0) >= 900);
  });

  it('lists the phases, and says which one failed', () => {
    const { phases } = buildReport(syntheticRun({ ...SMALL, blockedNodes: [2] }));
    assert.deepEqual(
      phases.map(({ name, hasFailed }) => [name, hasFailed]),
      [
        ['plan', false],
        ['setup', false],
        ['scaleUp', false],
        ['upgrade', true],
        ['recovery', false],
      ],
    );
  });

  it('counts what is charged for: states entered, and retries', () => {
    const run = syntheticRun(SMALL);
    const entered = [run, ...run.children]
      .flatMap(({ history }) => history)
      .filter(({ type }) => type?.endsWith('StateEntered')).length;
    const report = buildReport(run);
    const retries = report.retries.reduce((sum, { count }) => sum + count, 0);
    assert.ok(retries > 0);
    assert.equal(report.cost.stateTransitions, entered + retries);
  });

  it('ends surge hours of an absorbed node when it is terminated', () => {
    const { cost, phases, plan } = buildReport(syntheticRun(SMALL));
    const upper =
      ((Date.parse(phases.at(-1)?.endedAt ?? '') - Date.parse(phases[2]?.startedAt ?? '')) / 3_600_000) *
      (plan?.surge.nodes ?? 0);
    assert.ok((cost.extraInstanceHours ?? 0) > 0 && (cost.extraInstanceHours ?? 0) < upper);
  });

  for (const seconds of [0, 1, 4, 30, 110, 125, 200, 400, 4000]) {
    it(`describes a run as it stands after ${seconds} s`, () => {
      const report = buildReport(syntheticRun({ ...SMALL, slowNodes: [1], observedAfterSeconds: seconds }));
      assert.equal(report.status, seconds < 700 ? 'RUNNING' : 'SUCCEEDED');
      assert.ok(report.durationSeconds <= seconds);
      assert.ok(renderMarkdown(report).length > 0);
    });
  }

  it('makes do with a history that withholds all data', () => {
    const run = syntheticRun({ ...SMALL, blockedNodes: [2] });
    const redact = ({ id, type, timestamp, stateEnteredEventDetails }: HistoryEvent): HistoryEvent => ({
      id,
      type,
      timestamp,
      ...(stateEnteredEventDetails === undefined
        ? {}
        : { stateEnteredEventDetails: { name: stateEnteredEventDetails.name } }),
    });
    const redacted: UpgradeHistory = {
      execution: { status: 'FAILED' },
      history: run.history.map(redact),
      children: run.children.map(({ execution, history }) => ({ execution, history: history.map(redact) })),
    };
    const report = buildReport(redacted);
    assert.equal(report.status, 'FAILED');
    assert.equal(report.counts.upgraded, 5);
    assert.match(renderMarkdown(report), /Upgrade failed/);
  });

  it('makes do with no events at all', () => {
    assert.equal(buildReport({ execution: {}, history: [], children: [] }).status, 'RUNNING');
  });

  it('reads the same story from newest-first events, SDK dates and the raw seconds of the AWS CLI', () => {
    const run = syntheticRun(SMALL);
    const expected = buildReport(run);
    const retimed = (change: (at: string) => Date | number): UpgradeHistory => ({
      ...run,
      history: run.history.map((event) => ({ ...event, timestamp: change(String(event.timestamp)) })).reverse(),
    });
    assert.deepEqual(buildReport(retimed((at) => new Date(at))), expected);
    assert.deepEqual(buildReport(retimed((at) => Date.parse(at) / 1000)), expected);
  });

  const ends: [string, string, RegExp][] = [
    ['aborted', 'ExecutionAborted', /^Upgrade aborted: /],
    ['timed out', 'ExecutionTimedOut', /^Upgrade timed out: /],
  ];
  for (const [title, type, headline] of ends) {
    it(`says that a run was ${title}, and how to go on`, () => {
      const run = syntheticRun({ ...SMALL, observedAfterSeconds: 300 });
      const last = run.history.at(-1);
      const report = buildReport({
        ...run,
        history: [...run.history, { id: (last?.id ?? 0) + 1, type, timestamp: '2026-01-20T10:21:00.000Z' }],
      });
      assert.match(report.headline, headline);
      assert.match(report.advice.join(' '), /^Start the upgrade again with the same input/);
      assert.doesNotMatch(report.advice.join(' '), /error/, '#67 there is no error that could be mended');
      assert.match(report.failure?.cause ?? '', /no recovery ran/);
    });
  }

  const causes: [string, string, string][] = [
    ['plain text', 'a sentence', 'a sentence'],
    ['Lambda JSON', '{"errorType":"X","errorMessage":"a sentence","trace":["at x"]}', 'a sentence'],
    ['JSON in JSON', JSON.stringify({ errorMessage: JSON.stringify({ errorMessage: 'a sentence' }) }), 'a sentence'],
    ['other JSON', '{"a":1}', '{"a":1}'],
    ['nothing', '', ''],
  ];
  for (const [title, cause, expected] of causes) {
    it(`unwraps a cause that is ${title}`, () => assert.equal(unwrapCause(cause), expected));
  }

  it('reads back from the name of an execution who started it', () => {
    const name = executionName('shop workers', '2026-01-20T10:15:00.000Z', 'ana-by-night', '3f2a');
    assert.equal(name, 'shop-workers-20260120-101500-by-ana-by-night-3f2a');
    assert.equal(startedBy(name), 'ana-by-night');
    assert.equal(startedBy('4f7a0e7e-8a3c-4b8e-9f61-0d2f3a4b5c6d'), undefined);
  });

  const texts: [string, string][] = [
    [duration(59.6), '1 min'],
    [duration(61), '1 min 1 s'],
    [duration(3599.7), '1 h'],
    [duration(90_000), '1 d 1 h'],
    [clockFace(59.9), '00:59'],
    [clockFace(3723), '1:02:03'],
    [usd(0.0002), '$0.0002'],
    [usd(12.345), '$12.35'],
  ];
  for (const [actual, expected] of texts) {
    it(`writes ${expected}`, () => assert.equal(actual, expected));
  }
});
