import assert from 'node:assert/strict';
import { isConnectionLost } from '../../aws/aws-error.ts';
import { withKubernetesFaults } from '../../kubernetes/faults.ts';
import type { Fault } from '../../world/scenario.ts';
import { addNode, createTestApi, type TestApi } from './api/fixture.ts';

const list = { method: 'GET', path: '/api/v1/nodes', query: new URLSearchParams(), headers: {}, body: '' };
const patch = {
  ...list,
  method: 'PATCH',
  path: '/api/v1/nodes/n1',
  headers: { 'content-type': 'application/merge-patch+json' },
  body: '{"spec":{"unschedulable":true}}',
};

const withFaults = (api: TestApi, ...faults: Fault[]) => withKubernetesFaults(api.handle, faults, api.clock);

describe('faults of the API server', () => {
  it('throttles every n-th request as priority and fairness does', async () => {
    const handle = withFaults(createTestApi(), { kind: 'throttle', action: 'kubernetes', everyNth: 3 });
    const statuses: number[] = [];
    for (let index = 0; index < 6; index += 1) statuses.push((await handle(list)).status);
    assert.deepEqual(statuses, [200, 200, 429, 200, 200, 429]);
  });

  it('fails the named request so many times, from the given second, with the given reason', async () => {
    const api = createTestApi();
    addNode(api, 'n1');
    const handle = withFaults(api, {
      kind: 'fail',
      action: 'PATCH nodes',
      error: 'Conflict',
      times: 1,
      fromSeconds: 10,
    });
    assert.equal((await handle(patch)).status, 200);
    await api.clock.advance(10);
    assert.equal((await handle(list)).status, 200);
    const refused = await handle(patch);
    assert.equal(refused.status, 409);
    assert.equal(JSON.parse(String(refused.body)).reason, 'Conflict');
    assert.equal((await handle(patch)).status, 200);
  });

  it('carries out a request whose response is lost', async () => {
    const api = createTestApi();
    addNode(api, 'n1');
    const handle = withFaults(api, { kind: 'lostResponse', action: 'PATCH nodes', times: 1 });
    await assert.rejects(handle(patch), isConnectionLost);
    assert.equal(api.store.get('nodes', undefined, 'n1')?.spec?.unschedulable, true);
  });

  it('tells subresources apart', async () => {
    const api = createTestApi();
    const fault: Fault = {
      kind: 'fail',
      action: 'POST pods/eviction',
      error: 'InternalError',
      times: 1,
      fromSeconds: 0,
    };
    const handle = withFaults(api, fault);
    const post = {
      ...list,
      method: 'POST',
      path: '/api/v1/namespaces/default/pods/p/eviction',
      body: '{"metadata":{"name":"p"}}',
    };
    assert.equal((await handle({ ...post, path: '/api/v1/namespaces/default/pods', body: '{}' })).status, 422);
    assert.equal((await handle(post)).status, 500);
    assert.equal((await handle(post)).status, 404);
  });
});
