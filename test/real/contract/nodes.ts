import assert from 'node:assert/strict';
import type { Behaviour, Chapter } from './behaviour.ts';
import { conditionOf, isReady, podNow, podsOf, readyDeployment, readyPods } from './objects.ts';
import { nodePath, resourcePath } from './world.ts';

const behaviours: readonly Behaviour[] = [
  [
    'that is deleted is answered with a Status',
    async (world) => {
      const name = await world.node();
      const { metadata } = await world.must('GET', nodePath(name));
      assert.deepEqual(await world.must('DELETE', nodePath(name)), {
        kind: 'Status',
        apiVersion: 'v1',
        metadata: {},
        status: 'Success',
        details: { name, kind: 'nodes', uid: metadata.uid },
      });
      assert.equal((await world.ask('GET', nodePath(name))).status, 404);
    },
  ],
  [
    'that is deleted leaves its pods until they are garbage collected',
    async (world) => {
      const name = await world.node();
      await readyPods(world, 1);
      await world.must('DELETE', nodePath(name));
      assert.ok(await podNow(world, 'web-0'), 'nobody has missed it yet');
      await world.server.waitFor('its end', async () => (await podNow(world, 'web-0')) === undefined);
    },
  ],
  [
    'that is deleted has its pods replaced elsewhere',
    async (world) => {
      const old = await world.node('old');
      await readyDeployment(world, 'web', 1);
      const fresh = await world.node('fresh');
      await world.must('DELETE', nodePath(old));
      await world.server.waitFor('the replacement', async () => {
        const pods = await podsOf(world);
        return pods.some((pod) => isReady(pod) && pod.spec.nodeName === fresh);
      });
    },
  ],
  [
    'is Ready by a condition and carries the label of its name',
    async (world) => {
      const name = await world.node();
      const node = await world.must('GET', nodePath(name));
      assert.equal(conditionOf(node, 'Ready').status, 'True');
      assert.equal(node.metadata.labels['kubernetes.io/hostname'], name);
      assert.equal(node.spec.taints, undefined);
      assert.match(node.spec.providerID, /^aws:\/\/\//);
    },
  ],
  [
    'has no namespace, and its Events are in namespace default',
    async (world) => {
      const name = await world.node();
      const { metadata } = await world.must('GET', nodePath(name));
      assert.equal(metadata.namespace, undefined);
      const event = (namespace: string) => ({
        apiVersion: 'v1',
        kind: 'Event',
        metadata: { name: `${name}.1`, namespace },
        involvedObject: { apiVersion: 'v1', kind: 'Node', name, uid: metadata.uid },
        type: 'Normal',
        reason: 'Contract',
        message: 'blocked',
        source: { component: 'contract' },
        firstTimestamp: '2026-01-04T03:00:00Z',
        lastTimestamp: '2026-01-04T03:00:00Z',
        count: 1,
      });
      const refused = await world.ask('POST', world.path('v1', 'events'), { body: event(world.namespace) });
      assert.equal(refused.status, 422);
      assert.equal(refused.json.reason, 'Invalid');
      assert.match(
        refused.json.message,
        /involvedObject\.namespace: Invalid value: "": does not match event\.namespace/,
      );
      const accepted = await world.ask('POST', resourcePath('v1', 'default', 'events'), { body: event('default') });
      assert.equal(accepted.status, 201);
      assert.deepEqual(accepted.json.source, { component: 'contract' });
    },
  ],
];

export const nodes: Chapter = { title: 'a node', behaviours };
