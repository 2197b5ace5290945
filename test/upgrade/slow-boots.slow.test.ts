import assert from 'node:assert/strict';
import type { KubernetesObject } from 'eks-sandbox';
import { describe, it } from 'mocha';
import { buildReport } from '../../report/read/read.ts';
import { traces } from './faults/as-it-was.ts';
import { type WatchedWorld, watchedWorld } from './faults/watched-world.ts';
import { upgradeHistory } from './histories.ts';
import { INPUT, NEW_AMI, world } from './run-upgrade.ts';

const NODES = 24;
const BOOT = { pendingSeconds: 15, joinSeconds: 330, readySeconds: 75 };
const SLOW = world({
  group: { desiredCapacity: NODES, maxSize: NODES },
  scenario: { timings: BOOT },
});

/** Each desired capacity that was asked for. */
const resizes = ({ wire }: WatchedWorld) =>
  wire.entries
    .filter(({ action }) => action === 'UpdateAutoScalingGroup')
    .flatMap(({ request }) => new URLSearchParams(request.body).get('DesiredCapacity') ?? []);

describe('nodes that boot in seven minutes', () => {
  it('get more surge once, so that no drain waits for a boot; the report tells both prices', async () => {
    const sandbox = await watchedWorld(SLOW);
    const before = traces(sandbox);
    const execution = sandbox.start({ ...INPUT, updateConfig: { maxUnavailable: 3 } });
    const ended = await sandbox.end(execution);
    assert.equal(ended.status, 'SUCCEEDED', ended.cause);
    assert.deepEqual(sandbox.amis(), Array(NODES).fill(NEW_AMI));
    assert.deepEqual(resizes(sandbox), [String(NODES + 9), String(NODES + 18)]);
    const last = sandbox.terminations.at(-1)?.at as number;
    const bound = 420 + (NODES / 3) * 90;
    assert.ok(
      (last - execution.startedAt) / 1000 <= 1.1 * bound,
      `${(last - execution.startedAt) / 1000} s, ${bound} s`,
    );
    const report = buildReport(upgradeHistory(sandbox.stepFunctions, execution));
    assert.match(
      report.warnings.join(),
      /New nodes take about \d+ s to boot, and the plan assumed 120 s: the surge is 18 \(.*\) instead of 9 \(.*\)/,
    );
    const hours = report.cost.extraInstanceHours ?? 0;
    assert.ok(hours > 18 * (400 / 3600) && hours < 18 * (bound / 3600), `${hours} extra instance hours`);
    await sandbox.clock.advance(300);
    assert.deepEqual(traces(sandbox), before);
  });

  it('leave the group as it was although the Lease is deleted before the conductor begins', async () => {
    const sandbox = await watchedWorld(SLOW);
    const before = traces(sandbox);
    const execution = sandbox.start({ ...INPUT, updateConfig: { maxUnavailable: 3 } });
    await sandbox.when(() => resizes(sandbox).length === 2);
    await sandbox.clock.advance(30);
    const { metadata } = sandbox.lease() as KubernetesObject;
    sandbox.store.remove('leases', metadata.namespace, metadata.name);
    const ended = await sandbox.end(execution);
    assert.equal(ended.status, 'SUCCEEDED', ended.cause);
    assert.deepEqual(sandbox.amis(), Array(NODES).fill(NEW_AMI));
    await sandbox.clock.advance(300);
    assert.deepEqual(traces(sandbox), before);
  });

  it('get no more than the input says', async () => {
    const sandbox = await watchedWorld(SLOW);
    await sandbox.end(sandbox.start({ ...INPUT, updateConfig: { maxUnavailable: 3, surge: 9 } }));
    assert.deepEqual(resizes(sandbox), [String(NODES + 9)]);
  });
});
