import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { NodegroupUpdate, UpdateNode } from '../../domain/eks-update/eks-update.ts';
import { renderHtml } from '../../report/html/html.ts';
import { renderMarkdown } from '../../report/markdown/markdown.ts';
import type { NodeReport, Report } from '../../report/model/model.ts';
import { buildReport } from '../../report/read/read.ts';
import { type SyntheticUpdate, syntheticUpdate } from './synthetic-update.ts';

const SMALL = { nodes: 6, parallelism: 2 };
const report = (options: Partial<SyntheticUpdate> = {}): Report =>
  buildReport(syntheticUpdate({ ...SMALL, ...options }));
const states = ({ attempts }: NodeReport): string[] =>
  attempts.flatMap(({ segments }) => segments.map(({ state }) => state));

describe('report of a run that EKS carries out', () => {
  it('tells the whole story of an update that EKS gave up', () => {
    const golden = readFileSync(join(import.meta.dirname, 'golden/report-update-failed.md'), 'utf8');
    assert.equal(renderMarkdown(report({ slowNodes: [2], blockedNode: 3 })), golden);
  });

  it('gives every node a bar from the start of the upgrade phase to its end, without gaps', () => {
    const { nodes, phases } = report();
    const upgrade = phases.find(({ name }) => name === 'upgrade');
    assert.equal(nodes.length, 6);
    for (const { attempts, outcome } of nodes) {
      const { segments = [], endedAt } = attempts[0] ?? {};
      assert.equal(outcome, 'upgraded');
      assert.equal(segments[0]?.startedAt, upgrade?.startedAt);
      assert.equal(segments.at(-1)?.endedAt, endedAt);
      segments.slice(1).forEach((segment, index) => {
        assert.equal(segment.startedAt, segments[index]?.endedAt);
      });
    }
    assert.deepEqual(states(nodes.at(-1) as NodeReport), ['waiting', 'draining', 'cordonWait', 'terminating']);
  });

  it('lists nodes in the order in which EKS took them', () => {
    const began = report({ nodes: 20 }).nodes.map(({ attempts }) => attempts[0]?.startedAt ?? '');
    assert.deepEqual(began, [...began].sort());
    assert.ok(new Set(began).size > 5);
  });

  it('has the phases of a workflow run, and says that EKS carries them out', () => {
    assert.deepEqual(
      report().phases.map(({ title, carriedOutBy }) => [title, carriedOutBy]),
      [
        ['Plan', undefined],
        ['Setup', 'EKS'],
        ['Scale up', 'EKS'],
        ['Upgrade', 'EKS'],
        ['Scale down', 'EKS'],
      ],
    );
  });

  it('has no setup phase for an update that somebody else started, and says so', () => {
    const adopted = report({ isAdopted: true });
    assert.deepEqual(
      adopted.phases.map(({ title }) => title),
      ['Plan', 'Upgrade', 'Scale down'],
    );
    assert.match(renderMarkdown(adopted), /\*\*EKS\*\* update [-0-9a-f]+, adopted: somebody else started it/);
  });

  it('compares the capacity of an adopted update with nothing, since it may have been raised before the run began', () => {
    const [own, adopted] = [report(), report({ isAdopted: true })];
    assert.equal(typeof own.capacity.originalDesired, 'number');
    assert.equal(adopted.capacity.originalDesired, undefined);
    assert.equal(typeof adopted.capacity.lowest?.readyNodes, 'number');
    assert.equal(adopted.cost.extraInstanceHours, undefined);
  });

  it('blocks the nodes that a failed update names, and interrupts the others that EKS was replacing', () => {
    const { nodes, counts, blockingPods, update } = report({ nodes: 12, blockedNode: 4 });
    const [blocked] = nodes.filter(({ outcome }) => outcome === 'blocked');
    assert.deepEqual([counts.upgraded, counts.blocked], [10, 2]);
    assert.equal(nodes.filter(({ outcome }) => outcome === 'interrupted').length, 1);
    assert.match(blocked?.attempts[0]?.reason ?? '', new RegExp(blocked?.nodeName ?? 'no node is blocked'));
    assert.deepEqual(
      blockingPods.map(({ instanceId, outcome }) => [instanceId, outcome]),
      [[blocked?.instanceId, 'blocked']],
    );
    assert.equal(update?.status, 'failed');
  });

  it('blocks the nodes that pods blocked last when a failed update names none', () => {
    const { nodes } = report({ blockedNode: 3, isNodeUnnamed: true });
    assert.equal(nodes.filter(({ outcome }) => outcome === 'blocked').length, 1);
  });

  const ends: [title: string, options: Partial<SyntheticUpdate>, status: string, blocked: number][] = [
    ['has failed', {}, 'failed', 1],
    ['was cancelled in EKS', { updateStatus: 'Cancelled' }, 'failed', 1],
    ['continues', { updateStatus: 'InProgress' }, 'goesOn', 0],
    ['succeeded meanwhile', { updateStatus: 'Successful' }, 'successful', 0],
    ['has failed, although the recovery could not ask EKS', { isRecoveryLost: true }, 'failed', 1],
  ];
  for (const [title, options, status, blocked] of ends) {
    it(`says of a failed run whether its update ${title}`, () => {
      const { update, nodes } = report({ blockedNode: 3, ...options });
      assert.equal(update?.status, status);
      assert.equal(nodes.filter(({ outcome }) => outcome === 'blocked').length, blocked);
    });
  }

  it('says from when until when a pod that left in the end blocked its node', () => {
    const { blockingPods } = report({ slowNodes: [2] });
    assert.deepEqual(
      blockingPods.map(({ outcome, budget }) => [outcome, budget]),
      [['left', 'shop/ledger']],
    );
    assert.ok(Math.abs((blockingPods[0]?.blockedSeconds ?? 0) - 260) <= 31, `${blockingPods[0]?.blockedSeconds} s`);
  });

  it('shows that a pod blocks its node while it does', () => {
    const { blockingPods, nodes, counts } = report({ slowNodes: [2], observedAfterSeconds: 420 });
    const node = nodes.find(({ instanceId }) => instanceId === blockingPods[0]?.instanceId);
    assert.deepEqual([blockingPods[0]?.outcome, node?.state, node?.outcome], ['blocked', 'draining', 'inProgress']);
    assert.ok((node?.remainingCount ?? 0) > 0 && counts.queued > 0);
    assert.match(renderHtml(report({ slowNodes: [2], observedAfterSeconds: 420 })), /<rect class="blocking"/);
  });

  it('takes a node back that was only inferred to be active', () => {
    const run = syntheticUpdate({ ...SMALL, observedAfterSeconds: 200 });
    const [, , , fourth] = buildReport(run).nodes.filter(({ outcome }) => outcome === 'queued');
    const instanceId = fourth?.instanceId ?? '';
    let observations = 0;
    const history = run.history.map((event) => {
      const output = event.lambdaFunctionSucceededEventDetails?.output;
      const observation = JSON.parse(output ?? '{}') as NodegroupUpdate;
      if (observation.updateId === undefined || observations++ !== 5) return event;
      const inferred = {
        ...(observation.nodes[0] as UpdateNode),
        instanceId,
        state: 'draining' as const,
        evidence: 'inferred' as const,
      };
      const mistaken = { ...observation, nodes: [...observation.nodes, inferred], changes: [inferred] };
      return { ...event, lambdaFunctionSucceededEventDetails: { output: JSON.stringify(mistaken) } };
    });
    const outcomeAt = (events: number): string | undefined =>
      buildReport({ ...run, history: history.slice(0, events) }).nodes.find((node) => node.instanceId === instanceId)
        ?.outcome;
    assert.deepEqual(
      new Set(history.map((_, index) => outcomeAt(index + 1))),
      new Set([undefined, 'queued', 'inProgress']),
    );
    assert.equal(outcomeAt(history.length), 'queued');
  });

  it('says of a cancelled run that EKS continues, and with which update', () => {
    const { headline, advice, update, counts, nodes } = report({ nodes: 12, cancelledAfterSeconds: 300 });
    assert.match(headline, /^Upgrade failed with UpgradeCancelled: \d+ of 12 nodes upgraded by EKS, which continues$/);
    assert.equal(update?.status, 'goesOn');
    assert.ok(counts.inProgress > 0 && counts.blocked === 0);
    assert.ok(nodes.every(({ outcome }) => outcome !== 'interrupted'));
    assert.deepEqual(advice, [], 'the cause says it');
  });

  it('says of an execution that was stopped that EKS continues, and how to follow it', () => {
    const run = syntheticUpdate({ ...SMALL, observedAfterSeconds: 300 });
    const id = (run.history.at(-1)?.id ?? 0) + 1;
    const aborted = { id, type: 'ExecutionAborted', timestamp: '2026-01-20T10:21:00.000Z' };
    const { advice } = buildReport({ ...run, history: [...run.history, aborted] });
    assert.match(advice.join(' '), /EKS continues with update [-0-9a-f]+.*start the upgrade again/i);
  });

  for (const observationSeconds of [150, 600]) {
    it(`keeps nodes that were drained between two observations, ${observationSeconds} s apart`, () => {
      const { nodes, counts } = report({ observationSeconds });
      assert.deepEqual([nodes.length, counts.upgraded], [6, 6]);
      const unseen = nodes.filter((node) => states(node).includes('unseen'));
      assert.ok(unseen.length > 0);
      for (const { attempts } of unseen) {
        const { segments = [] } = attempts[0] ?? {};
        assert.ok(segments.every(({ startedAt, endedAt }) => startedAt < endedAt));
      }
      assert.match(renderMarkdown(report({ observationSeconds })), /drained between two observations/);
      assert.match(renderHtml(report({ observationSeconds })), /<rect class="unseen"/);
    });
  }

  it('counts nodes that no observation saw as upgraded when the update has ended and none is outdated', () => {
    const run = syntheticUpdate(SMALL);
    const history = run.history.map((event) =>
      event.lambdaFunctionSucceededEventDetails === undefined
        ? event
        : {
            ...event,
            lambdaFunctionSucceededEventDetails: {
              output: event.lambdaFunctionSucceededEventDetails.output?.replace(
                /"(nodes|changes)":\[.*?\]/g,
                '"$1":[]',
              ),
            },
          },
    );
    const { counts } = buildReport({ ...run, history });
    assert.deepEqual([counts.upgraded, counts.queued], [6, 0]);
  });

  it('says once that the states of nodes are inferred', () => {
    for (const text of [renderHtml(report({ nodes: 30 })), renderMarkdown(report({ nodes: 30 }))]) {
      assert.equal(text.match(/does not say which node it works on/g)?.length, 1);
      assert.match(text, /its pods are being evicted/);
    }
  });

  it('counts the hours of instances beyond the original number while the desired capacity was raised', () => {
    const { cost, phases } = report();
    const raised = Date.parse(phases.at(-1)?.startedAt ?? '') - Date.parse(phases[2]?.startedAt ?? '');
    const expected = (6 * raised) / 3_600_000;
    assert.ok(Math.abs((cost.extraInstanceHours ?? 0) - expected) < 6 * (35 / 3600), `${cost.extraInstanceHours}`);
  });

  it('draws Ready nodes over time from the observations', () => {
    const { capacity } = report();
    assert.deepEqual([capacity.originalDesired, capacity.highest?.readyNodes], [6, 12]);
    assert.ok(capacity.points.length > 4);
  });

  it('counts the pods of nodes that the lists leave out', () => {
    const run = syntheticUpdate(SMALL);
    const unlisted = JSON.parse(
      JSON.stringify(run).replaceAll('\\"evictedCount\\":0', '\\"evictedCount\\":3'),
    ) as typeof run;
    assert.ok(buildReport(unlisted).counts.evicted > buildReport(run).counts.evicted);
  });

  for (const seconds of [0, 1, 4, 7, 60, 125, 140, 300, 700, 4000]) {
    it(`describes a run as it stands after ${seconds} s`, () => {
      const made = report({ slowNodes: [1], observedAfterSeconds: seconds });
      assert.equal(made.status, seconds < 1000 ? 'RUNNING' : 'SUCCEEDED');
      assert.ok(made.durationSeconds <= seconds);
      assert.equal(made.counts.upgraded + made.counts.inProgress + made.counts.queued, seconds < 4 ? 0 : 6);
      assert.doesNotMatch(renderMarkdown(made) + renderHtml(made), /undefined|NaN|\[object/);
    });
  }

  const headlines: [string, Partial<SyntheticUpdate>, RegExp][] = [
    ['a dry run', { isDryRun: true }, /^# ✅ 6 of 6 nodes are outdated/],
    ['nothing to do', { isNothingToDo: true }, /^# ✅ Nothing to do/],
    ['a success', {}, /^# ✅ 6 nodes upgraded to 1\.33\.5-20260114 by EKS in /],
    [
      'a run in progress',
      { observedAfterSeconds: 300 },
      /^# ⏳ \d of 6 nodes upgraded to 1\.33\.5-20260114 by EKS so far/,
    ],
  ];
  for (const [title, options, headline] of headlines) {
    it(`begins with how it went for ${title}`, () => assert.match(renderMarkdown(report(options)), headline));
  }
});
