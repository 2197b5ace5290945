import assert from 'node:assert/strict';
import type { Behaviour, Chapter } from './behaviour.ts';
import { pinnedPods } from './objects.ts';
import type { World } from './world.ts';

const listed = async (world: World, query: string) =>
  (await world.must('GET', `${world.path('v1', 'pods')}?resourceVersion=0${query}`)) as {
    readonly items: readonly { readonly metadata: { readonly name: string } }[];
    readonly metadata: { readonly resourceVersion: string; readonly continue?: string };
  };

const behaviours: readonly Behaviour[] = [
  [
    'has before long what was written, and a version',
    async (world) => {
      await pinnedPods(world, 2);
      const query = `&fieldSelector=spec.nodeName%3D${world.namespace}-absent`;
      const found = await world.server.waitFor('both pods in the cache', async () => {
        const list = await listed(world, query);
        return list.items.length === 2 && list;
      });
      assert.deepEqual(
        found.items.map(({ metadata }) => metadata.name),
        ['web-0', 'web-1'],
      );
      assert.match(found.metadata.resourceVersion, /^\d+$/);
    },
  ],
  [
    'is whole, whatever limit is asked for',
    async (world) => {
      await pinnedPods(world, 3);
      const whole = await world.server.waitFor('all pods in the cache', async () => {
        const list = await listed(world, '&limit=1');
        return list.items.length === 3 && list;
      });
      assert.equal(whole.metadata.continue, undefined);
    },
  ],
];

export const cachedLists: Chapter = { title: 'a list with resourceVersion=0', behaviours };
