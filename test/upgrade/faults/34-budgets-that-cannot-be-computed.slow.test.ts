import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { createWorld, INPUT, world } from '../run-upgrade.ts';

const QUICK = { ...INPUT, drainTimeoutSeconds: 60, updateConfig: { maxUnavailable: 2 } };
const ADVICE = /write the rule as minAvailable with a number of pods/;

const rows = [
  ['a Job', { kind: 'Job', budget: { minAvailable: '50%' } }, /jobs\.batch does not implement the scale subresource/],
  ['bare pods', { kind: 'Pod', budget: { maxUnavailable: 1 } }, /no controller owns the pods that it selects/],
] as const;

describe('#34 for a budget that Kubernetes cannot compute the run quotes Kubernetes, and proposes a rule that it can compute', () => {
  for (const [title, { kind, budget }, words] of rows) {
    it(`over ${title}, in the plan and at the end`, async () => {
      const workload = { kind, name: 'solo', namespace: 'shop', replicas: 2, budget };
      const sandbox = await createWorld(world({ workloads: [workload] }));
      const { output } = await sandbox.upgrade({ ...QUICK, dryRun: true });
      const planned = output.plan.blockingPods.find(({ name }: { name: string }) => name.startsWith('solo'));
      assert.match(planned.detail, words);
      assert.match(planned.advice, ADVICE);
      const ended = await sandbox.upgrade(QUICK);
      assert.equal(ended.error, 'PodEvictionFailure');
      assert.match(ended.cause, words);
      assert.match(ended.cause, ADVICE);
      assert.doesNotMatch(ended.cause, /Ready elsewhere/);
    });
  }

  it('also while EKS drains', async () => {
    const group = { managed: { nodegroupName: 'workers', maxUnavailable: 1 } };
    const workload = {
      kind: 'Job',
      name: 'solo',
      namespace: 'shop',
      replicas: 3,
      budget: { minAvailable: '50%' },
    } as const;
    const sandbox = await createWorld(world({ group, workloads: [workload] }));
    const ended = await sandbox.upgrade({ clusterName: 'shop', nodegroupName: 'workers' });
    assert.equal(ended.status, 'FAILED');
    assert.match(ended.cause, /jobs\.batch does not implement the scale subresource/);
    assert.match(ended.cause, ADVICE);
  });
});
