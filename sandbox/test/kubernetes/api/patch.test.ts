import assert from 'node:assert/strict';
import { applyJsonPatch } from '../../../kubernetes/api/patch/json-patch.ts';
import { applyMergePatch } from '../../../kubernetes/api/patch/merge-patch.ts';
import { applyStrategicMergePatch } from '../../../kubernetes/api/patch/strategic-merge-patch.ts';
import { addNode, createTestApi } from './fixture.ts';

const containers = (...items: object[]) => ({ spec: { template: { spec: { containers: items } } } });
const a = { name: 'a', image: '1', env: [{ name: 'X', value: '1' }] };
const b = { name: 'b', image: '1' };

const STRATEGIC: readonly [title: string, target: object, patch: object, result: object][] = [
  [
    'merges containers by name',
    containers(a, b),
    containers({ name: 'b', image: '2' }),
    containers(a, { ...b, image: '2' }),
  ],
  ['adds a container that is not there, before those that are', containers(a), containers(b), containers(b, a)],
  [
    'deletes a container with $patch: delete',
    containers(a, b),
    containers({ name: 'a', $patch: 'delete' }),
    containers(b),
  ],
  ['replaces the list with $patch: replace', containers(a), containers(b, { $patch: 'replace' }), containers(b)],
  [
    'merges variables of a container by name',
    containers(a),
    containers({ name: 'a', env: [{ name: 'Y', value: '2' }] }),
    containers({ ...a, env: [{ name: 'Y', value: '2' }, ...a.env] }),
  ],
  [
    'orders a list as $setElementOrder says',
    containers(a, b),
    { spec: { template: { spec: { '$setElementOrder/containers': [{ name: 'b' }, { name: 'a' }] } } } },
    containers(b, a),
  ],
  [
    'replaces node taints as a whole',
    { spec: { taints: [{ key: 'a', effect: 'NoSchedule' }] } },
    { spec: { taints: [{ key: 'b', effect: 'NoSchedule' }] } },
    { spec: { taints: [{ key: 'b', effect: 'NoSchedule' }] } },
  ],
  [
    'replaces tolerations as a whole',
    { spec: { tolerations: [{ key: 'a' }] } },
    { spec: { tolerations: [{ key: 'b' }] } },
    { spec: { tolerations: [{ key: 'b' }] } },
  ],
  [
    'merges conditions by type',
    {
      status: {
        conditions: [
          { type: 'Ready', status: 'False' },
          { type: 'Other', status: 'True' },
        ],
      },
    },
    { status: { conditions: [{ type: 'Ready', status: 'True' }] } },
    {
      status: {
        conditions: [
          { type: 'Ready', status: 'True' },
          { type: 'Other', status: 'True' },
        ],
      },
    },
  ],
  [
    'adds finalizers as to a set',
    { metadata: { finalizers: ['x'] } },
    { metadata: { finalizers: ['x', 'y'] } },
    { metadata: { finalizers: ['x', 'y'] } },
  ],
  [
    'takes finalizers away with $deleteFromPrimitiveList',
    { metadata: { finalizers: ['x', 'y'] } },
    { metadata: { '$deleteFromPrimitiveList/finalizers': ['x'] } },
    { metadata: { finalizers: ['y'] } },
  ],
  [
    'merges owner references by uid',
    { metadata: { ownerReferences: [{ uid: '1', name: 'a' }] } },
    {
      metadata: {
        ownerReferences: [
          { uid: '1', $patch: 'delete' },
          { uid: '2', name: 'b' },
        ],
      },
    },
    { metadata: { ownerReferences: [{ uid: '2', name: 'b' }] } },
  ],
  ['removes a field set to null', { spec: { a: 1, b: 2 } }, { spec: { a: null } }, { spec: { b: 2 } }],
  [
    'replaces a map with $patch: replace',
    { spec: { a: 1 } },
    { spec: { $patch: 'replace', b: 2 } },
    { spec: { b: 2 } },
  ],
  [
    'keeps only the fields of $retainKeys',
    { spec: { strategy: { type: 'RollingUpdate', rollingUpdate: {} } } },
    { spec: { strategy: { $retainKeys: ['type'], type: 'Recreate' } } },
    { spec: { strategy: { type: 'Recreate' } } },
  ],
  [
    'tells the ports of a Service apart by port',
    { spec: { ports: [{ port: 80, name: 'a' }] } },
    { spec: { ports: [{ port: 80, name: 'b' }, { port: 81 }] } },
    { spec: { ports: [{ port: 80, name: 'b' }, { port: 81 }] } },
  ],
];

describe('strategic merge patch', () => {
  for (const [title, target, patch, result] of STRATEGIC)
    it(title, () => assert.deepEqual(applyStrategicMergePatch(target as never, patch), result));

  it('refuses an item without its merge key', () => {
    assert.throws(() => applyStrategicMergePatch(containers(a) as never, containers({ image: 'x' })), {
      message: /does not contain declared merge key: name/,
    });
  });
});

describe('merge patch', () => {
  for (const [title, target, patch, result] of [
    [
      'sets, changes and removes fields',
      { a: 1, b: { c: 2, d: 3 } },
      { a: 4, b: { c: null }, e: 5 },
      { a: 4, b: { d: 3 }, e: 5 },
    ],
    ['replaces lists as a whole', { a: [1, 2] }, { a: [3] }, { a: [3] }],
    ['drops nulls from what it adds', {}, { a: { b: null, c: 1 } }, { a: { c: 1 } }],
    ['replaces a scalar by an object', { a: 1 }, { a: { b: 1 } }, { a: { b: 1 } }],
  ] as const)
    it(title, () => assert.deepEqual(applyMergePatch(target, patch), result));
});

describe('JSON patch', () => {
  for (const [title, target, operation, result] of [
    ['adds a field', {}, { op: 'add', path: '/a', value: 1 }, { a: 1 }],
    ['inserts into a list', { a: [1, 3] }, { op: 'add', path: '/a/1', value: 2 }, { a: [1, 2, 3] }],
    ['appends to a list', { a: [1] }, { op: 'add', path: '/a/-', value: 2 }, { a: [1, 2] }],
    ['removes a field', { a: 1, b: 2 }, { op: 'remove', path: '/a' }, { b: 2 }],
    ['removes from a list', { a: [1, 2] }, { op: 'remove', path: '/a/0' }, { a: [2] }],
    ['replaces a value', { a: { b: 1 } }, { op: 'replace', path: '/a/b', value: 2 }, { a: { b: 2 } }],
    ['replaces a field that is not there', {}, { op: 'replace', path: '/a', value: 1 }, { a: 1 }],
    ['counts from the end', { a: [1, 2] }, { op: 'remove', path: '/a/-1' }, { a: [1] }],
    ['takes a field that is not there for null', {}, { op: 'test', path: '/a', value: null }, {}],
    ['moves a value', { a: 1 }, { op: 'move', from: '/a', path: '/b' }, { b: 1 }],
    ['copies a value', { a: 1 }, { op: 'copy', from: '/a', path: '/b' }, { a: 1, b: 1 }],
    [
      'goes on after a test that holds',
      { a: { b: [1] } },
      { op: 'test', path: '/a', value: { b: [1] } },
      { a: { b: [1] } },
    ],
    ['unescapes slashes and tildes', { 'a/b': { 'c~d': 1 } }, { op: 'remove', path: '/a~1b/c~0d' }, { 'a/b': {} }],
  ] as const)
    it(title, () => assert.deepEqual(applyJsonPatch(target, [operation]), result));

  for (const [title, target, operation, code] of [
    ['a test that does not hold', { a: 1 }, { op: 'test', path: '/a', value: 2 }, 422],
    ['removing what is not there', {}, { op: 'remove', path: '/a' }, 422],
    ['moving what is not there', {}, { op: 'move', from: '/a', path: '/b' }, 422],
    ['replacing an element that is not there', { a: [] }, { op: 'replace', path: '/a/0', value: 1 }, 422],
    ['appending to a list that is not there', { spec: {} }, { op: 'add', path: '/spec/taints/-', value: 1 }, 422],
    ['an index beyond the list', { a: [] }, { op: 'add', path: '/a/1', value: 1 }, 422],
    ['an unknown operation', {}, { op: 'nudge', path: '/a' }, 422],
    ['an operation that is no text', {}, { op: 1, path: '/a' }, 400],
  ] as const)
    it(`refuses ${title} with ${code}`, () => {
      assert.throws(
        () => applyJsonPatch(target, [operation]),
        (error: { status: { code: number } }) => error.status.code === code,
      );
    });
});

describe('PATCH of an object', () => {
  const merge = 'application/merge-patch+json';

  it('refuses a patch prepared from an older version with 409 and the real text', async () => {
    const api = createTestApi();
    addNode(api, 'n1');
    const { status, body } = await api.call('PATCH', '/api/v1/nodes/n1', {
      type: merge,
      body: { metadata: { resourceVersion: '1' }, spec: { unschedulable: true } },
    });
    assert.equal(status, 409);
    assert.equal(
      body.message,
      'Operation cannot be fulfilled on nodes "n1": the object has been modified; please apply your changes to the latest version and try again',
    );
    assert.deepEqual(body.details, { name: 'n1', kind: 'nodes' });
  });

  it('applies a patch that names the current version', async () => {
    const api = createTestApi();
    const { metadata } = addNode(api, 'n1');
    const { status, body } = await api.call('PATCH', '/api/v1/nodes/n1', {
      type: merge,
      body: { metadata: { resourceVersion: metadata.resourceVersion }, spec: { unschedulable: true } },
    });
    assert.equal(status, 200);
    assert.equal(body.spec.unschedulable, true);
    assert.notEqual(body.metadata.resourceVersion, metadata.resourceVersion);
  });

  it('leaves the version alone when nothing changes', async () => {
    const api = createTestApi();
    addNode(api, 'n1', { spec: { unschedulable: true } });
    const before = api.store.resourceVersion();
    await api.call('PATCH', '/api/v1/nodes/n1', { type: merge, body: { spec: { unschedulable: true } } });
    assert.equal(api.store.resourceVersion(), before);
  });

  it('refuses two taints with the same key and effect with 422 and a cause', async () => {
    const api = createTestApi();
    addNode(api, 'n1');
    const taint = { key: 'a', value: 'b', effect: 'NoSchedule' };
    const { status, body } = await api.call('PATCH', '/api/v1/nodes/n1', {
      type: 'application/strategic-merge-patch+json',
      body: { spec: { taints: [taint, taint] } },
    });
    assert.equal(status, 422);
    assert.equal(body.reason, 'Invalid');
    assert.partialDeepStrictEqual(body.details.causes, [
      { reason: 'FieldValueDuplicate', field: 'metadata.taints[1]' },
    ]);
  });

  it('does not touch the status through the main resource', async () => {
    const api = createTestApi();
    addNode(api, 'n1', { status: { phase: 'old' } });
    await api.call('PATCH', '/api/v1/nodes/n1', { type: merge, body: { status: { phase: 'new' } } });
    assert.equal(api.store.get('nodes', undefined, 'n1')?.status?.phase, 'old');
    await api.call('PATCH', '/api/v1/nodes/n1/status', {
      type: merge,
      body: { status: { phase: 'new' }, spec: { x: 1 } },
    });
    assert.deepEqual(api.store.get('nodes', undefined, 'n1')?.status, { phase: 'new' });
    assert.deepEqual(api.store.get('nodes', undefined, 'n1')?.spec, {});
  });

  it('changes nothing with dryRun', async () => {
    const api = createTestApi();
    addNode(api, 'n1');
    const { body } = await api.call('PATCH', '/api/v1/nodes/n1?dryRun=All', {
      type: merge,
      body: { spec: { unschedulable: true } },
    });
    assert.equal(body.spec.unschedulable, true);
    assert.deepEqual(api.store.get('nodes', undefined, 'n1')?.spec, {});
  });

  it('refuses a content type that is no patch with 415', async () => {
    const api = createTestApi();
    addNode(api, 'n1');
    const { status, body } = await api.call('PATCH', '/api/v1/nodes/n1', { body: {} });
    assert.equal(status, 415);
    assert.equal(body.message, '415: Unsupported Media Type');
  });
});
