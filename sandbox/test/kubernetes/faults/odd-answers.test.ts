import assert from 'node:assert/strict';
import { isConnectionLost } from '../../../aws/aws-error.ts';
import type { ScenarioInput } from '../../../world/scenario.ts';
import { addNode, addPod, createTestApi } from '../api/fixture.ts';

type OddAnswer = Extract<NonNullable<ScenarioInput['faults']>[number], { kind: 'oddAnswer' }>;

const list = (form: OddAnswer['form']): OddAnswer => ({ kind: 'oddAnswer', action: 'GET nodes', form });

const withNode = (fault: OddAnswer) => {
  const api = createTestApi({ faults: [fault] });
  addNode(api, 'n1');
  return api;
};

describe('one odd answer of an API server', () => {
  it('is cut, with a length that fits, and the next one is whole', async () => {
    const { raw } = withNode(list('truncated'));
    const cut = await raw('GET', '/api/v1/nodes');
    assert.equal(cut.status, 200);
    assert.throws(() => JSON.parse(String(cut.body)));
    const { body } = await raw('GET', '/api/v1/nodes');
    assert.ok(String(body).startsWith(String(cut.body)));
    assert.equal(JSON.parse(String(body)).items.length, 1);
  });

  it('breaks off in the middle', async () => {
    const { headers, body } = await withNode(list('brokenOff')).raw('GET', '/api/v1/nodes');
    let read = '';
    await assert.rejects(async () => {
      for await (const piece of body) read += piece;
    }, isConnectionLost);
    assert.ok(read.length > 0 && read.length < Number(headers['content-length']));
  });

  it('is the page of a proxy, with 200', async () => {
    const { status, headers, body } = await withNode(list('html')).raw('GET', '/api/v1/nodes');
    assert.equal(status, 200);
    assert.match(String(headers['content-type']), /^text\/html/);
    assert.match(String(body), /^<!DOCTYPE html>/);
  });

  it('is of another kind', async () => {
    const { status, body } = await withNode(list('otherKind')).call('GET', '/api/v1/nodes');
    assert.deepEqual([status, body.kind, body.items], [200, 'Status', undefined]);
  });

  it('is empty', async () => {
    const { status, body } = await withNode(list('empty')).raw('GET', '/api/v1/nodes');
    assert.deepEqual([status, body], [200, '']);
  });

  it('is of something that has not happened, when the server was never reached', async () => {
    for (const isCarriedOut of [true, false]) {
      const api = createTestApi({
        faults: [{ kind: 'oddAnswer', action: 'POST pods/eviction', form: 'html', isCarriedOut }],
      });
      addPod(api, 'p');
      const { status } = await api.raw('POST', '/api/v1/namespaces/default/pods/p/eviction', {
        body: { metadata: { name: 'p' } },
      });
      assert.equal(status, 200);
      assert.equal(api.store.get('pods', 'default', 'p')?.metadata.deletionTimestamp !== undefined, isCarriedOut);
    }
  });

  it('comes so many times, from a second on, and leaves watches alone', async () => {
    const api = createTestApi({ faults: [{ ...list('empty'), times: 2, fromSeconds: 5 }] });
    const isEmpty = async (query = '') => (await api.raw('GET', `/api/v1/nodes${query}`)).body === '';
    assert.equal(await isEmpty(), false);
    await api.clock.advance(5);
    assert.equal(await isEmpty('?watch=true'), false);
    assert.deepEqual([await isEmpty(), await isEmpty(), await isEmpty()], [true, true, false]);
  });
});
