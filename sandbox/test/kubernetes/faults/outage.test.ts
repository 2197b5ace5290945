import assert from 'node:assert/strict';
import { isConnectionLost } from '../../../aws/aws-error.ts';
import { addNode, createTestApi } from '../api/fixture.ts';

const nodes = '/api/v1/nodes';

describe('an API server that is away', () => {
  it('breaks connections for so many seconds, and then answers again', async () => {
    const { call, clock } = createTestApi({ faults: [{ kind: 'apiServerAway', fromSeconds: 10, forSeconds: 35 }] });
    assert.equal((await call('GET', nodes)).status, 200);
    await clock.advance(10);
    await assert.rejects(call('GET', nodes), isConnectionLost);
    await clock.advance(34);
    await assert.rejects(call('GET', '/version'), isConnectionLost);
    await clock.advance(1);
    assert.equal((await call('GET', nodes)).status, 200);
  });

  it('breaks watches that are under way', async () => {
    const api = createTestApi({ faults: [{ kind: 'apiServerAway', fromSeconds: 10, forSeconds: 5 }] });
    const { body } = await api.raw('GET', `${nodes}?watch=true`);
    const events: string[] = [];
    const read = (async () => {
      for await (const chunk of body as AsyncIterable<string>) events.push(chunk);
    })();
    addNode(api, 'n1');
    const broken = assert.rejects(read, isConnectionLost);
    await api.clock.advance(10);
    await broken;
    assert.equal(events.length, 1);
  });

  it('breaks a request that it was still working at, once it has taken effect or not', async () => {
    const api = createTestApi({
      faults: [
        { kind: 'apiServerAway', fromSeconds: 5, forSeconds: 1 },
        { kind: 'evictionWebhook', name: 'slow.example.com', answer: 'hangs' },
      ],
    });
    api.store.create('pods', {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'p', namespace: 'default' },
      spec: { containers: [] },
    });
    const path = '/api/v1/namespaces/default/pods/p/eviction';
    const broken = assert.rejects(api.call('POST', path, { body: { metadata: { name: 'p' } } }), isConnectionLost);
    await api.clock.advance(11);
    await broken;
  });

  it('answers 403 to the first requests after it is back, though not to administrators', async () => {
    const faults = [{ kind: 'apiServerAway', fromSeconds: 1, forSeconds: 1, forbiddenAnswers: 3 } as const];
    const { call, clock } = createTestApi({ faults });
    assert.equal((await call('GET', nodes)).status, 200);
    await clock.advance(2);
    const statuses: number[] = [];
    for (let index = 0; index < 5; index += 1) statuses.push((await call('GET', nodes)).status);
    assert.deepEqual(statuses, [403, 403, 403, 200, 200]);
  });
});
