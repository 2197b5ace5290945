import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { inTodaysForm } from '../../report/read/earlier-versions.ts';
import type { ClusterHistory, UpgradeHistory } from '../../report/read/history.ts';
import { buildAnyReport, RENDERERS } from '../../report/report.ts';

const FIXTURES = join(import.meta.dirname, 'fixtures');

const fixture = (name: string): unknown =>
  JSON.parse(gunzipSync(readFileSync(join(FIXTURES, `${name}.json.gz`))).toString('utf8'));

/** Names of the report that have changed since the fixtures were written. */
const RENAMED: Readonly<Record<string, string>> = {
  heldPods: 'blockingPods',
  heldFrom: 'blockedFrom',
  heldUntil: 'blockedUntil',
  heldSeconds: 'blockedSeconds',
  blockers: 'blockingPods',
  blockerCount: 'blockingPodCount',
  looks: 'observations',
  isAbsorbed: 'isDecremented',
  skipped: 'gone',
};

/** Members that the report no longer has: what waves and turns were is told by the attempts of the nodes. */
const DROPPED: ReadonlySet<string> = new Set(['waves', 'canary', 'waitReason']);

/** Members that it did not have then. */
const ADDED: ReadonlySet<string> = new Set(['consoleUrl']);

/** Words of the report that have changed since then, by member. */
const VALUES: Readonly<Record<string, string>> = {
  'outcome: held': 'outcome: blocked',
  'outcome: skipped': 'outcome: gone',
  'reason: EKS goes on with it': 'reason: EKS continues with it',
};

/** Sentences that the report makes itself, and may make better. */
const REWORDED: ReadonlySet<string> = new Set(['headline', 'advice', 'recovery']);

/** The report that the version of the fixtures made, in the names of today and without the sentences that it made itself. */
function inTodaysNames(report: unknown, key = ''): unknown {
  if (Array.isArray(report)) return report.map((entry) => inTodaysNames(entry));
  if (typeof report === 'string') return (VALUES[`${key}: ${report}`] ?? `${key}: ${report}`).slice(key.length + 2);
  if (typeof report !== 'object' || report === null) return report;
  return Object.fromEntries(
    Object.entries(report)
      .filter(([name]) => !REWORDED.has(name) && !DROPPED.has(name) && !ADDED.has(name))
      .map(([name, value]) => [RENAMED[name] ?? name, inTodaysNames(value, name)]),
  );
}

const CAUSE = 'EKS update u-1 ended as Failed. EKS says: AccessDenied: no rights on node-a.internal.';
const WORDS = ['EKS', 'update', 'u-1', 'ended', 'as', 'Failed', 'says', 'AccessDenied', 'no', 'rights', 'on'];
const recovered = { status: 'recovered', cleanedNodes: 0 };

const OUTPUTS: [title: string, state: string, earlier: unknown, today: unknown][] = [
  ['blocking pods', 'DrainNode', { held: [], heldCount: 0 }, { blockingPods: [], blockingPodCount: 0 }],
  [
    'blocking pods of a plan',
    'PlanCluster',
    { groups: [{ blockers: [], blockerCount: 1 }] },
    { groups: [{ blockingPods: [], blockingPodCount: 1 }] },
  ],
  [
    'nodes that were cleaned up',
    'RecoverFromFailure',
    { recovery: { status: 'recovered', unmarkedNodes: 2 } },
    { recovery: { status: 'recovered', cleanedNodes: 2 } },
  ],
  [
    'evidence',
    'CheckNodegroupUpdate',
    { held: [], nodes: [{ evidence: 'it was cordoned' }] },
    { blockingPods: [], nodes: [{ evidence: 'cordon' }] },
  ],
  [
    'a pause',
    'AwaitTurn',
    { status: 'wait', reason: 'paused by an operator: lunch' },
    {
      status: 'wait',
      reason: 'paused by an operator: lunch',
      waitsFor: 'paused by an operator: lunch',
      isPaused: true,
    },
  ],
  [
    'a wait without a pause',
    'AwaitTurn',
    { status: 'wait', reason: '5 nodes are Ready' },
    { status: 'wait', reason: '5 nodes are Ready', waitsFor: '5 nodes are Ready', isPaused: false },
  ],
  [
    'the end of an update',
    'RecoverFromFailure',
    { cause: CAUSE, recovery: recovered },
    { cause: CAUSE, recovery: { ...recovered, updateStatus: 'Failed', failedNodes: [...WORDS, 'node-a.internal'] } },
  ],
  [
    'no end of an update that goes on',
    'RecoverFromFailure',
    { cause: 'EKS goes on', recovery: recovered },
    { cause: 'EKS goes on', recovery: recovered },
  ],
  [
    'nothing of today',
    'RecoverFromFailure',
    { cause: CAUSE, recovery: { ...recovered, updateStatus: 'Failed', failedNodes: ['node-a.internal'] } },
    { cause: CAUSE, recovery: { ...recovered, updateStatus: 'Failed', failedNodes: ['node-a.internal'] } },
  ],
];

const names = readdirSync(FIXTURES)
  .filter((file) => file.endsWith('.history.json.gz'))
  .map((file) => file.replace('.history.json.gz', ''));

describe('histories written by earlier versions', () => {
  it('are kept of both engines, of a whole cluster, of successes, of failures and of a paused run', () => {
    assert.deepEqual(names.sort(), [
      'cluster-failed',
      'eks-failed',
      'eks-goes-on',
      'eks-succeeded',
      'nodes-never-join',
      'paused',
      'workflow-failed',
      'workflow-succeeded',
    ]);
  });

  for (const [title, state, earlier, today] of OUTPUTS) {
    it(`have outputs that are translated: ${title}`, () =>
      assert.deepEqual(inTodaysForm(state, earlier, JSON.stringify(earlier)), today));
  }

  for (const name of names) {
    const history = fixture(`${name}.history`) as UpgradeHistory | ClusterHistory;

    it(`give the same report as then: ${name}`, () => {
      const report: unknown = JSON.parse(RENDERERS.json(buildAnyReport(history)));
      assert.deepEqual(inTodaysNames(report), inTodaysNames(fixture(`${name}.report`)));
    });

    it(`render without gaps: ${name}`, () => {
      const report = buildAnyReport(history);
      assert.doesNotMatch(RENDERERS.html(report) + RENDERERS.markdown(report), /undefined|NaN|\[object/);
    });
  }
});
