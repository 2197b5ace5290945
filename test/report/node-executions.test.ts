import assert from 'node:assert/strict';
import { renderHtml } from '../../report/html/html.ts';
import { renderMarkdown } from '../../report/markdown/markdown.ts';
import type { NodeReport, Report } from '../../report/model/model.ts';
import { consoleUrlOf } from '../../report/read/console.ts';
import { nodeExecutionsOf } from '../../report/read/node-executions.ts';
import { buildReport } from '../../report/read/read.ts';
import { type SyntheticOptions, syntheticRun } from './synthetic-run.ts';

const SMALL = { nodes: 4, parallelism: 2 };
const reportOf = (options: Partial<SyntheticOptions> = {}): Report =>
  buildReport(syntheticRun({ ...SMALL, ...options }));
const statesOf = (node: NodeReport | undefined): string[][] =>
  node?.attempts.map(({ segments }) => segments.map(({ state }) => state)) ?? [];
const seconds = (from = '', until = ''): number => (Date.parse(until) - Date.parse(from)) / 1000;
const isSound = (report: Report): void =>
  assert.doesNotMatch(renderHtml(report) + renderMarkdown(report), /undefined|NaN|\[object/);

describe('the report of nodes that have executions of their own', () => {
  it('lets a node wait from the start of the upgrade phase until it is admitted', () => {
    const { nodes, phases } = reportOf();
    const upgrade = phases.find(({ name }) => name === 'upgrade');
    const waits = nodes.map(({ attempts }) => {
      const [waiting, draining] = attempts[0]?.segments ?? [];
      assert.deepEqual([waiting?.state, waiting?.startedAt], ['waiting', upgrade?.startedAt]);
      assert.deepEqual([draining?.state, draining?.startedAt], ['draining', attempts[0]?.startedAt]);
      return seconds(waiting?.startedAt, waiting?.endedAt);
    });
    assert.deepEqual(
      waits.toSorted((left, right) => left - right),
      waits,
    );
    assert.ok((waits[0] ?? 0) < 2 && (waits[3] ?? 0) > 60, `${waits}`);
  });

  it('lets a parked node wait from the end of its first attempt until its second', () => {
    const node = reportOf({ blockedNodes: [1] }).nodes.find(({ outcome }) => outcome === 'blocked');
    const [first, second] = node?.attempts ?? [];
    assert.deepEqual(
      [second?.number, second?.segments[0]?.state, second?.segments[0]?.startedAt],
      [2, 'waiting', first?.endedAt],
    );
  });

  it('joins the attempt that repeats a lost termination to the one that died', () => {
    const report = reportOf({ dyingNodes: [0] });
    const node = report.nodes.find(({ attempts }) => attempts.length > 1);
    assert.deepEqual(
      node?.attempts.map(({ outcome }) => outcome),
      ['interrupted', 'upgraded'],
    );
    assert.deepEqual(statesOf(node), [
      ['waiting', 'draining', 'cordonWait', 'terminating'],
      ['waiting', 'terminating'],
    ]);
    assert.deepEqual([report.counts.upgraded, report.counts.blocked], [4, 0]);
  });

  it('tells nodes that left by themselves from upgraded ones', () => {
    const report = reportOf({ goneNodes: [2] });
    assert.deepEqual([report.counts.upgraded, report.counts.gone, report.counts.queued], [3, 1, 0]);
    assert.match(report.headline, /^3 nodes upgraded .*; 1 had left the group already$/);
    const gone = report.nodes.find(({ outcome }) => outcome === 'gone');
    assert.equal(gone?.attempts[0]?.reason, 'its Node was deleted');
    isSound(report);
  });

  it('shows surplus nodes, and does not count them as outdated', () => {
    const report = reportOf({ surplusNodes: 2 });
    assert.deepEqual([report.nodes.length, report.counts.outdated, report.counts.upgraded], [6, 4, 4]);
    assert.deepEqual(statesOf(report.nodes[5]), [['draining', 'cordonWait', 'terminating']]);
    assert.equal(renderMarkdown(report).match(/\| removed \|/g)?.length, 2);
    const own = report.nodes.reduce((sum, { evictedCount }) => sum + evictedCount, 0);
    assert.equal(report.counts.evicted, own);
    isSound(report);
  });

  it('ends the surge with each decrement', () => {
    const [without, surplus] = [reportOf(), reportOf({ surplusNodes: 2 })];
    const hours = ({ cost }: Report): number => cost.extraInstanceHours ?? 0;
    assert.ok(hours(without) > 0);
    assert.ok(hours(surplus) > hours(without), 'surplus nodes live until they are removed');
  });

  it('names the nodes that an earlier run has begun, and the settings with which it did', () => {
    const report = reportOf({ adoptedNodes: [1] });
    const adopted = report.nodes.filter(({ attempts }) => attempts.some(({ isAdopted }) => isAdopted));
    assert.equal(adopted.length, 1);
    assert.ok((adopted[0]?.attempts[0]?.startedAt ?? '') < report.execution.startedAt);
    const note =
      /begun by an earlier run \(drain timeout: 20 min; force: delete what is left after the drain timeout\)/;
    assert.match(renderHtml(report), note);
    assert.match(renderMarkdown(report), note);
    isSound(report);
  });

  it('links every node to the execution of its last attempt, and the run to its own', () => {
    const report = reportOf({ blockedNodes: [1] });
    const [page, markdown] = [renderHtml(report), renderMarkdown(report)];
    assert.ok(page.includes(`<a href="${report.execution.consoleUrl}"`));
    for (const { attempts } of report.nodes) {
      const url = attempts.at(-1)?.consoleUrl ?? '';
      assert.match(url, /:execution:upgrade-node:shop-workers-i-[0-9a-f]+-[12]-[0-9a-f]{8}$/);
      assert.ok(page.includes(`<a href="${url}"`) && markdown.includes(`](${url})`), url);
    }
  });

  it('makes do with executions whose input is withheld, by their names', () => {
    const run = syntheticRun(SMALL);
    const children = run.children.map(({ execution, history }) => ({
      execution,
      history: history.map(({ executionStartedEventDetails: _, ...event }) => event),
    }));
    const { nodes } = buildReport({ ...run, children });
    assert.deepEqual(
      nodes.map(({ instanceId, outcome }) => [instanceId, outcome]),
      reportOf().nodes.map(({ instanceId, outcome }) => [instanceId, outcome]),
    );
  });

  it('says why no further node is taken, while the run is in progress', () => {
    const options = { nodes: 2, parallelism: 3, stepSeconds: 10, waits: { waitsFor: 'the canary nodes are observed' } };
    assert.equal(reportOf({ ...options, observedAfterSeconds: 140 }).waitsFor, 'the canary nodes are observed');
    assert.equal(reportOf(options).waitsFor, undefined);
    const full = { ...options, nodes: 4, parallelism: 2, observedAfterSeconds: 140 };
    assert.equal(reportOf(full).waitsFor, undefined, 'as many are in hand as may be');
  });

  it('knows every node of a running step, and counts those that it does not know as queued', () => {
    const { counts, nodes } = reportOf({ nodes: 300, parallelism: 10, observedAfterSeconds: 200 });
    assert.deepEqual([counts.outdated, counts.inProgress, counts.upgraded], [300, 10, 0]);
    assert.equal(counts.queued, 290);
    assert.ok(nodes.length <= 110);
  });
});

describe('the report of a run that continued in other executions', () => {
  const RUNS: [string, Partial<SyntheticOptions>][] = [
    ['succeeded', {}],
    ['failed', { blockedNodes: [1] }],
  ];
  for (const [title, options] of RUNS) {
    it(`is one report like that of one execution: ${title}`, () => {
      const continued = reportOf({ ...options, stepSeconds: 60, continuesAfterSteps: 2 });
      const whole = reportOf({ ...options, stepSeconds: 60 });
      const told = ({ nodes, counts, blockingPods, status, headline }: Report): unknown => ({
        nodes: nodes.map(({ instanceId, outcome }) => [instanceId, outcome]),
        counts,
        pods: blockingPods.length,
        status,
        headline: headline.replace(/ in .*/, ''),
      });
      assert.deepEqual(told(continued), told(whole));
      assert.deepEqual(
        continued.phases.map(({ name }) => name),
        whole.phases.map(({ name }) => name),
      );
      assert.ok((continued.execution.continuedBy?.length ?? 0) > 1);
      assert.ok(continued.cost.executions > whole.cost.executions);
      isSound(continued);
    });
  }

  it('names the step that failed in the last execution, and its cause in plain words', () => {
    const { failure } = reportOf({ blockedNodes: [1], continuesAfterSteps: 1 });
    assert.deepEqual([failure?.error, failure?.state], ['PodEvictionFailure', 'UpgradeNodes']);
    assert.match(failure?.cause ?? '', /^1 of 4 nodes could not be drained/);
    assert.deepEqual(failure?.recovery, ['Taints, labels and cordons of this run were removed from 1 node.']);
  });

  for (const after of [100, 200, 300, 400, 5000]) {
    it(`can be made after ${after} s`, () => {
      const report = reportOf({ stepSeconds: 60, continuesAfterSteps: 1, observedAfterSeconds: after });
      assert.equal(report.status, after < 1000 ? 'RUNNING' : 'SUCCEEDED');
      isSound(report);
    });
  }
});

describe('names of node executions in the history of a run', () => {
  it('are all reported by a run that has ended well', () => {
    const run = syntheticRun({ ...SMALL, stepSeconds: 60, slowNodes: [1], adoptedNodes: [1] });
    const { names, unreportedSince } = nodeExecutionsOf(run.history);
    assert.deepEqual([...names].sort(), run.children.map(({ execution }) => execution.name).sort());
    assert.equal(unreportedSince, undefined);
  });

  const silent: [string, Partial<SyntheticOptions>][] = [
    ['a step is at work', { observedAfterSeconds: 200 }],
    ['the last step failed', { blockedNodes: [1], stepSeconds: 3600 }],
  ];
  for (const [title, options] of silent) {
    it(`are missing since a step began when ${title}`, () => {
      const run = syntheticRun({ ...SMALL, ...options });
      const { names, unreportedSince } = nodeExecutionsOf(run.history);
      const unreported = run.children.filter(({ execution }) => !names.includes(execution.name ?? ''));
      assert.ok(unreported.length > 0);
      for (const { execution } of unreported)
        assert.ok(Date.parse(String(execution.startDate)) >= (unreportedSince ?? 0));
    });
  }
});

describe('addresses of executions in the console', () => {
  const path = (arn: string): string => `/states/home?region=${arn.split(':')[3]}#/v2/executions/details/${arn}`;
  const [europe, china, gov] = [
    'arn:aws:states:eu-west-1:111122223333:execution:m:run-1',
    'arn:aws-cn:states:cn-north-1:111122223333:execution:m:run-1',
    'arn:aws-us-gov:states:us-gov-west-1:111122223333:execution:m/label:run-1',
  ] as const;
  const cases: [string | undefined, string | undefined][] = [
    [europe, `https://eu-west-1.console.aws.amazon.com${path(europe)}`],
    [china, `https://cn-north-1.console.amazonaws.cn${path(china)}`],
    [gov, `https://us-gov-west-1.console.amazonaws-us-gov.com${path(gov)}`],
    ['arn:aws:states:evil.example/:111122223333:execution:m:run-1', undefined],
    ['arn:aws:states:eu-west-1:111122223333:execution:m:run"onclick="x', undefined],
    ['', undefined],
    [undefined, undefined],
  ];
  for (const [arn, expected] of cases) {
    it(`${expected === undefined ? 'do not exist for' : 'are in the console of the partition of'} ${arn}`, () =>
      assert.equal(consoleUrlOf(arn), expected));
  }
});
