import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { buildReport } from '../../../report/read/read.ts';
import { upgradeHistory } from '../histories.ts';
import { createWorld, INPUT, world } from '../run-upgrade.ts';

describe('#72 the advice for a blocked pod fits its owner, and all figures measure time alike', () => {
  it('a bare pod gets no advice about replicas', async () => {
    const solo = { kind: 'Pod', name: 'solo', namespace: 'shop', budget: { minAvailable: 1 } } as const;
    const ended = await (await createWorld(world({ workloads: [solo] }))).upgrade({
      ...INPUT,
      drainTimeoutSeconds: 60,
    });
    assert.equal(ended.error, 'PodEvictionFailure');
    assert.match(ended.cause, /To do: let a controller run it with 2 replicas or more, .* or delete the pod yourself/);
  });

  it('the sentence counts the minutes of one drain, as each row of the report does', async () => {
    const api = { kind: 'Deployment', name: 'api', namespace: 'shop', budget: { minAvailable: 1 } } as const;
    const sandbox = await createWorld(world({ workloads: [api] }));
    const ended = await sandbox.upgrade({ ...INPUT, drainTimeoutSeconds: 300 });
    assert.match(ended.cause, /pod shop\/api-\S+ \(Deployment api\) has blocked the drain for 5 minutes: /);
    const report = buildReport(upgradeHistory(sandbox.stepFunctions, ended.execution));
    const rows = report.blockingPods.map(({ blockedSeconds }) => Math.round(blockedSeconds / 60));
    assert.deepEqual(rows, [5, 5]);
  });
});
