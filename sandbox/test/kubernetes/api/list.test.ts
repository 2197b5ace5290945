import assert from 'node:assert/strict';
import { addNode, addPod, createTestApi, type TestApi } from './fixture.ts';

const namesOf = (body: { items: { metadata: { name: string } }[] }) => body.items.map(({ metadata }) => metadata.name);

const withNodes = (count: number): TestApi => {
  const api = createTestApi();
  for (let index = 0; index < count; index += 1) addNode(api, `n${index}`);
  return api;
};

describe('listing in pages', () => {
  it('gives every object once, in order, and says how many remain', async () => {
    const api = withNodes(5);
    const first = await api.call('GET', '/api/v1/nodes?limit=2');
    assert.deepEqual(namesOf(first.body), ['n0', 'n1']);
    assert.equal(first.body.metadata.remainingItemCount, 3);
    const second = await api.call('GET', `/api/v1/nodes?limit=2&continue=${first.body.metadata.continue}`);
    assert.deepEqual(namesOf(second.body), ['n2', 'n3']);
    const third = await api.call('GET', `/api/v1/nodes?limit=2&continue=${second.body.metadata.continue}`);
    assert.deepEqual(namesOf(third.body), ['n4']);
    assert.equal(third.body.metadata.continue, undefined);
    assert.equal(third.body.metadata.remainingItemCount, undefined);
  });

  it('shows the world of the first page on every page, whatever happens meanwhile', async () => {
    const api = withNodes(4);
    const first = await api.call('GET', '/api/v1/nodes?limit=2');
    api.store.remove('nodes', undefined, 'n3');
    addNode(api, 'n2a');
    const second = await api.call('GET', `/api/v1/nodes?limit=2&continue=${first.body.metadata.continue}`);
    assert.deepEqual(namesOf(second.body), ['n2', 'n3']);
    assert.equal(second.body.metadata.resourceVersion, first.body.metadata.resourceVersion);
  });

  it('does not count what remains when there is a selector', async () => {
    const api = withNodes(3);
    const { body } = await api.call('GET', '/api/v1/nodes?limit=1&fieldSelector=metadata.name!=n1');
    assert.notEqual(body.metadata.continue, undefined);
    assert.equal(body.metadata.remainingItemCount, undefined);
  });

  it('answers 410 Expired to a token older than five minutes, and gives one to go on inconsistently', async () => {
    const api = withNodes(4);
    const first = await api.call('GET', '/api/v1/nodes?limit=2');
    await api.clock.advance(301);
    const expired = await api.call('GET', `/api/v1/nodes?limit=2&continue=${first.body.metadata.continue}`);
    assert.equal(expired.status, 410);
    assert.equal(expired.body.reason, 'Expired');
    assert.match(
      expired.body.message,
      /^The provided continue parameter is too old to display a consistent list result\./,
    );
    addNode(api, 'n2a');
    const rest = await api.call('GET', `/api/v1/nodes?continue=${expired.body.metadata.continue}`);
    assert.deepEqual(namesOf(rest.body), ['n2', 'n2a', 'n3']);
  });

  it('refuses a token that is none', async () => {
    const { status, body } = await withNodes(1).call('GET', '/api/v1/nodes?continue=nonsense');
    assert.equal(status, 400);
    assert.match(body.message, /^invalid continue token: continue key is not valid/);
  });

  it('refuses a version together with a token', async () => {
    const api = withNodes(2);
    const { body } = await api.call('GET', '/api/v1/nodes?limit=1');
    const refused = await api.call('GET', `/api/v1/nodes?resourceVersion=1&continue=${body.metadata.continue}`);
    assert.equal(refused.status, 400);
    assert.equal(refused.body.message, 'specifying resource version is not allowed when using continue');
  });

  it('answers 504 to a version from the future', async () => {
    const { status, body } = await withNodes(1).call('GET', '/api/v1/nodes?resourceVersion=999999');
    assert.equal(status, 504);
    assert.equal(body.reason, 'Timeout');
    assert.match(body.message, /^Timeout: Too large resource version: 999999, current: \d+$/);
  });

  it('leaves kind and apiVersion out of the items, as kube-apiserver does', async () => {
    const { body } = await withNodes(1).call('GET', '/api/v1/nodes');
    assert.equal(body.kind, 'NodeList');
    assert.equal(body.apiVersion, 'v1');
    assert.equal(body.items[0].kind, undefined);
  });

  it('lists one namespace, also when another begins with its name', async () => {
    const api = createTestApi();
    for (const namespace of ['a', 'a-b', 'ab'])
      api.store.create('configmaps', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x', namespace } });
    for (const namespace of ['a', 'a-b', 'ab']) {
      const { body } = await api.call('GET', `/api/v1/namespaces/${namespace}/configmaps`);
      assert.deepEqual(
        body.items.map((item: { metadata: { namespace: string } }) => item.metadata.namespace),
        [namespace],
      );
    }
  });
});

describe('selectors', () => {
  const api = createTestApi();
  addPod(api, 'web-a', { labels: { app: 'web', tier: 'front' }, nodeName: 'n1' });
  addPod(api, 'web-b', { labels: { app: 'web' }, nodeName: 'n2', phase: 'Pending' });
  addPod(api, 'db', { labels: { app: 'db', size: '3' }, nodeName: 'n1' });
  addNode(api, 'n1', { spec: { unschedulable: true } });
  addNode(api, 'n2');
  for (const name of ['n1', 'n2'])
    api.store.create('events', {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: `${name}.1`, namespace: 'default' },
      involvedObject: { kind: 'Node', name },
      type: 'Normal',
      reason: 'Drained',
    });

  for (const [title, target, expected] of [
    ['equality', 'pods?labelSelector=app=web', ['web-a', 'web-b']],
    ['double equals', 'pods?labelSelector=app==db', ['db']],
    ['inequality, absent labels included', 'pods?labelSelector=tier!=front', ['db', 'web-b']],
    ['existence', 'pods?labelSelector=tier', ['web-a']],
    ['absence', 'pods?labelSelector=!tier', ['db', 'web-b']],
    ['membership', 'pods?labelSelector=app in (web, db),tier', ['web-a']],
    ['non-membership', 'pods?labelSelector=app notin (web)', ['db']],
    ['a number above a bound', 'pods?labelSelector=size>2', ['db']],
    ['spec.nodeName', 'pods?fieldSelector=spec.nodeName=n1', ['db', 'web-a']],
    ['spec.nodeName and a phase', 'pods?fieldSelector=spec.nodeName=n2,status.phase!=Running', ['web-b']],
    ['metadata.name', 'pods?fieldSelector=metadata.name=db', ['db']],
    ['metadata.namespace', 'pods?fieldSelector=metadata.namespace=other', []],
    ['spec.unschedulable', 'nodes?fieldSelector=spec.unschedulable=true', ['n1']],
    ['spec.unschedulable of nodes that never had it', 'nodes?fieldSelector=spec.unschedulable=false', ['n2']],
    ['involvedObject', 'events?fieldSelector=involvedObject.kind=Node,involvedObject.name=n2,type=Normal', ['n2.1']],
  ] as const)
    it(`selects by ${title}`, async () => {
      const { body } = await api.call('GET', `/api/v1/${target}`);
      assert.deepEqual(namesOf(body), expected);
    });

  it('selects events of events.k8s.io by regarding, under their new field names', async () => {
    const { body } = await api.call('GET', '/apis/events.k8s.io/v1/events?fieldSelector=regarding.name=n1');
    assert.deepEqual(namesOf(body), ['n1.1']);
    assert.equal(body.items[0].regarding.kind, 'Node');
    assert.equal(body.items[0].involvedObject, undefined);
  });

  for (const [title, target, message] of [
    ['an unknown field of pods', 'pods?fieldSelector=spec.foo=x', 'field label not supported: spec.foo'],
    [
      'any field but name and namespace of a resource without others',
      'configmaps?fieldSelector=data.a=x',
      '"data.a" is not a known field selector: only "metadata.name", "metadata.namespace"',
    ],
  ] as const)
    it(`refuses ${title} with 400`, async () => {
      const { status, body } = await api.call('GET', `/api/v1/${target}`);
      assert.equal(status, 400);
      assert.equal(body.message, message);
    });

  it('refuses a label selector it cannot read with 400', async () => {
    assert.equal((await api.call('GET', '/api/v1/pods?labelSelector=a%3D%3D%3Db!')).status, 400);
  });
});
