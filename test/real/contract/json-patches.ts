import assert from 'node:assert/strict';
import type { Behaviour } from './behaviour.ts';
import { JSON_PATCH, nodePath, type World } from './world.ts';

const LEASES = 'coordination.k8s.io/v1';
const REJECTED = 'the server rejected our request due to an error in our request';

/** What a patch is tried on: a node with the label `a=b` and its first two taints, or a Lease that `me` holds for 30 s. */
type Target = 'node' | 'lease';

const TAINTS = ['one', 'two'].map((key) => ({ key: `contract.test/${key}`, effect: 'PreferNoSchedule' }));

async function create(world: World, target: Target): Promise<string> {
  if (target === 'lease') {
    const body = { metadata: { name: 'lock' }, spec: { holderIdentity: 'me', leaseDurationSeconds: 30 } };
    await world.must('POST', world.path(LEASES, 'leases'), body);
    return world.path(LEASES, 'leases', 'lock');
  }
  const path = nodePath(await world.node());
  await world.must(
    'PATCH',
    path,
    { metadata: { labels: { a: 'b' } }, spec: { taints: TAINTS } },
    'application/merge-patch+json',
  );
  return path;
}

const patch = (world: World, path: string, body: unknown) => world.ask('PATCH', path, { body, type: JSON_PATCH });

/** Patches that are refused with 422 and these words, and change nothing. */
const REJECTIONS: readonly [what: string, target: Target, operations: readonly object[]][] = [
  ['tests another label', 'node', [{ op: 'test', path: '/metadata/labels/a', value: 'x' }]],
  ['tests a label for null', 'node', [{ op: 'test', path: '/metadata/labels/a' }]],
  ['tests a label that is not there', 'node', [{ op: 'test', path: '/metadata/labels/none', value: 'x' }]],
  ['tests below what is not there, though for null', 'node', [{ op: 'test', path: '/metadata/none/x', value: null }]],
  ['tests an old version', 'node', [{ op: 'test', path: '/metadata/resourceVersion', value: '1' }]],
  ['tests a taint beyond the last', 'node', [{ op: 'test', path: '/spec/taints/7/key', value: 'k' }]],
  ['tests a taint at no number', 'node', [{ op: 'test', path: '/spec/taints/x/key', value: 'k' }]],
  [
    'tests after it has changed the same',
    'node',
    [
      { op: 'replace', path: '/metadata/labels/a', value: 'c' },
      { op: 'test', path: '/metadata/labels/a', value: 'b' },
    ],
  ],
  ['removes a label that is not there', 'node', [{ op: 'remove', path: '/metadata/labels/none' }]],
  ['removes a taint beyond the last', 'node', [{ op: 'remove', path: '/spec/taints/7' }]],
  ['replaces a taint beyond the last', 'node', [{ op: 'replace', path: '/spec/taints/7', value: TAINTS[0] as object }]],
  ['adds a taint beyond the last', 'node', [{ op: 'add', path: '/spec/taints/7', value: TAINTS[0] as object }]],
  ['adds below what is not there', 'node', [{ op: 'add', path: '/metadata/none/x', value: 'x' }]],
  ['adds to a text', 'node', [{ op: 'add', path: '/metadata/name/x', value: 'x' }]],
  [
    'moves a label that is not there',
    'node',
    [{ op: 'move', from: '/metadata/labels/none', path: '/metadata/labels/y' }],
  ],
  ['copies from nowhere', 'node', [{ op: 'copy', path: '/metadata/labels/y' }]],
  ['has an operation that is none', 'node', [{ op: 'nudge', path: '/metadata/labels/a', value: 'x' }]],
  ['has no operation', 'node', [{ path: '/metadata/labels/a', value: 'x' }]],
  ['has no path', 'node', [{ op: 'add', value: 'x' }]],
  ['has a path without a slash', 'node', [{ op: 'add', path: 'metadata/labels/y', value: 'x' }]],
  ['removes everything', 'node', [{ op: 'remove', path: '' }]],
  [
    'tests another holder',
    'lease',
    [
      { op: 'test', path: '/spec/holderIdentity', value: 'you' },
      { op: 'replace', path: '/spec/holderIdentity', value: 'him' },
    ],
  ],
  ['tests a number for a text', 'lease', [{ op: 'test', path: '/spec/leaseDurationSeconds', value: '30' }]],
  ['tests a count that is not there', 'lease', [{ op: 'test', path: '/spec/leaseTransitions', value: 1 }]],
  ['annotates where there are no annotations', 'lease', [{ op: 'add', path: '/metadata/annotations/x', value: '1' }]],
];

const rejections: readonly Behaviour[] = REJECTIONS.map(([what, target, operations]) => [
  `of type JSON patch on a ${target} that ${what} is invalid and changes nothing`,
  async (world) => {
    const path = await create(world, target);
    const before = await world.must('GET', path);
    const { status, json } = await patch(world, path, operations);
    assert.equal(status, 422);
    assert.deepEqual(json, {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: REJECTED,
      reason: 'Invalid',
      details: {},
      code: 422,
    });
    const after = await world.must('GET', path);
    assert.deepEqual([after.metadata.labels, after.spec], [before.metadata.labels, before.spec]);
  },
]);

/** Bodies that are no patch, and what is said of them. */
const UNREADABLE: readonly [what: string, body: unknown, message: string][] = [
  [
    'an object',
    { op: 'add' },
    'error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp',
  ],
  [
    'a list of numbers',
    [1],
    'error decoding patch: json: cannot unmarshal number into Go value of type handlers.jsonPatchOp',
  ],
  [
    'an operation that is a number',
    [{ op: 1, path: '/a' }],
    'error decoding patch: json: cannot unmarshal number into Go struct field jsonPatchOp.op of type string',
  ],
  ['half a document', '[{', 'error decoding patch: unexpected end of JSON input'],
];

const unreadable: readonly Behaviour[] = UNREADABLE.map(([what, body, message]) => [
  `of type JSON patch that is ${what} is a bad request`,
  async (world) => {
    const { status, json } = await patch(world, await create(world, 'lease'), body);
    assert.deepEqual([status, json.reason, json.message], [400, 'BadRequest', message]);
  },
]);

/** JSON patches on nodes and Leases: what a failed `test` and its like are answered with. */
export const jsonPatches: readonly Behaviour[] = [
  ...rejections,
  ...unreadable,
  [
    'of type JSON patch whose tests hold is carried out: one holder takes the place of another',
    async (world) => {
      const path = await create(world, 'lease');
      const { metadata } = await world.must('GET', path);
      const operations = [
        { op: 'test', path: '/metadata/resourceVersion', value: metadata.resourceVersion },
        { op: 'test', path: '/metadata/uid', value: metadata.uid },
        { op: 'test', path: '/spec/holderIdentity', value: 'me' },
        { op: 'replace', path: '/spec/holderIdentity', value: 'you' },
      ];
      const { status, json } = await patch(world, path, operations);
      assert.deepEqual([status, json.spec.holderIdentity], [200, 'you']);
      assert.equal((await patch(world, path, operations)).status, 422);
    },
  ],
  [
    'of type JSON patch takes a label that is not there for null, and replaces it',
    async (world) => {
      const path = await create(world, 'node');
      const { status, json } = await patch(world, path, [
        { op: 'test', path: '/metadata/labels/none', value: null },
        { op: 'replace', path: '/metadata/labels/none', value: 'x' },
        { op: 'add', path: '/metadata/labels/nothing' },
      ]);
      assert.equal(status, 200);
      assert.deepEqual([json.metadata.labels.none, json.metadata.labels.nothing], ['x', '']);
    },
  ],
  [
    'of type JSON patch that adds a key is invalid once the last one has been removed: the map is gone, too',
    async (world) => {
      const path = await create(world, 'lease');
      const note = { op: 'add', path: '/metadata/annotations/note', value: 'x' };
      const made = await patch(world, path, [{ op: 'add', path: '/metadata/annotations', value: {} }, note]);
      assert.deepEqual([made.status, made.json.metadata.annotations], [200, { note: 'x' }]);
      const emptied = await patch(world, path, [{ op: 'remove', path: note.path }]);
      assert.deepEqual([emptied.status, emptied.json.metadata.annotations], [200, undefined]);
      assert.equal((await patch(world, path, [note])).status, 422);
    },
  ],
  [
    'of type JSON patch counts from the end of a list with a negative number',
    async (world) => {
      const path = await create(world, 'node');
      const { status, json } = await patch(world, path, [
        { op: 'test', path: '/spec/taints/-1/key', value: 'contract.test/two' },
        { op: 'remove', path: '/spec/taints/-1' },
      ]);
      assert.equal(status, 200);
      assert.deepEqual(json.spec.taints, TAINTS.slice(0, 1));
    },
  ],
  [
    'of type JSON patch that gives a taint twice is invalid, and says which',
    async (world) => {
      const path = await create(world, 'node');
      const { status, json } = await patch(world, path, [{ op: 'add', path: '/spec/taints/-', value: TAINTS[0] }]);
      assert.equal(status, 422);
      assert.match(json.message, /metadata\.taints\[2\]: Duplicate value/);
    },
  ],
  [
    'of type JSON patch that gives another name is a bad request',
    async (world) => {
      const path = await create(world, 'lease');
      const { status, json } = await patch(world, path, [{ op: 'replace', path: '/metadata/name', value: 'other' }]);
      assert.equal(status, 400);
      assert.equal(json.message, 'the name of the object (other) does not match the name on the URL (lock)');
    },
  ],
  [
    'of type JSON patch that puts an old version in is a conflict',
    async (world) => {
      const path = await create(world, 'lease');
      const old = [
        { op: 'replace', path: '/metadata/resourceVersion', value: '1' },
        { op: 'replace', path: '/spec/holderIdentity', value: 'you' },
      ];
      const { status, json } = await patch(world, path, old);
      assert.deepEqual([status, json.reason], [409, 'Conflict']);
    },
  ],
  [
    'of type JSON patch with more than 10,000 operations is too large',
    async (world) => {
      const path = await create(world, 'lease');
      const test = { op: 'test', path: '/spec/holderIdentity', value: 'me' };
      const { status, json } = await patch(
        world,
        path,
        Array.from({ length: 10_001 }, () => test),
      );
      assert.deepEqual([status, json.reason], [413, 'RequestEntityTooLarge']);
      assert.match(json.message, /maximum operations in a JSON patch is 10000, got 10001$/);
    },
  ],
  [
    'of type JSON patch on an absent object is not found, whatever its body',
    async (world) => {
      for (const body of [[{ op: 'test', path: '/metadata/name', value: 'x' }], {}])
        assert.equal((await patch(world, nodePath('none'), body)).status, 404);
    },
  ],
];
