import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { MANAGED, managedWorld, observationsOf, requestsOfEks } from './managed-world.ts';
import { createWorld } from './run-upgrade.ts';
import { BLOCKING_WORKLOAD } from './workloads.ts';

describe('a run that follows EKS names what EKS does not report', () => {
  it('in a group of more than a hundred nodes just as soon, every pod that may block the update, and since when', async () => {
    const workload = { ...BLOCKING_WORKLOAD, replicas: 60, spread: 'host', budget: { maxUnavailable: 0 } } as const;
    const sandbox = await createWorld(
      managedWorld({ group: { desiredCapacity: 120, maxSize: 150 }, cluster: { workloads: [workload] } }),
    );
    const { execution, cause } = await sandbox.upgrade(MANAGED);
    const refused = requestsOfEks(sandbox, /\/eviction$/)[0];
    const [, name] = /pods\/(\S+)\/eviction/.exec(refused?.action ?? '') ?? [];
    const reported = observationsOf(sandbox, execution).find(({ update }) =>
      update.blockingPods.some((pod) => pod.name === name),
    );
    const delay = (reported?.atSeconds ?? Number.POSITIVE_INFINITY) - (refused?.atSeconds as number);
    assert.ok(delay <= 60, `${name} is reported ${delay} s after the first refusal`);
    assert.equal(reported?.update.blockingPodCount, 60);
    assert.match(cause, new RegExp(`pod shop/${name} \\(Deployment api\\) has blocked the drain for 1\\d minutes`));
  });
});
