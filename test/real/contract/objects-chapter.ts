import assert from 'node:assert/strict';
import { toPod } from '../../../clients/kubernetes/objects.ts';
import { isIgnoredByDrain } from '../../../domain/drain/pod-filters.ts';
import type { Behaviour, Chapter } from './behaviour.ts';
import {
  daemonSetObject,
  deploymentObject,
  evict,
  isReady,
  NOWHERE,
  podNow,
  podObject,
  podPath,
  podSpec,
  podsOf,
  readyPods,
} from './objects.ts';
import { nodePath, type World } from './world.ts';

const status = (code: number, reason: string, message: string, details?: object) => ({
  kind: 'Status',
  apiVersion: 'v1',
  metadata: {},
  status: 'Failure',
  message,
  reason,
  ...(details === undefined ? {} : { details }),
  code,
});

/** What a server answers to the creation of an object, as far as it says nothing of when and under which version. */
const created = (
  title: string,
  version: string,
  resource: string,
  kind: string,
  spec: (world: World) => object,
  expected: (world: World) => object,
): Behaviour => [
  title,
  async (world) => {
    const body = { apiVersion: version, kind, metadata: { name: 'x' }, spec: spec(world) };
    const answer = await world.ask('POST', `${world.path(version, resource)}?dryRun=All`, { body });
    assert.equal(answer.status, 201, JSON.stringify(answer.json));
    const { metadata, ...rest } = answer.json;
    assert.equal(metadata.namespace, world.namespace);
    assert.match(metadata.uid, /^[0-9a-f-]{36}$/);
    assert.match(metadata.creationTimestamp, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    assert.partialDeepStrictEqual(rest, { apiVersion: version, kind, ...expected(world) });
  },
];

const workload = (world: World, fields: object = {}) => ({
  selector: { matchLabels: { app: 'web' } },
  template: { metadata: { labels: { app: 'web' } }, spec: podSpec(world) },
  ...fields,
});

const DAEMON_SET = ['apps/v1', 'daemonsets'] as const;

/** Create a DaemonSet and give the pod that it runs, once that is Ready. */
async function daemonPod(world: World) {
  await world.node();
  await world.must('POST', world.path(...DAEMON_SET), daemonSetObject(world));
  const pod = await world.server.waitFor('a ready pod', async () => (await podsOf(world)).find(isReady));
  assert.equal(isIgnoredByDrain(toPod(pod)), true, 'a drain leaves it alone');
  return pod;
}

const deleteDaemonSet = (world: World, propagationPolicy: string) =>
  world.must('DELETE', world.path(...DAEMON_SET, 'web'), {
    kind: 'DeleteOptions',
    apiVersion: 'v1',
    propagationPolicy,
  });

const behaviours: readonly Behaviour[] = [
  created(
    'a pod gets its defaults, the tolerations of a lost node among them, and is Pending',
    'v1',
    'pods',
    'Pod',
    () => ({ containers: [{ name: 'main', image: 'contract:1' }] }),
    () => ({
      spec: {
        containers: [
          {
            name: 'main',
            image: 'contract:1',
            resources: {},
            terminationMessagePath: '/dev/termination-log',
            terminationMessagePolicy: 'File',
            imagePullPolicy: 'IfNotPresent',
          },
        ],
        restartPolicy: 'Always',
        terminationGracePeriodSeconds: 30,
        dnsPolicy: 'ClusterFirst',
        schedulerName: 'default-scheduler',
        tolerations: [
          { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 },
          { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 },
        ],
        priority: 0,
        enableServiceLinks: true,
        preemptionPolicy: 'PreemptLowerPriority',
      },
      status: { phase: 'Pending', qosClass: 'BestEffort' },
    }),
  ),
  created(
    'a Deployment gets its strategy and an empty status',
    'apps/v1',
    'deployments',
    'Deployment',
    (world) => workload(world),
    () => ({
      spec: {
        replicas: 1,
        strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '25%', maxSurge: '25%' } },
        revisionHistoryLimit: 10,
        progressDeadlineSeconds: 600,
      },
      status: {},
    }),
  ),
  created(
    'a StatefulSet gets its policies and a status of zeros',
    'apps/v1',
    'statefulsets',
    'StatefulSet',
    (world) => workload(world, { serviceName: 'web' }),
    () => ({
      spec: {
        replicas: 1,
        podManagementPolicy: 'OrderedReady',
        updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0 } },
        persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain', whenScaled: 'Retain' },
      },
      status: { replicas: 0, availableReplicas: 0 },
    }),
  ),
  created(
    'a DaemonSet gets its update strategy and a status of zeros',
    'apps/v1',
    'daemonsets',
    'DaemonSet',
    (world) => workload(world),
    () => ({
      spec: { updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } } },
      status: { currentNumberScheduled: 0, numberMisscheduled: 0, desiredNumberScheduled: 0, numberReady: 0 },
    }),
  ),
  created(
    'a budget gets a status of zeros: nothing is allowed before its controller has counted',
    'policy/v1',
    'poddisruptionbudgets',
    'PodDisruptionBudget',
    () => ({ minAvailable: 1, selector: {} }),
    () => ({ status: { disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 0, expectedPods: 0 } }),
  ),
  [
    'whose name is taken is refused with AlreadyExists',
    async (world) => {
      const body = podObject(world, 'web-0', { nodeSelector: NOWHERE });
      await world.must('POST', world.path('v1', 'pods'), body);
      const answer = await world.ask('POST', world.path('v1', 'pods'), { body });
      assert.equal(answer.status, 409);
      assert.deepEqual(
        answer.json,
        status(409, 'AlreadyExists', 'pods "web-0" already exists', { name: 'web-0', kind: 'pods' }),
      );
    },
  ],
  [
    'that is absent is not found, and the answer names its group',
    async (world) => {
      const answer = await world.ask('GET', world.path('apps/v1', 'deployments', 'none'));
      assert.equal(answer.status, 404);
      assert.deepEqual(
        answer.json,
        status(404, 'NotFound', 'deployments.apps "none" not found', {
          name: 'none',
          group: 'apps',
          kind: 'deployments',
        }),
      );
    },
  ],
  [
    'in a namespace that does not exist is refused',
    async (world) => {
      const body = { ...podObject(world, 'x'), metadata: { name: 'x' } };
      const answer = await world.ask('POST', '/api/v1/namespaces/contract-none/pods', { body });
      assert.equal(answer.status, 404);
      assert.equal(answer.json.message, 'namespaces "contract-none" not found');
    },
  ],
  [
    'without a container is invalid, and the answer names the field',
    async (world) => {
      const body = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'x' }, spec: { containers: [] } };
      const answer = await world.ask('POST', world.path('v1', 'pods'), { body });
      assert.equal(answer.status, 422);
      assert.deepEqual(
        answer.json,
        status(422, 'Invalid', 'Pod "x" is invalid: spec.containers: Required value', {
          name: 'x',
          kind: 'Pod',
          causes: [{ reason: 'FieldValueRequired', message: 'Required value', field: 'spec.containers' }],
        }),
      );
    },
  ],
  [
    'whose selector does not match its own template is invalid',
    async (world) => {
      const object = deploymentObject(world, 'web', 1, { selector: { matchLabels: { app: 'other' } } });
      const answer = await world.ask('POST', world.path('apps/v1', 'deployments'), { body: object });
      assert.equal(answer.status, 422);
      assert.match(
        answer.json.message,
        /^Deployment\.apps "web" is invalid: spec\.template\.metadata\.labels: Invalid value/,
      );
      assert.match(answer.json.message, /`selector` does not match template `labels`/);
    },
  ],
  [
    'with another name than the path is refused',
    async (world) => {
      const name = await world.node();
      const node = await world.must('GET', nodePath(name));
      const answer = await world.ask('PUT', nodePath(name), {
        body: { ...node, metadata: { ...node.metadata, name: 'other' } },
      });
      assert.equal(answer.status, 400);
      assert.equal(answer.json.message, `the name of the object (other) does not match the name on the URL (${name})`);
    },
  ],
  [
    'is answered with a Status when it is deleted, a pod with the pod itself',
    async (world) => {
      await world.must('POST', world.path('v1', 'pods'), podObject(world, 'web-0', { nodeSelector: NOWHERE }));
      const pod = await world.must('DELETE', podPath(world, 'web-0'));
      assert.equal(pod.kind, 'Pod');
      assert.equal(await podNow(world, 'web-0'), undefined, 'nobody runs it, so it goes at once');
      const lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name: 'x' } };
      const { metadata } = await world.must('POST', world.path('coordination.k8s.io/v1', 'leases'), lease);
      assert.deepEqual(await world.must('DELETE', world.path('coordination.k8s.io/v1', 'leases', 'x')), {
        kind: 'Status',
        apiVersion: 'v1',
        metadata: {},
        status: 'Success',
        details: { name: 'x', group: 'coordination.k8s.io', kind: 'leases', uid: metadata.uid },
      });
    },
  ],
  [
    'that is a DaemonSet leaves pods without an owner when its deletion orphans them: a drain evicts them as unmanaged',
    async (world) => {
      const { metadata } = await daemonPod(world);
      await deleteDaemonSet(world, 'Orphan');
      await world.server.waitFor('the end of the DaemonSet', async () => {
        const { status } = await world.ask('GET', world.path(...DAEMON_SET, 'web'));
        return status === 404;
      });
      const orphan = await podNow(world, metadata.name);
      assert.equal(orphan.metadata.uid, metadata.uid);
      assert.equal(orphan.metadata.deletionTimestamp, undefined);
      assert.equal(orphan.metadata.ownerReferences, undefined);
      const pod = toPod(orphan);
      assert.deepEqual([pod.owner, isIgnoredByDrain(pod)], [undefined, false]);
      assert.equal((await evict(world, metadata.name)).status, 201);
    },
  ],
  [
    'that is a DaemonSet otherwise has its pods deleted with it',
    async (world) => {
      const { metadata } = await daemonPod(world);
      await deleteDaemonSet(world, 'Background');
      await world.server.waitFor('the end of the pod', async () => (await podNow(world, metadata.name)) === undefined);
      assert.deepEqual(await podsOf(world), []);
    },
  ],
  [
    'is not deleted when the uid is that of an earlier object',
    async (world) => {
      await world.node();
      await readyPods(world, 1);
      const { uid } = (await podNow(world, 'web-0')).metadata;
      const answer = await world.ask('DELETE', podPath(world, 'web-0'), {
        body: { apiVersion: 'v1', kind: 'DeleteOptions', preconditions: { uid: 'an-earlier-one' } },
      });
      assert.equal(answer.status, 409);
      assert.deepEqual(
        answer.json,
        status(
          409,
          'Conflict',
          `Operation cannot be fulfilled on Pod "web-0": the UID in the precondition (an-earlier-one) does not match the UID in record (${uid}). The object might have been deleted and then recreated`,
          { name: 'web-0', kind: 'Pod' },
        ),
      );
    },
  ],
];

export const objectsChapter: Chapter = { title: 'an object', behaviours };
