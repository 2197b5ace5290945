import assert from 'node:assert/strict';
import type { Behaviour, Chapter } from './behaviour.ts';
import {
  conditionOf,
  daemonSetObject,
  isReady,
  NOWHERE,
  podNow,
  podObject,
  podsOf,
  readyDeployment,
  readyPods,
} from './objects.ts';
import { MERGE, nodePath, type World } from './world.ts';

const TAINT = { key: 'contract.test/upgrade', value: 'x', effect: 'NoSchedule' };

const taint = (world: World, node: string, taints: readonly object[] | null) =>
  world.must('PATCH', nodePath(node), { spec: { taints } }, MERGE);

const cordon = (world: World, node: string, unschedulable = true) =>
  world.must('PATCH', nodePath(node), { spec: { unschedulable } }, MERGE);

/** Wait until the scheduler has looked at a pod and found nothing. */
const isUnschedulable = (world: World, name: string) =>
  world.server.waitFor(`${name} unschedulable`, async () => {
    const condition = conditionOf(await podNow(world, name), 'PodScheduled');
    return condition?.status === 'False' && condition;
  });

const isRunningOn = (world: World, name: string, node: string) =>
  world.server.waitFor(`${name} ready on ${node}`, async () => {
    const pod = await podNow(world, name);
    return isReady(pod) && pod.spec.nodeName === node;
  });

const create = (world: World, name: string, shape = {}) =>
  world.must('POST', world.path('v1', 'pods'), podObject(world, name, shape));

const tolerated = (title: string, toleration: object, tolerates: boolean): Behaviour => [
  title,
  async (world) => {
    const node = await world.node();
    await taint(world, node, [TAINT]);
    await create(world, 'web-0', { tolerations: [toleration] });
    if (tolerates) await isRunningOn(world, 'web-0', node);
    else await isUnschedulable(world, 'web-0');
  },
];

const behaviours: readonly Behaviour[] = [
  [
    'leaves the pods on a node that is tainted NoSchedule, and gives it no new ones',
    async (world) => {
      const node = await world.node();
      await readyPods(world, 1);
      await taint(world, node, [TAINT]);
      await create(world, 'late');
      const { reason, message } = await isUnschedulable(world, 'late');
      assert.equal(reason, 'Unschedulable');
      assert.match(message, /^0\/\d+ nodes are available: /);
      assert.match(message, /\d+ node\(s\) had untolerated taint/);
      assert.equal(isReady(await podNow(world, 'web-0')), true);
    },
  ],
  [
    'binds a waiting pod as soon as the taint is gone',
    async (world) => {
      const node = await world.node();
      await taint(world, node, [TAINT]);
      await create(world, 'web-0');
      await isUnschedulable(world, 'web-0');
      await taint(world, node, null);
      await isRunningOn(world, 'web-0', node);
    },
  ],
  tolerated('lets a pod pass that tolerates everything', { operator: 'Exists' }, true),
  tolerated('lets a pod pass that tolerates the key', { key: TAINT.key, operator: 'Exists' }, true),
  tolerated('lets a pod pass that tolerates key and value', { key: TAINT.key, value: 'x', effect: 'NoSchedule' }, true),
  tolerated('holds a pod that tolerates another value', { key: TAINT.key, value: 'y' }, false),
  tolerated(
    'holds a pod that tolerates another effect',
    { key: TAINT.key, operator: 'Exists', effect: 'NoExecute' },
    false,
  ),
  [
    'places a replacement on the other node while one is tainted',
    async (world) => {
      const old = await world.node('old');
      await readyDeployment(world, 'web', 2);
      const fresh = await world.node('fresh');
      await taint(world, old, [TAINT]);
      for (const { metadata } of await podsOf(world))
        await world.must('DELETE', world.path('v1', 'pods', metadata.name));
      await world.server.waitFor('both pods on the new node', async () => {
        const pods = await podsOf(world);
        return pods.length === 2 && pods.every((pod) => isReady(pod) && pod.spec.nodeName === fresh);
      });
    },
  ],
  [
    'brings back a pod that tolerates everything to the very node it was evicted from',
    async (world) => {
      const node = await world.node();
      await readyDeployment(world, 'web', 1, {}, { tolerations: [{ operator: 'Exists' }] });
      const [first] = await podsOf(world);
      await taint(world, node, [TAINT]);
      await cordon(world, node);
      await world.must('DELETE', world.path('v1', 'pods', first.metadata.name));
      await world.server.waitFor('the pod back', async () => {
        const pods = await podsOf(world);
        const back = pods.find(({ metadata }) => metadata.uid !== first.metadata.uid);
        return back !== undefined && isReady(back) && back.spec.nodeName === node;
      });
    },
  ],
  [
    'adds the taint unschedulable to a cordoned node, and removes it again',
    async (world) => {
      const node = await world.node();
      await cordon(world, node);
      await world.server.waitFor('the taint', async () => {
        const { taints = [] } = (await world.must('GET', nodePath(node))).spec;
        return taints.some(
          ({ key, effect }: { key: string; effect: string }) =>
            key === 'node.kubernetes.io/unschedulable' && effect === 'NoSchedule',
        );
      });
      await create(world, 'web-0');
      await isUnschedulable(world, 'web-0');
      await cordon(world, node, false);
      await isRunningOn(world, 'web-0', node);
      const { spec } = await world.must('GET', nodePath(node));
      assert.equal(spec.taints, undefined);
      assert.equal(spec.unschedulable, undefined);
    },
  ],
  [
    'places the pod of a DaemonSet on a cordoned node as well',
    async (world) => {
      const node = await world.node();
      await cordon(world, node);
      await world.must('POST', world.path('apps/v1', 'daemonsets'), daemonSetObject(world));
      await world.server.waitFor('its pod', async () => (await podsOf(world)).some((pod) => isReady(pod)));
    },
  ],
  [
    'places no pod of a DaemonSet on a node whose taint it does not tolerate, and leaves the pod that is there',
    async (world) => {
      const node = await world.node();
      await world.must('POST', world.path('apps/v1', 'daemonsets'), daemonSetObject(world));
      const pod = await world.server.waitFor('its pod', async () => (await podsOf(world)).find(isReady));
      await taint(world, node, [TAINT]);
      await world.server.letPass(2);
      assert.equal((await podsOf(world))[0]?.metadata.uid, pod.metadata.uid);
      await world.must('DELETE', world.path('v1', 'pods', pod.metadata.name));
      await world.server.waitFor('its end', async () => (await podsOf(world)).length === 0);
      await world.server.letPass(2);
      assert.equal((await podsOf(world)).length, 0);
    },
  ],
  [
    'deletes the pods on a node that is tainted NoExecute, except those that tolerate the taint',
    async (world) => {
      const node = await world.node();
      await readyPods(world, 1);
      await readyPods(world, 1, { app: 'agent', tolerations: [{ operator: 'Exists' }] });
      await taint(world, node, [{ key: 'contract.test/go', effect: 'NoExecute' }]);
      await world.server.waitFor('web-0 gone', async () => (await podNow(world, 'web-0')) === undefined);
      assert.equal(isReady(await podNow(world, 'agent-0')), true);
    },
  ],
  [
    'ignores a pod that names its node itself',
    async (world) => {
      const node = await world.node();
      await taint(world, node, [TAINT]);
      await cordon(world, node);
      await create(world, 'web-0', { nodeName: node });
      await isRunningOn(world, 'web-0', node);
    },
  ],
  [
    'says why a pod that no node matches is not placed',
    async (world) => {
      await world.node();
      await create(world, 'web-0', { nodeSelector: NOWHERE });
      const { message } = await isUnschedulable(world, 'web-0');
      assert.match(message, /node\(s\) didn't match Pod's node affinity\/selector/);
    },
  ],
  [
    'says so in an Event as well',
    async (world) => {
      await create(world, 'web-0', { nodeSelector: NOWHERE });
      await world.server.waitFor('the event FailedScheduling', async () => {
        const { items } = await world.must(
          'GET',
          `${world.path('v1', 'events')}?fieldSelector=involvedObject.name%3Dweb-0`,
        );
        return items.some(
          ({ reason, type }: { reason: string; type: string }) => reason === 'FailedScheduling' && type === 'Warning',
        );
      });
    },
  ],
];

export const scheduling: Chapter = { title: 'the scheduler', behaviours };
