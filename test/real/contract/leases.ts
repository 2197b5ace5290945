import assert from 'node:assert/strict';
import type { Behaviour, Chapter } from './behaviour.ts';
import type { World } from './world.ts';

const VERSION = 'coordination.k8s.io/v1';

const lease = (holderIdentity: string, metadata: object = {}) => ({
  apiVersion: VERSION,
  kind: 'Lease',
  metadata: { name: 'lock', ...metadata },
  spec: { holderIdentity },
});

const path = (world: World, name?: string) => world.path(VERSION, 'leases', name);
const create = (world: World, holder: string, metadata?: object) =>
  world.ask('POST', path(world), { body: lease(holder, metadata) });

const behaviours: readonly Behaviour[] = [
  [
    'is created with its holder and annotations',
    async (world) => {
      const { status, json } = await create(world, 'one', { annotations: { state: '{"a":1}' } });
      assert.equal(status, 201);
      assert.deepEqual(json.spec, { holderIdentity: 'one' });
      assert.deepEqual(json.metadata.annotations, { state: '{"a":1}' });
      assert.match(json.metadata.resourceVersion, /^\d+$/);
    },
  ],
  [
    'is created by one of two requests at the same time: the other gets AlreadyExists',
    async (world) => {
      const answers = await Promise.all([create(world, 'one'), create(world, 'two')]);
      assert.deepEqual(answers.map(({ status }) => status).sort(), [201, 409]);
      const loser = answers.find(({ status }) => status === 409)?.json;
      assert.equal(loser.reason, 'AlreadyExists');
      assert.equal(loser.message, 'leases.coordination.k8s.io "lock" already exists');
    },
  ],
  [
    'is taken over by one of two requests at the same time: the other gets Conflict',
    async (world) => {
      const { metadata } = (await create(world, 'one')).json;
      const take = (holder: string) =>
        world.ask('PUT', path(world, 'lock'), {
          body: lease(holder, { namespace: world.namespace, resourceVersion: metadata.resourceVersion }),
        });
      const answers = await Promise.all([take('two'), take('three')]);
      assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 409]);
      const winner = answers.find(({ status }) => status === 200)?.json;
      const loser = answers.find(({ status }) => status === 409)?.json;
      assert.equal(loser.reason, 'Conflict');
      assert.equal(
        loser.message,
        'Operation cannot be fulfilled on leases.coordination.k8s.io "lock": the object has been modified; please apply your changes to the latest version and try again',
      );
      assert.deepEqual(loser.details, { name: 'lock', group: 'coordination.k8s.io', kind: 'leases' });
      assert.equal((await world.must('GET', path(world, 'lock'))).spec.holderIdentity, winner.spec.holderIdentity);
    },
  ],
  [
    'is not replaced without the version that was read',
    async (world) => {
      await create(world, 'one');
      const { status, json } = await world.ask('PUT', path(world, 'lock'), { body: lease('two') });
      assert.equal(status, 422);
      assert.match(
        json.message,
        /metadata\.resourceVersion: Invalid value: (0|0x0|""): must be specified for an update$/,
      );
    },
  ],
  [
    'that is gone is not replaced by a request with its uid',
    async (world) => {
      const { metadata } = (await create(world, 'one')).json;
      await world.must('DELETE', path(world, 'lock'));
      const { status, json } = await world.ask('PUT', path(world, 'lock'), {
        body: lease('two', { resourceVersion: metadata.resourceVersion, uid: metadata.uid }),
      });
      assert.equal(status, 409, JSON.stringify(json));
      assert.equal(json.reason, 'Conflict');
      assert.match(
        json.message,
        new RegExp(`Precondition failed: UID in precondition: ${metadata.uid}, UID in object meta: $`),
      );
    },
  ],
  [
    'that is gone is created again by a request with only its version, which is no precondition then',
    async (world) => {
      const { metadata } = (await create(world, 'one')).json;
      await world.must('DELETE', path(world, 'lock'));
      const { status, json } = await world.ask('PUT', path(world, 'lock'), {
        body: lease('two', { resourceVersion: metadata.resourceVersion }),
      });
      assert.equal(status, 201);
      assert.notEqual(json.metadata.uid, metadata.uid);
    },
  ],
  [
    'is deleted only at the version in the request',
    async (world) => {
      const { metadata } = (await create(world, 'one')).json;
      await world.must(
        'PATCH',
        path(world, 'lock'),
        { spec: { holderIdentity: 'two' } },
        'application/merge-patch+json',
      );
      const remove = (resourceVersion: string) =>
        world.ask('DELETE', path(world, 'lock'), {
          body: { apiVersion: 'v1', kind: 'DeleteOptions', preconditions: { resourceVersion } },
        });
      const refused = await remove(metadata.resourceVersion);
      assert.equal(refused.status, 409);
      assert.match(
        refused.json.message,
        /the ResourceVersion in the precondition \(\d+\) does not match the ResourceVersion in record \(\d+\)/,
      );
      const now = await world.must('GET', path(world, 'lock'));
      assert.equal((await remove(now.metadata.resourceVersion)).status, 200);
    },
  ],
  [
    'keeps annotations as they are, however long',
    async (world) => {
      const state = JSON.stringify({ text: 'ä'.repeat(20_000) });
      const { status, json } = await create(world, 'one', { annotations: { state } });
      assert.equal(status, 201);
      assert.equal(json.metadata.annotations.state, state);
    },
  ],
  [
    'with more than 256 KiB of annotations is refused',
    async (world) => {
      const { status, json } = await create(world, 'one', { annotations: { state: 'x'.repeat(262_145) } });
      assert.equal(status, 422);
      assert.match(json.message, /metadata\.annotations: Too long: may not be more than 262144 bytes/);
    },
  ],
];

export const leases: Chapter = { title: 'a lease', behaviours };
