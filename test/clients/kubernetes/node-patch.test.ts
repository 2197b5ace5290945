import assert from 'node:assert/strict';
import { fakeCluster, statusOf } from './fake-kubernetes.ts';

const PROVIDER_ID = 'aws:///eu-west-1a/i-0123456789abcdef0';
const identity = { uid: 'uid-a', providerId: PROVIDER_ID };
const TESTS = [
  { op: 'test', path: '/metadata/uid', value: 'uid-a' },
  { op: 'test', path: '/spec/providerID', value: PROVIDER_ID },
];

const node = (metadata: object = {}, providerID = PROVIDER_ID) => ({
  object: {
    metadata: { name: 'node-a', uid: 'uid-a', resourceVersion: '7', annotations: { is: 'there' }, ...metadata },
    spec: { providerID },
  },
});
/** What the API server says, whatever the operation that does not apply. */
const REJECTED = statusOf(422, 'the server rejected our request due to an error in our request', { reason: 'Invalid' });

describe('a patch of a node that is identified', () => {
  it('is one JSON Patch that tests the identity first, then the version', async () => {
    const { cluster, asked } = fakeCluster(node());
    const taint = { key: 'k', effect: 'NoSchedule' };
    const patch = { labels: { a: 'b' }, taints: [taint], unschedulable: false, resourceVersion: '7' };
    const changed = await cluster.patchNode('node-a', { identity, ...patch });
    assert.equal(typeof changed === 'object' && changed.uid, 'uid-a');
    assert.equal(asked.length, 1);
    assert.equal(asked[0]?.headers['content-type'], 'application/json-patch+json');
    assert.deepEqual(asked[0]?.object, [
      ...TESTS,
      { op: 'test', path: '/metadata/resourceVersion', value: '7' },
      { op: 'add', path: '/metadata/labels/a', value: 'b' },
      { op: 'add', path: '/spec/taints', value: [taint] },
      { op: 'add', path: '/spec/unschedulable', value: false },
    ]);
  });

  it('escapes keys, and adds what it removes, because only what is there can be removed', async () => {
    const { cluster, asked } = fakeCluster(node());
    await cluster.patchNode('node-a', { identity, annotations: { 'example.com/a~b': null } });
    const path = '/metadata/annotations/example.com~1a~0b';
    assert.deepEqual(asked[0]?.object, [...TESTS, { op: 'add', path, value: '' }, { op: 'remove', path }]);
  });

  it('tests annotations that must be as they were written last', async () => {
    const { cluster, asked } = fakeCluster(node());
    await cluster.patchNode('node-a', { identity, annotations: { is: 'new' }, annotationsBefore: { is: 'there' } });
    const path = '/metadata/annotations/is';
    assert.deepEqual(asked[0]?.object, [
      ...TESTS,
      { op: 'test', path, value: 'there' },
      { op: 'add', path, value: 'new' },
    ]);
  });

  it('makes the map of a node that has none, in the version in which it has none', async () => {
    const { cluster, asked } = fakeCluster(REJECTED, node({ annotations: undefined }), node());
    const changed = await cluster.patchNode('node-a', { identity, annotations: { note: 'x' } });
    assert.equal(typeof changed, 'object');
    assert.deepEqual(
      asked.map(({ method }) => method),
      ['PATCH', 'GET', 'PATCH'],
    );
    assert.deepEqual(asked[2]?.object, [
      ...TESTS,
      { op: 'test', path: '/metadata/resourceVersion', value: '7' },
      { op: 'add', path: '/metadata/annotations', value: {} },
      { op: 'add', path: '/metadata/annotations/note', value: 'x' },
    ]);
  });

  const outcomes: [title: string, answers: Parameters<typeof fakeCluster>, outcome: string][] = [
    ['the node is gone', [statusOf(404, 'not found')], 'absent'],
    ['it is gone a moment later', [REJECTED, statusOf(404, 'not found')], 'absent'],
    ['it was registered again', [REJECTED, node({ uid: 'uid-b' })], 'absent'],
    ['another instance has its name', [REJECTED, node({}, 'aws:///eu-west-1a/i-0bb')], 'absent'],
    [
      'another instance has its name, in another version',
      [REJECTED, node({ uid: 'b', resourceVersion: '9' })],
      'absent',
    ],
    ['only its version is another', [REJECTED, node({ resourceVersion: '9' })], 'conflict'],
    ['what was wrong with it is over', [REJECTED, node()], 'conflict'],
    ['others keep changing it', [statusOf(409, 'modified')], 'conflict'],
    [
      'somebody changed it while its map was being made',
      [REJECTED, node({ annotations: undefined }), REJECTED],
      'conflict',
    ],
  ];
  for (const [title, answers, outcome] of outcomes) {
    it(`is answered ${outcome} when ${title}`, async () => {
      const { cluster, asked } = fakeCluster(...answers);
      const patch = { identity, annotations: { note: 'x' }, resourceVersion: '7' };
      assert.equal(await cluster.patchNode('node-a', patch), outcome);
      assert.equal(asked.length, answers.length);
    });
  }

  const refusals: [title: string, answers: Parameters<typeof fakeCluster>, name: string][] = [
    ['RBAC does not allow it', [statusOf(403, 'forbidden', { reason: 'Forbidden' })], 'Unauthorized'],
    [
      'the API server finds a value wrong',
      [statusOf(422, 'Node "node-a" is invalid', { reason: 'Invalid', details: { causes: [{}] } })],
      'InvalidInput',
    ],
    ['the API server fails', [statusOf(500, 'etcd is down')], 'ServiceUnavailable'],
  ];
  for (const [title, answers, name] of refusals) {
    it(`throws ${name} when ${title}`, async () => {
      const { cluster } = fakeCluster(...answers);
      await assert.rejects(cluster.patchNode('node-a', { identity, annotations: { note: 'x' } }), { name });
    });
  }
});
