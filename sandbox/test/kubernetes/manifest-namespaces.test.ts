import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { ADMIN_TOKEN, createSandbox } from '../../sandbox.ts';
import { parseScenario } from '../../world/load-scenario.ts';
import { createVirtualClock } from '../../world/virtual-clock.ts';

const MANIFEST = `apiVersion: v1
kind: Namespace
metadata: { name: locks }
`;

/** Create a Lease in the namespace `locks`, as an administrator. */
async function createLease(rbac: string): Promise<number | undefined> {
  const scenario = parseScenario(JSON.stringify({ clusters: [{ name: 'shop', groups: [] }] }), 'mine.yaml');
  const { kubernetes } = createSandbox({ scenario, clock: createVirtualClock(Date.parse(scenario.startsAt)), rbac });
  const answer = await kubernetes.get('shop')?.({
    method: 'POST',
    path: '/apis/coordination.k8s.io/v1/namespaces/locks/leases',
    query: new URLSearchParams(),
    headers: { authorization: `Bearer ${ADMIN_TOKEN}`, 'content-type': 'application/json' },
    body: JSON.stringify({ apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name: 'one' } }),
  });
  return answer?.status;
}

describe('a namespace of the manifests that a sandbox is given', () => {
  it('exists from the beginning, as if they had been applied', async () =>
    assert.equal(await createLease(MANIFEST), 201));
  it('is missing without them', async () => assert.equal(await createLease(''), 404));
});
