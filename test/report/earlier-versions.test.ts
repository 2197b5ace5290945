import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

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
};

/** Sentences that the report makes itself, and may make better. */
const REWORDED: ReadonlySet<string> = new Set(['headline', 'advice', 'recovery']);

/** The report that the version of the fixtures made, in the names of today and without the sentences that it made itself. */
function inTodaysNames(report: unknown, key = ''): unknown {
  if (Array.isArray(report)) return report.map((entry) => inTodaysNames(entry));
  if (key === 'outcome' && report === 'held') return 'blocked';
  if (typeof report !== 'object' || report === null) return report;
  return Object.fromEntries(
    Object.entries(report)
      .filter(([name]) => !REWORDED.has(name))
      .map(([name, value]) => [RENAMED[name] ?? name, inTodaysNames(value, name)]),
  );
}

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
