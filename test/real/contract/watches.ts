import assert from 'node:assert/strict';
import type { Watch } from './api-server.ts';
import type { Behaviour, Chapter } from './behaviour.ts';
import { conditionOf, makeUnready, NOWHERE, pinnedPods, podNow, podObject } from './objects.ts';
import { MERGE, type World } from './world.ts';

const target = (world: World, query: string) => `${world.path('v1', 'pods')}?watch=true&${query}`;

const listVersion = async (world: World): Promise<string> =>
  (await world.must('GET', world.path('v1', 'pods'))).metadata.resourceVersion;

/** `TYPE name` of each event so far. */
const seen = ({ events }: Watch): string[] => events.map(({ type, object }) => `${type} ${object.metadata.name}`);

const sees = (world: World, watch: Watch, expected: readonly string[]) =>
  world.server
    .waitFor(`events ${expected.join(', ')}`, async () => watch.events.length >= expected.length)
    .then(() => assert.deepEqual(seen(watch), expected));

const pending = (world: World, name: string) => podObject(world, name, { nodeSelector: NOWHERE });

/** Put a label on a pod, which says nothing to anybody. */
const touch = (world: World, name: string, labels: object) =>
  world.must('PATCH', world.path('v1', 'pods', name), { metadata: { labels } }, MERGE);

const behaviours: readonly Behaviour[] = [
  [
    'from the version of a list shows every later change, in order',
    async (world) => {
      await pinnedPods(world, 1);
      const watch = await world.server.watch(target(world, `resourceVersion=${await listVersion(world)}`));
      assert.equal(watch.status, 200);
      await pinnedPods(world, 1, { app: 'db' });
      await touch(world, 'web-0', { seen: 'yes' });
      await world.must('DELETE', `${world.path('v1', 'pods', 'db-0')}?gracePeriodSeconds=0`);
      await sees(world, watch, ['ADDED db-0', 'MODIFIED db-0', 'MODIFIED web-0', 'MODIFIED db-0', 'DELETED db-0']);
      watch.close();
    },
  ],
  [
    'from an earlier version first shows the changes since then',
    async (world) => {
      await pinnedPods(world, 1);
      const version = await listVersion(world);
      await touch(world, 'web-0', { seen: 'yes' });
      const watch = await world.server.watch(target(world, `resourceVersion=${version}`));
      await sees(world, watch, ['MODIFIED web-0']);
      watch.close();
    },
  ],
  [
    'without a version begins with the present objects',
    async (world) => {
      await pinnedPods(world, 2);
      const watch = await world.server.watch(target(world, ''));
      await sees(world, watch, ['ADDED web-0', 'ADDED web-1']);
      watch.close();
    },
  ],
  [
    'from a version that was compacted is an ERROR with a Status 410, and ends',
    async (world) => {
      const version = await world.server.forgottenVersion();
      const watch = await world.server.watch(`${world.path('v1', 'events')}?watch=true&resourceVersion=${version}`);
      await world.server.waitFor('the end of the watch', async () => watch.hasEnded);
      assert.equal(watch.status, 200);
      assert.equal(watch.events.length, 1);
      const { type, object } = watch.events[0] ?? {};
      assert.equal(type, 'ERROR');
      assert.partialDeepStrictEqual(object, { kind: 'Status', status: 'Failure', reason: 'Expired', code: 410 });
      assert.match(object.message, /too old/);
    },
  ],
  [
    'of one node shows a pod that is bound to it as ADDED',
    async (world) => {
      const version = await listVersion(world);
      const node = `${world.namespace}-absent`;
      const watch = await world.server.watch(
        `/api/v1/pods?watch=true&fieldSelector=spec.nodeName%3D${node}&resourceVersion=${version}`,
      );
      await world.must('POST', world.path('v1', 'pods'), pending(world, 'web-0'));
      // The scheduler writes down that it found no node; after the binding that would be a change more.
      await world.server.waitFor('the word of the scheduler', async () =>
        conditionOf(await podNow(world, 'web-0'), 'PodScheduled'),
      );
      await world.must('POST', `${world.path('v1', 'pods', 'web-0')}/binding`, {
        apiVersion: 'v1',
        kind: 'Binding',
        metadata: { name: 'web-0' },
        target: { apiVersion: 'v1', kind: 'Node', name: node },
      });
      await sees(world, watch, ['ADDED web-0']);
      watch.close();
    },
  ],
  [
    'with a selector shows an object that leaves the selection as DELETED, as it last was in it',
    async (world) => {
      await pinnedPods(world, 1);
      const version = await listVersion(world);
      const watch = await world.server.watch(target(world, `labelSelector=app%3Dweb&resourceVersion=${version}`));
      const changed = await touch(world, 'web-0', { app: 'other' });
      await sees(world, watch, ['DELETED web-0']);
      assert.equal(watch.events[0]?.object.metadata.labels.app, 'web');
      assert.equal(watch.events[0]?.object.metadata.resourceVersion, changed.metadata.resourceVersion);
      watch.close();
    },
  ],
  [
    'ends when its timeout is over, without an error',
    async (world) => {
      const watch = await world.server.watch(
        target(world, `timeoutSeconds=1&resourceVersion=${await listVersion(world)}`),
      );
      await world.server.waitFor('the end of the watch', async () => watch.hasEnded);
      assert.deepEqual(watch.events, []);
    },
  ],
  [
    'that sends initial events marks their end with a bookmark',
    async (world) => {
      await pinnedPods(world, 1);
      const watch = await world.server.watch(
        target(world, 'sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true'),
      );
      await world.server.waitFor('two events', async () => watch.events.length >= 2);
      assert.deepEqual(
        watch.events.slice(0, 2).map(({ type }) => type),
        ['ADDED', 'BOOKMARK'],
      );
      const { object } = watch.events[1] ?? {};
      assert.equal(object.kind, 'Pod');
      assert.equal(object.metadata.annotations['k8s.io/initial-events-end'], 'true');
      watch.close();
    },
  ],
  [
    'shows a deletion with its grace as MODIFIED, and as DELETED only when the pod is gone',
    async (world) => {
      await pinnedPods(world, 1);
      const watch = await world.server.watch(target(world, `resourceVersion=${await listVersion(world)}`));
      await world.must('DELETE', world.path('v1', 'pods', 'web-0'));
      await sees(world, watch, ['MODIFIED web-0']);
      assert.ok(watch.events[0]?.object.metadata.deletionTimestamp);
      await world.must('DELETE', `${world.path('v1', 'pods', 'web-0')}?gracePeriodSeconds=0`);
      await sees(world, watch, ['MODIFIED web-0', 'MODIFIED web-0', 'DELETED web-0']);
      watch.close();
    },
  ],
  [
    'shows a changed status as MODIFIED',
    async (world) => {
      await pinnedPods(world, 1);
      const watch = await world.server.watch(target(world, `resourceVersion=${await listVersion(world)}`));
      await makeUnready(world, 'web-0');
      await sees(world, watch, ['MODIFIED web-0']);
      watch.close();
    },
  ],
  [
    'without the right to watch is refused with 403 before it begins',
    async (world) => {
      const { status, json } = await world.ask('GET', target(world, ''), { token: world.server.stranger.token });
      assert.equal(status, 403);
      assert.match(json.message, /cannot watch resource "pods"/);
    },
  ],
];

export const watches: Chapter = { title: 'a watch', behaviours };
