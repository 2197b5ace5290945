import assert from 'node:assert/strict';
import { addNode, addPod, createTestApi, type TestApi } from '../api/fixture.ts';

const namesIn = async ({ call }: TestApi, path: string): Promise<string[]> =>
  (await call('GET', path)).body.items.map(({ metadata }: { metadata: { name: string } }) => metadata.name);

const cached = '/api/v1/pods?resourceVersion=0';
const fresh = '/api/v1/pods';

async function withChanges() {
  const api = createTestApi({ faults: [{ kind: 'staleLists', resources: ['pods'], secondsAgo: 5 }] });
  addPod(api, 'b');
  addPod(api, 'c');
  await api.clock.advance(60);
  addPod(api, 'a');
  api.store.remove('pods', 'default', 'b');
  api.store.change('pods', 'default', 'c', (pod) => ({ ...pod, spec: { ...pod.spec, nodeName: 'n2' } }));
  return api;
}

describe('a list with resourceVersion=0', () => {
  it('shows what was there so many seconds ago, with the version of then', async () => {
    const api = await withChanges();
    const { body } = await api.call('GET', cached);
    assert.deepEqual(await namesIn(api, cached), ['b', 'c']);
    assert.equal(body.items[1].spec.nodeName, 'n1');
    assert.ok(Number(body.metadata.resourceVersion) < api.store.resourceVersion());
    await api.clock.advance(4.9);
    assert.deepEqual(await namesIn(api, cached), ['b', 'c']);
    await api.clock.advance(0.1);
    assert.deepEqual(await namesIn(api, cached), ['a', 'c']);
  });

  it('is selected from what was there then', async () => {
    const api = await withChanges();
    const onNode = (name: string) => `fieldSelector=spec.nodeName%3D${name}`;
    assert.deepEqual(await namesIn(api, `${cached}&${onNode('n1')}`), ['b', 'c']);
    assert.deepEqual(await namesIn(api, `${cached}&${onNode('n2')}`), []);
    assert.deepEqual(await namesIn(api, `${fresh}?${onNode('n1')}`), ['a']);
  });

  it('is stale only then: a list without a version and an object itself are as they are', async () => {
    const api = await withChanges();
    assert.deepEqual(await namesIn(api, fresh), ['a', 'c']);
    assert.equal((await api.call('GET', '/api/v1/namespaces/default/pods/b')).status, 404);
  });

  it('is stale only for the resources named, and in its spell', async () => {
    const api = createTestApi({
      faults: [{ kind: 'staleLists', resources: ['pods'], secondsAgo: 5, untilSeconds: 2 }],
    });
    await api.clock.advance(1);
    addPod(api, 'a');
    addNode(api, 'n1');
    assert.deepEqual(await namesIn(api, cached), []);
    assert.deepEqual(await namesIn(api, '/api/v1/nodes?resourceVersion=0'), ['n1']);
    await api.clock.advance(1);
    assert.deepEqual(await namesIn(api, cached), ['a']);
  });
});
