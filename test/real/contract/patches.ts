import assert from 'node:assert/strict';
import type { Behaviour, Chapter } from './behaviour.ts';
import { jsonPatches } from './json-patches.ts';
import { NOWHERE, podObject, podPath, podSpec } from './objects.ts';
import { APPLY, JSON_PATCH, MERGE, nodePath, STRATEGIC, type World } from './world.ts';

const TAINT = { key: 'contract.test/a', value: 'x', effect: 'NoSchedule' };
const OTHER = { key: 'contract.test/b', effect: 'NoSchedule' };

const patch = (world: World, target: string, body: unknown, type: string) => world.ask('PATCH', target, { body, type });

/** A node with one taint. */
async function taintedNode(world: World): Promise<string> {
  const name = await world.node();
  await world.must('PATCH', nodePath(name), { spec: { taints: [TAINT] } }, MERGE);
  return nodePath(name);
}

const modified = (name: string) =>
  `Operation cannot be fulfilled on nodes "${name}": the object has been modified; please apply your changes to the latest version and try again`;

const configuration = (world: World, labels: object) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'x', namespace: world.namespace },
  data: labels,
});

const apply = (world: World, manager: string, data: object, query = '') =>
  patch(
    world,
    `${world.path('v1', 'configmaps', 'x')}?fieldManager=${manager}${query}`,
    configuration(world, data),
    APPLY,
  );

const replacesTaints = (type: string): Behaviour => [
  `of type ${type} replaces all taints of a node: they are one list`,
  async (world) => {
    const target = await taintedNode(world);
    const node = await world.must('PATCH', target, { spec: { taints: [OTHER] } }, type);
    assert.deepEqual(node.spec.taints, [OTHER]);
  },
];

const behaviours: readonly Behaviour[] = [
  replacesTaints(MERGE),
  replacesTaints(STRATEGIC),
  ...([MERGE, STRATEGIC] as const).map(
    (type): Behaviour => [
      `of type ${type} with an old version is a conflict`,
      async (world) => {
        const target = await taintedNode(world);
        const { metadata } = await world.must('GET', target);
        await world.must('PATCH', target, { metadata: { labels: { a: 'b' } } }, type);
        const body = { metadata: { resourceVersion: metadata.resourceVersion, labels: { a: 'c' } } };
        const { status, json } = await patch(world, target, body, type);
        assert.equal(status, 409);
        assert.deepEqual(json, {
          kind: 'Status',
          apiVersion: 'v1',
          metadata: {},
          status: 'Failure',
          message: modified(metadata.name),
          reason: 'Conflict',
          details: { name: metadata.name, kind: 'nodes' },
          code: 409,
        });
      },
    ],
  ),
  [
    'with the version that was read is accepted, and makes a new version',
    async (world) => {
      const target = await taintedNode(world);
      const { metadata } = await world.must('GET', target);
      const body = { metadata: { resourceVersion: metadata.resourceVersion, labels: { a: 'b' } } };
      const changed = await world.must('PATCH', target, body, MERGE);
      assert.equal(changed.metadata.labels.a, 'b');
      assert.notEqual(changed.metadata.resourceVersion, metadata.resourceVersion);
    },
  ],
  [
    'that changes nothing makes no new version',
    async (world) => {
      const target = await taintedNode(world);
      const before = await world.must('GET', target);
      const after = await world.must('PATCH', target, { spec: { taints: [TAINT] } }, MERGE);
      assert.equal(after.metadata.resourceVersion, before.metadata.resourceVersion);
    },
  ],
  [
    'removes a label with null, also one that is absent',
    async (world) => {
      const target = await taintedNode(world);
      await world.must('PATCH', target, { metadata: { labels: { a: 'b' } } }, MERGE);
      const node = await world.must('PATCH', target, { metadata: { labels: { a: null, none: null } } }, MERGE);
      assert.equal('a' in node.metadata.labels, false);
      assert.equal('none' in node.metadata.labels, false);
    },
  ],
  [
    'removes all taints with null or with an empty list, and the field as well',
    async (world) => {
      const target = await taintedNode(world);
      const emptied = await world.must('PATCH', target, { spec: { taints: [] } }, MERGE);
      assert.equal(emptied.spec.taints, undefined);
      await world.must('PATCH', target, { spec: { taints: [TAINT] } }, MERGE);
      const removed = await world.must('PATCH', target, { spec: { taints: null } }, MERGE);
      assert.equal(removed.spec.taints, undefined);
    },
  ],
  [
    'with two taints of one key and effect is invalid',
    async (world) => {
      const target = await taintedNode(world);
      const { status, json } = await patch(
        world,
        target,
        { spec: { taints: [TAINT, { ...TAINT, value: 'y' }] } },
        MERGE,
      );
      assert.equal(status, 422);
      assert.equal(json.reason, 'Invalid');
      assert.match(json.message, /metadata\.taints\[1\]: Duplicate value/);
      assert.equal(json.details.causes[0].reason, 'FieldValueDuplicate');
    },
  ],
  [
    'with an unknown effect is invalid',
    async (world) => {
      const target = await taintedNode(world);
      const { status, json } = await patch(world, target, { spec: { taints: [{ key: 'a', effect: 'Never' }] } }, MERGE);
      assert.equal(status, 422);
      assert.match(json.message, /effect: Unsupported value: "Never"/);
    },
  ],
  [
    'of type JSON patch adds to a list that exists',
    async (world) => {
      const target = await taintedNode(world);
      const body = [{ op: 'add', path: '/spec/taints/-', value: OTHER }];
      const node = await world.must('PATCH', target, body, JSON_PATCH);
      assert.deepEqual(node.spec.taints, [TAINT, OTHER]);
    },
  ],
  [
    'of type JSON patch fails on a list that does not exist',
    async (world) => {
      const name = await world.node();
      const body = [{ op: 'add', path: '/spec/taints/-', value: OTHER }];
      const { status, json } = await patch(world, nodePath(name), body, JSON_PATCH);
      assert.equal(status, 422);
      assert.equal(json.reason, 'Invalid');
      assert.equal(json.message, 'the server rejected our request due to an error in our request');
    },
  ],
  [
    'of type JSON patch whose test fails changes nothing',
    async (world) => {
      const target = await taintedNode(world);
      const body = [
        { op: 'test', path: '/metadata/labels/contract', value: 'other' },
        { op: 'add', path: '/metadata/labels/a', value: 'b' },
      ];
      const { status, json } = await patch(world, target, body, JSON_PATCH);
      assert.equal(status, 422);
      assert.equal(json.reason, 'Invalid');
      assert.equal((await world.must('GET', target)).metadata.labels.a, undefined);
    },
  ],
  [
    'of type strategic merge merges conditions by their type and containers by their name',
    async (world) => {
      await world.must('POST', world.path('apps/v1', 'deployments'), {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name: 'web' },
        spec: {
          replicas: 0,
          selector: { matchLabels: { app: 'web' } },
          template: { metadata: { labels: { app: 'web' } }, spec: podSpec(world) },
        },
      });
      const body = { spec: { template: { spec: { containers: [{ name: 'side', image: 'contract:2' }] } } } };
      const changed = await world.must('PATCH', world.path('apps/v1', 'deployments', 'web'), body, STRATEGIC);
      assert.deepEqual(
        changed.spec.template.spec.containers.map(({ name }: { name: string }) => name),
        ['side', 'main'],
      );
      assert.equal(changed.metadata.generation, 2);
    },
  ],
  [
    'of a status leaves the rest alone, and of the rest leaves the status alone',
    async (world) => {
      await world.must('POST', world.path('v1', 'pods'), podObject(world, 'web-0', { nodeSelector: NOWHERE }));
      const both = { metadata: { labels: { a: 'b' } }, status: { message: 'hello' } };
      const viaStatus = await world.must('PATCH', `${podPath(world, 'web-0')}/status`, both, MERGE);
      assert.equal(viaStatus.status.message, 'hello');
      const other = { metadata: { labels: { c: 'd' } }, status: { message: 'other' } };
      const viaObject = await world.must('PATCH', podPath(world, 'web-0'), other, MERGE);
      assert.equal(viaObject.status.message, 'hello');
      assert.equal(viaObject.metadata.labels.c, 'd');
    },
  ],
  [
    'of a type that is none is refused with 415',
    async (world) => {
      const name = await world.node();
      const { status, json } = await patch(world, nodePath(name), {}, 'application/json');
      assert.equal(status, 415);
      assert.deepEqual(json, {
        kind: 'Status',
        apiVersion: 'v1',
        metadata: {},
        status: 'Failure',
        message: '415: Unsupported Media Type',
        reason: 'UnsupportedMediaType',
        details: {},
        code: 415,
      });
    },
  ],
  [
    'of an absent object is not found',
    async (world) => {
      const { status, json } = await patch(world, nodePath('none'), { metadata: { labels: { a: 'b' } } }, MERGE);
      assert.equal(status, 404);
      assert.equal(json.message, 'nodes "none" not found');
    },
  ],
  [
    'to apply creates what is absent and owns its fields',
    async (world) => {
      const { status, json } = await apply(world, 'one', { a: '1' });
      assert.equal(status, 201);
      assert.deepEqual(json.data, { a: '1' });
      const [entry] = json.metadata.managedFields;
      assert.partialDeepStrictEqual(entry, {
        manager: 'one',
        operation: 'Apply',
        apiVersion: 'v1',
        fieldsType: 'FieldsV1',
        fieldsV1: { 'f:data': { 'f:a': {} } },
      });
    },
  ],
  [
    'to apply a field of somebody else is a conflict that names field and owner',
    async (world) => {
      await apply(world, 'one', { a: '1' });
      const { status, json } = await apply(world, 'two', { a: '2' });
      assert.equal(status, 409);
      assert.deepEqual(json, {
        kind: 'Status',
        apiVersion: 'v1',
        metadata: {},
        status: 'Failure',
        message: 'Apply failed with 1 conflict: conflict with "one": .data.a',
        reason: 'Conflict',
        details: { causes: [{ reason: 'FieldManagerConflict', message: 'conflict with "one"', field: '.data.a' }] },
        code: 409,
      });
    },
  ],
  [
    'to apply with force takes the field over',
    async (world) => {
      await apply(world, 'one', { a: '1' });
      const { status, json } = await apply(world, 'two', { a: '2' }, '&force=true');
      assert.equal(status, 200);
      assert.deepEqual(json.data, { a: '2' });
      assert.equal((await apply(world, 'one', { a: '1' })).status, 409);
    },
  ],
  [
    'to apply takes away the fields that its manager applied before and leaves the others',
    async (world) => {
      await apply(world, 'one', { a: '1', b: '1' });
      await apply(world, 'two', { c: '1' });
      const { json } = await apply(world, 'one', { b: '1' });
      assert.deepEqual(json.data, { b: '1', c: '1' });
    },
  ],
  [
    'to apply the same value shares the field',
    async (world) => {
      await apply(world, 'one', { a: '1' });
      const { status } = await apply(world, 'two', { a: '1' });
      assert.equal(status, 200);
      const { json } = await apply(world, 'one', {});
      assert.deepEqual(json.data, { a: '1' });
    },
  ],
  [
    'to apply without a manager is refused',
    async (world) => {
      const { status, json } = await patch(world, world.path('v1', 'configmaps', 'x'), configuration(world, {}), APPLY);
      assert.equal(status, 422);
      assert.equal(
        json.message,
        'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch',
      );
    },
  ],
];

export const patches: Chapter = { title: 'a patch', behaviours: [...behaviours, ...jsonPatches] };
