import assert from 'node:assert/strict';
import { createObjectStore } from '../../kubernetes/object-store.ts';
import type { ObjectStore, StoreEvent } from '../../kubernetes/store.ts';
import { createRandom } from '../../world/random.ts';

const create = (keptEvents?: number): ObjectStore =>
  createObjectStore({
    clock: { now: () => Date.parse('2026-01-04T03:00:00Z') },
    random: createRandom(1),
    ...(keptEvents === undefined ? {} : { keptEvents }),
  });

const pod = (name: string, namespace = 'default', fields: object = {}, metadata: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace, ...metadata },
  spec: { containers: [] },
  ...fields,
});
const specOf = (replicas: number) => ({ replicas, selector: {}, template: { spec: { containers: [] } } });
const keys = (objects: ReturnType<ObjectStore['list']>) =>
  objects.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);

describe('object store', () => {
  it('gives a new object its identity, version and time', () => {
    const { metadata } = create().create('deployments', {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'a' },
      spec: specOf(1),
    });
    assert.match(metadata.uid, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    assert.equal(metadata.resourceVersion, '2');
    assert.equal(metadata.generation, 1);
    assert.equal(metadata.creationTimestamp, '2026-01-04T03:00:00Z');
  });

  it('gives the same identities from the same seed', () => {
    const [left, right] = [create(), create()].map((store) => store.create('pods', pod('a')).metadata.uid);
    assert.equal(left, right);
  });

  it('refuses a name that is taken', () => {
    const store = create();
    store.create('pods', pod('a'));
    assert.throws(() => store.create('pods', pod('a')), { message: 'pods "a" already exists' });
    assert.doesNotThrow(() => store.create('pods', pod('a', 'other')));
  });

  it("lists in etcd's order, whatever the order of creation", () => {
    const store = create();
    for (const [name, namespace] of [
      ['b', 'b'],
      ['a', 'b'],
      ['z', 'a'],
      ['x', 'a-b'],
    ] as const)
      store.create('pods', pod(name, namespace));
    assert.deepEqual(keys(store.list('pods')), ['a-b/x', 'a/z', 'b/a', 'b/b']);
  });

  it('never changes a list it has handed out', () => {
    const store = create();
    store.create('pods', pod('a'));
    const before = store.list('pods');
    store.create('pods', pod('b'));
    store.change('pods', 'default', 'a', (object) => ({ ...object, status: {} }));
    assert.equal(before.length, 1);
    assert.equal(before[0]?.status, undefined);
    assert.equal(store.list('pods').length, 2);
  });

  it('lists an object once after it was removed and created again', () => {
    const store = create();
    store.create('pods', pod('a'));
    store.list('pods');
    store.remove('pods', 'default', 'a');
    store.create('pods', pod('a'));
    assert.deepEqual(keys(store.list('pods')), ['default/a']);
  });

  it('bumps the generation when the spec changes, and only then', () => {
    const store = create();
    store.create('deployments', {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'a' },
      spec: specOf(1),
    });
    const change = (fields: object) =>
      store.change('deployments', undefined, 'a', (object) => ({ ...object, ...fields }));
    assert.equal(change({ status: { replicas: 1 } })?.metadata.generation, 1);
    assert.equal(change({ spec: specOf(2) })?.metadata.generation, 2);
  });

  it('stores nothing and says so when nothing changed, or when the object is gone', () => {
    const store = create();
    store.create('pods', pod('a', 'default', { spec: { nodeName: 'n', containers: [] } }));
    const before = store.resourceVersion();
    assert.equal(
      store.change('pods', 'default', 'a', (object) => ({ ...object, spec: { nodeName: 'n', containers: [] } })),
      undefined,
    );
    assert.equal(
      store.change('pods', 'default', 'b', (object) => object),
      undefined,
    );
    assert.equal(store.resourceVersion(), before);
  });

  it('follows pods from node to node', () => {
    const store = create();
    store.create('pods', pod('a'));
    assert.deepEqual(store.podsOnNode('n1'), []);
    store.change('pods', 'default', 'a', (object) => ({ ...object, spec: { nodeName: 'n1', containers: [] } }));
    assert.deepEqual(keys(store.podsOnNode('n1')), ['default/a']);
    store.remove('pods', 'default', 'a');
    assert.deepEqual(store.podsOnNode('n1'), []);
  });

  it('finds the objects a controller owns, not those that merely refer to it', () => {
    const store = create();
    const owner = (controller: boolean) => ({
      ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'rs', uid: 'u', controller }],
    });
    store.create('pods', pod('a', 'default', {}, owner(true)));
    store.create('pods', pod('b', 'default', {}, owner(false)));
    assert.deepEqual(keys(store.ownedBy('pods', 'u')), ['default/a']);
  });

  it('tells subscribers of each change with what was there before, until they leave', () => {
    const store = create();
    const events: StoreEvent[] = [];
    const leave = store.subscribe((event) => events.push(event));
    store.create('pods', pod('a'));
    store.change('pods', 'default', 'a', (object) => ({ ...object, status: {} }));
    store.remove('pods', 'default', 'a');
    leave();
    store.create('pods', pod('b'));
    assert.deepEqual(
      events.map(({ type, previous, resourceVersion }) => [type, previous?.metadata.resourceVersion, resourceVersion]),
      [
        ['ADDED', undefined, 2],
        ['MODIFIED', '2', 3],
        ['DELETED', '3', 4],
      ],
    );
  });

  it('replays the changes of one resource after a version', () => {
    const store = create();
    store.create('pods', pod('a'));
    store.create('nodes', { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n' } });
    store.create('pods', pod('b'));
    assert.deepEqual(
      store.eventsSince('pods', 2)?.map(({ object }) => object.metadata.name),
      ['b'],
    );
    assert.deepEqual(store.eventsSince('leases', 1), []);
  });

  it('says when changes are no longer kept', () => {
    const store = create(4);
    for (let index = 0; index < 20; index += 1) store.create('pods', pod(`p${index}`));
    assert.equal(store.eventsSince('pods', 2), undefined);
    assert.equal(store.eventsSince('pods', store.resourceVersion() - 4)?.length, 4);
  });
});
