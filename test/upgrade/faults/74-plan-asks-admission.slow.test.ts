import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { Between } from '../../../cli/embedded/virtual-sandbox.ts';
import { createWorld, INPUT, kubernetesCalls, world } from '../run-upgrade.ts';

const kafka = { kind: 'Deployment', name: 'kafka', namespace: 'shop' } as const;
const guard = { kind: 'evictionWebhook', name: 'guard.example.com', matchLabels: { app: 'kafka' } } as const;
const scenario = { faults: [{ ...guard, code: 429, message: 'the operator rolls this pod itself' }] };
/** As kubernetes/rbac-dry-run.yaml has it: the group that plans may create evictions. */
const dryRunsAllowed: Between = {
  request: (handler, plane) => async (request) => {
    const isAsked = plane === 'kubernetes' && /subjectaccessreviews$/.test(request.path);
    const review = isAsked ? JSON.parse(String(request.body)) : undefined;
    const wanted = review?.spec.resourceAttributes;
    if (wanted?.subresource !== 'eviction' || review.spec.groups[0] !== 'eks-nodegroup-upgrade-readers')
      return handler(request);
    const body = JSON.stringify({ ...review, status: { allowed: true } });
    return { status: 201, headers: { 'content-type': 'application/json' }, body };
  },
};

describe('#74 a pod that only a webhook keeps', () => {
  it('is named by the plan where the plan may try evictions, and nothing is evicted', async () => {
    const sandbox = await createWorld(world({ workloads: [kafka], scenario }), undefined, dryRunsAllowed);
    const pods = sandbox.pods().map(({ metadata }) => metadata.uid);
    const { output } = await sandbox.upgrade({ ...INPUT, dryRun: true });
    const named = output.plan.blockingPods.filter(({ name }: { name: string }) => name.startsWith('kafka'));
    assert.equal(named.length, 1, JSON.stringify(output.plan.blockingPods));
    assert.match(named[0].detail, /the operator rolls this pod itself/);
    assert.match(output.plan.admission, /asked about 13 of 13 evictions by dry runs/);
    assert.deepEqual(
      sandbox.pods().map(({ metadata }) => metadata.uid),
      pods,
    );
  });

  it('is not known where it may not, as the plan says', async () => {
    const sandbox = await createWorld(world({ workloads: [kafka], scenario }));
    const { output } = await sandbox.upgrade({ ...INPUT, dryRun: true });
    assert.match(output.plan.admission, /webhooks and policies were not asked/);
    assert.equal(kubernetesCalls(sandbox.wire.entries, /\/eviction$/).length, 0);
  });
});
