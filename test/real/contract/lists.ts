import assert from 'node:assert/strict';
import type { Behaviour, Chapter } from './behaviour.ts';
import { NOWHERE, pinnedPods, podObject, readyPods } from './objects.ts';
import type { World } from './world.ts';

/** Create pending pods `web-0`, `web-1`, …. */
async function pendingPods(world: World, count: number): Promise<void> {
  for (let index = 0; index < count; index += 1)
    await world.must('POST', world.path('v1', 'pods'), podObject(world, `web-${index}`, { nodeSelector: NOWHERE }));
}

// biome-ignore lint/suspicious/noExplicitAny: lists as they come
const namesOf = ({ items }: any): string[] => items.map(({ metadata }: any) => metadata.name);

const page = (world: World, query: string) => world.ask('GET', `${world.path('v1', 'pods')}?${query}`);

const token = (text: string) => `continue=${encodeURIComponent(text)}`;

const selected = (title: string, selector: string, expected: (world: World) => readonly string[]): Behaviour => [
  title,
  async (world) => {
    await world.node('one');
    await pinnedPods(world, 2);
    await pinnedPods(world, 1, { app: 'db', nodeName: `${world.namespace}-other` });
    await world.must('POST', world.path('v1', 'pods'), podObject(world, 'pending', { nodeSelector: NOWHERE }));
    const query = selector.replaceAll('NAMESPACE', world.namespace);
    const answer = await page(world, query);
    assert.equal(answer.status, 200, JSON.stringify(answer.json));
    assert.deepEqual(namesOf(answer.json), expected(world));
  },
];

const refused = (title: string, query: string, message: string | RegExp): Behaviour => [
  title,
  async (world) => {
    const { status, json } = await page(world, query);
    assert.equal(status, 400);
    assert.equal(json.reason, 'BadRequest');
    if (typeof message === 'string') assert.equal(json.message, message);
    else assert.match(json.message, message);
  },
];

/** Create ConfigMaps of 100,000 bytes each. */
async function largeObjects(world: World, count: number): Promise<string> {
  const path = world.path('v1', 'configmaps');
  for (let index = 0; index < count; index += 1)
    await world.must('POST', path, {
      metadata: { name: `large-${index}`, labels: { size: 'large' } },
      data: { text: 'x'.repeat(100_000) },
    });
  return `${path}?labelSelector=size%3Dlarge`;
}

const compression: readonly Behaviour[] = [
  [
    'of more than 128 KiB is packed with gzip when the client takes it, and has the same objects',
    async (world) => {
      const target = await largeObjects(world, 2);
      const plain = await world.ask('GET', target);
      const packed = await world.ask('GET', target, { encoding: 'deflate, gzip' });
      assert.equal(packed.headers['content-encoding'], 'gzip');
      assert.equal(packed.headers.vary, 'Accept-Encoding');
      assert.equal(plain.headers['content-encoding'], undefined);
      assert.deepEqual(packed.json, plain.json);
    },
  ],
  [
    'of less than 128 KiB is not packed, whatever the client takes',
    async (world) => {
      const answer = await world.ask('GET', await largeObjects(world, 1), { encoding: 'gzip' });
      assert.equal(answer.status, 200);
      assert.equal(answer.headers['content-encoding'], undefined);
      assert.equal(answer.json.items.length, 1);
    },
  ],
  [
    'is not packed for a client that names gzip with a weight',
    async (world) => {
      const answer = await world.ask('GET', await largeObjects(world, 2), { encoding: 'gzip;q=1' });
      assert.equal(answer.headers['content-encoding'], undefined);
    },
  ],
];

const behaviours: readonly Behaviour[] = [
  ...compression,
  [
    'is in the order of names and has a version; its items have no kind',
    async (world) => {
      await pendingPods(world, 3);
      const { json } = await page(world, '');
      assert.equal(json.kind, 'PodList');
      assert.equal(json.apiVersion, 'v1');
      assert.match(json.metadata.resourceVersion, /^\d+$/);
      assert.deepEqual(Object.keys(json.metadata), ['resourceVersion']);
      assert.deepEqual(namesOf(json), ['web-0', 'web-1', 'web-2']);
      assert.deepEqual([json.items[0].kind, json.items[0].apiVersion], [undefined, undefined]);
    },
  ],
  [
    'has pages of one version, with the number of remaining items',
    async (world) => {
      await pendingPods(world, 5);
      const first = (await page(world, 'limit=2')).json;
      assert.deepEqual(namesOf(first), ['web-0', 'web-1']);
      assert.equal(first.metadata.remainingItemCount, 3);
      const second = (await page(world, `limit=2&${token(first.metadata.continue)}`)).json;
      assert.deepEqual(namesOf(second), ['web-2', 'web-3']);
      assert.equal(second.metadata.remainingItemCount, 1);
      assert.equal(second.metadata.resourceVersion, first.metadata.resourceVersion);
      const last = (await page(world, `limit=2&${token(second.metadata.continue)}`)).json;
      assert.deepEqual(namesOf(last), ['web-4']);
      assert.deepEqual(Object.keys(last.metadata), ['resourceVersion']);
    },
  ],
  [
    'shows on later pages the objects as of the first page, whatever has changed in between',
    async (world) => {
      await pendingPods(world, 3);
      const first = (await page(world, 'limit=1')).json;
      await world.must('DELETE', world.path('v1', 'pods', 'web-2'));
      await world.must('POST', world.path('v1', 'pods'), podObject(world, 'web-3', { nodeSelector: NOWHERE }));
      const rest = (await page(world, `limit=9&${token(first.metadata.continue)}`)).json;
      assert.deepEqual(namesOf(rest), ['web-1', 'web-2']);
    },
  ],
  [
    'does not count the remaining items when it has a selector',
    async (world) => {
      await pendingPods(world, 3);
      const { json } = await page(world, 'limit=1&labelSelector=app%3Dweb');
      assert.ok(json.metadata.continue);
      assert.equal(json.metadata.remainingItemCount, undefined);
    },
  ],
  [
    'whose token has expired is 410 Expired, with a token for an inconsistent continuation',
    async (world) => {
      await pendingPods(world, 3);
      const first = (await page(world, 'limit=1')).json;
      await world.must('DELETE', world.path('v1', 'pods', 'web-1'));
      await world.server.expireContinueTokens();
      const { status, json } = await page(world, `limit=1&${token(first.metadata.continue)}`);
      assert.equal(status, 410);
      assert.equal(json.reason, 'Expired');
      assert.equal(json.code, 410);
      assert.match(json.message, /^The provided continue parameter is too old to display a consistent list result\./);
      const rest = (await page(world, `limit=9&${token(json.metadata.continue)}`)).json;
      assert.deepEqual(namesOf(rest), ['web-2']);
    },
  ],
  refused(
    'with an invalid token is refused',
    'limit=1&continue=none',
    /^invalid continue token: continue key is not valid: /,
  ),
  [
    'with a token and a version is refused',
    async (world) => {
      await pendingPods(world, 2);
      const first = (await page(world, 'limit=1')).json;
      const { status, json } = await page(world, `limit=1&resourceVersion=5&${token(first.metadata.continue)}`);
      assert.equal(status, 400);
      assert.equal(json.message, 'specifying resource version is not allowed when using continue');
    },
  ],
  [
    'of a version in the future is a timeout that has the present version',
    async (world) => {
      const { status, json } = await page(world, 'resourceVersion=999999999999');
      assert.equal(status, 504);
      assert.equal(json.reason, 'Timeout');
      assert.match(json.message, /^Timeout: Too large resource version: 999999999999, current: \d+$/);
      assert.deepEqual(json.details.causes, [
        { reason: 'ResourceVersionTooLarge', message: 'Too large resource version' },
      ]);
    },
  ],
  [
    'across namespaces selects the pods of one node, finished and terminating ones included',
    async (world) => {
      const node = await world.node();
      await readyPods(world, 3);
      await world.must(
        'PATCH',
        `${world.path('v1', 'pods', 'web-1')}/status`,
        { status: { phase: 'Succeeded' } },
        'application/merge-patch+json',
      );
      const all = await world.must('GET', `/api/v1/pods?limit=500&fieldSelector=spec.nodeName%3D${node}`);
      assert.deepEqual(namesOf(all), ['web-0', 'web-1', 'web-2']);
      const running = await world.must(
        'GET',
        `/api/v1/pods?fieldSelector=spec.nodeName%3D${node},status.phase!%3DSucceeded`,
      );
      assert.deepEqual(namesOf(running), ['web-0', 'web-2']);
    },
  ],
  selected('selects by node name', 'fieldSelector=spec.nodeName%3DNAMESPACE-absent', () => ['web-0', 'web-1']),
  selected('selects what has no node', 'fieldSelector=spec.nodeName%3D', () => ['pending']),
  selected('selects by phase', 'fieldSelector=status.phase%3DRunning', () => ['db-0', 'web-0', 'web-1']),
  selected('selects by name', 'fieldSelector=metadata.name%3Dweb-1', () => ['web-1']),
  selected('selects by several fields at once', 'fieldSelector=status.phase%3DRunning,metadata.name!%3Dweb-0', () => [
    'db-0',
    'web-1',
  ]),
  selected('selects by a set of labels', 'labelSelector=app%20in%20(db,cache)', () => ['db-0']),
  selected('selects by absence of a label', 'labelSelector=!app', () => []),
  selected('selects by several labels', 'labelSelector=app%3Dweb,app!%3Ddb', () => ['pending', 'web-0', 'web-1']),
  refused(
    'by a field that is not supported is refused',
    'fieldSelector=spec.priority%3D0',
    /field label not supported: spec\.priority$/,
  ),
  refused('by a selector that is none is refused', 'labelSelector=a%20in%20b', /unable to parse requirement/),
  [
    'of nodes selects by name and by unschedulable',
    async (world) => {
      const name = await world.node();
      const query = `fieldSelector=metadata.name%3D${name}`;
      assert.deepEqual(namesOf(await world.must('GET', `/api/v1/nodes?${query}`)), [name]);
      await world.must(
        'PATCH',
        `/api/v1/nodes/${name}`,
        { spec: { unschedulable: true } },
        'application/merge-patch+json',
      );
      const cordoned = await world.must('GET', `/api/v1/nodes?${query},spec.unschedulable%3Dtrue`);
      assert.deepEqual(namesOf(cordoned), [name]);
    },
  ],
];

export const lists: Chapter = { title: 'a list', behaviours };
