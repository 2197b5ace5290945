import assert from 'node:assert/strict';
import { humanDuration } from '../../../kubernetes/api/human-duration.ts';
import type { ResourceName } from '../../../kubernetes/kinds/kinds.ts';
import { createTestApi, START } from './fixture.ts';

const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';

/** An object 5 minutes 12 seconds old. */
const born = { creationTimestamp: new Date(START - 312_000).toISOString() };
const template = { spec: { nodeSelector: { pool: 'a' }, containers: [{ name: 'c', image: 'i:1' }] } };
const selector = { matchLabels: { app: 'web' } };
const ready = (status: string) => ({ conditions: [{ type: 'Ready', status }] });
const container = (fields: object) => ({ name: 'c', ready: false, restartCount: 0, ...fields });
const pod = (status: object, metadata: object = {}) => ({
  metadata,
  spec: { nodeName: 'n1', containers: [{ name: 'c' }] },
  status: { podIP: '10.0.0.1', ...status },
});

const ROWS: readonly [title: string, path: string, object: object, cells: readonly unknown[]][] = [
  [
    'a ready node',
    'api/v1/nodes',
    {
      status: {
        ...ready('True'),
        addresses: [{ type: 'InternalIP', address: '10.0.0.1' }],
        nodeInfo: {
          kubeletVersion: 'v1.33.5',
          osImage: 'AL2023',
          kernelVersion: '6.1',
          containerRuntimeVersion: 'containerd://2',
        },
      },
    },
    ['x', 'Ready', '<none>', '5m12s', 'v1.33.5', '10.0.0.1', '<none>', 'AL2023', '6.1', 'containerd://2'],
  ],
  [
    'a cordoned node that is not ready, with a role',
    'api/v1/nodes',
    {
      metadata: { labels: { 'node-role.kubernetes.io/worker': '' } },
      spec: { unschedulable: true },
      status: ready('Unknown'),
    },
    ['x', 'NotReady,SchedulingDisabled', 'worker', '5m12s', ''],
  ],
  [
    'a running pod',
    'api/v1/namespaces/default/pods',
    pod({ phase: 'Running', containerStatuses: [container({ ready: true, state: { running: {} } })] }),
    ['x', '1/1', 'Running', '0', '5m12s', '10.0.0.1', 'n1', '<none>', '<none>'],
  ],
  [
    'a crash-looping pod with the time of its last restart',
    'api/v1/namespaces/default/pods',
    pod({
      phase: 'Running',
      containerStatuses: [
        container({
          restartCount: 3,
          state: { waiting: { reason: 'CrashLoopBackOff' } },
          lastState: { terminated: { finishedAt: new Date(START - 30_000).toISOString() } },
        }),
      ],
    }),
    ['x', '0/1', 'CrashLoopBackOff', '3 (30s ago)', '5m12s'],
  ],
  [
    'a terminating pod',
    'api/v1/namespaces/default/pods',
    pod({ phase: 'Running' }, { deletionTimestamp: '2026-01-04T03:00:30Z' }),
    ['x', '0/1', 'Terminating', '0', '5m12s'],
  ],
  [
    'a completed pod',
    'api/v1/namespaces/default/pods',
    pod({
      phase: 'Succeeded',
      containerStatuses: [container({ state: { terminated: { reason: 'Completed', exitCode: 0 } } })],
    }),
    ['x', '0/1', 'Completed', '0', '5m12s'],
  ],
  [
    'a deployment',
    'apis/apps/v1/namespaces/default/deployments',
    {
      spec: { replicas: 3, selector, template },
      status: { readyReplicas: 2, updatedReplicas: 3, availableReplicas: 2 },
    },
    ['x', '2/3', 3, 2, '5m12s', 'c', 'i:1', 'app=web'],
  ],
  [
    'a replica set',
    'apis/apps/v1/namespaces/default/replicasets',
    { spec: { replicas: 3, selector, template }, status: { replicas: 3, readyReplicas: 2 } },
    ['x', 3, 3, 2, '5m12s', 'c', 'i:1', 'app=web'],
  ],
  [
    'a stateful set',
    'apis/apps/v1/namespaces/default/statefulsets',
    { spec: { replicas: 3, selector, template }, status: { readyReplicas: 1 } },
    ['x', '1/3', '5m12s', 'c', 'i:1'],
  ],
  [
    'a daemon set',
    'apis/apps/v1/namespaces/default/daemonsets',
    {
      spec: { selector, template },
      status: {
        desiredNumberScheduled: 3,
        currentNumberScheduled: 3,
        numberReady: 2,
        updatedNumberScheduled: 3,
        numberAvailable: 2,
      },
    },
    ['x', 3, 3, 2, 3, 2, 'pool=a', '5m12s', 'c', 'i:1', 'app=web'],
  ],
  [
    'a running job',
    'apis/batch/v1/namespaces/default/jobs',
    { spec: { completions: 1, template }, status: { startTime: new Date(START - 60_000).toISOString() } },
    ['x', 'Running', '0/1', '60s', '5m12s', 'c', 'i:1', '<none>'],
  ],
  [
    'a budget',
    'apis/policy/v1/namespaces/default/poddisruptionbudgets',
    { spec: { maxUnavailable: '10%' }, status: { disruptionsAllowed: 4 } },
    ['x', 'N/A', '10%', 4, '5m12s'],
  ],
  [
    'an event',
    'api/v1/namespaces/default/events',
    {
      involvedObject: { kind: 'Node', name: 'n1' },
      type: 'Normal',
      reason: 'Drained',
      message: 'done',
      count: 2,
      source: { component: 'upgrade' },
      firstTimestamp: new Date(START - 90_000).toISOString(),
      lastTimestamp: new Date(START - 5_000).toISOString(),
    },
    ['5s', 'Normal', 'Drained', 'node/n1', '', 'upgrade', 'done', '90s', 2, 'x'],
  ],
  [
    'a lease',
    'apis/coordination.k8s.io/v1/namespaces/default/leases',
    { spec: { holderIdentity: 'me' } },
    ['x', 'me', '5m12s'],
  ],
  ['a namespace', 'api/v1/namespaces', { status: { phase: 'Active' } }, ['x', 'Active', '5m12s']],
  [
    'a service',
    'api/v1/namespaces/default/services',
    {
      spec: {
        type: 'NodePort',
        clusterIP: '172.20.0.9',
        ports: [{ port: 80, nodePort: 30080 }],
        selector: { app: 'web' },
      },
    },
    ['x', 'NodePort', '172.20.0.9', '<none>', '80:30080/TCP', '5m12s', 'app=web'],
  ],
  [
    'a volume attachment',
    'apis/storage.k8s.io/v1/volumeattachments',
    {
      spec: { attacher: 'ebs.csi.aws.com', nodeName: 'n1', source: { persistentVolumeName: 'pv' } },
      status: { attached: true },
    },
    ['x', 'ebs.csi.aws.com', 'pv', 'n1', true, '5m12s'],
  ],
  [
    'a bound volume',
    'api/v1/persistentvolumes',
    {
      spec: {
        capacity: { storage: '8Gi' },
        accessModes: ['ReadWriteOnce'],
        persistentVolumeReclaimPolicy: 'Delete',
        claimRef: { namespace: 'default', name: 'data' },
        storageClassName: 'gp3',
      },
      status: { phase: 'Bound' },
    },
    ['x', '8Gi', 'RWO', 'Delete', 'Bound', 'default/data', 'gp3', '<unset>', '', '5m12s', '<unset>'],
  ],
  ['an endpoints object, which has no columns of its own', 'api/v1/namespaces/default/endpoints', {}, ['x', '5m12s']],
];

describe('tables for kubectl get', () => {
  for (const [title, path, object, cells] of ROWS)
    it(`shows ${title} as kubectl prints it`, async () => {
      const api = createTestApi();
      const resource = path.split('/').at(-1) as ResourceName;
      const namespace = path.includes('/namespaces/') ? { namespace: 'default' } : {};
      const { metadata = {} } = object as { metadata?: object };
      api.store.create(resource, {
        apiVersion: 'v1',
        kind: 'X',
        ...object,
        metadata: { ...metadata, ...born, ...namespace, name: 'x' },
      });
      const { body } = await api.call('GET', `/${path}/x`, { accept: TABLE });
      assert.equal(body.kind, 'Table');
      assert.equal(body.columnDefinitions.length, body.rows[0].cells.length);
      assert.deepEqual(body.rows[0].cells.slice(0, cells.length), cells);
    });

  for (const [included, kind] of [
    ['', 'PartialObjectMetadata'],
    ['?includeObject=Object', 'Node'],
    ['?includeObject=None', undefined],
  ] as const)
    it(`carries ${kind ?? 'no object'} with each row${included && ` for ${included.slice(1)}`}`, async () => {
      const api = createTestApi();
      api.store.create('nodes', { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n1' } });
      const { body } = await api.call('GET', `/api/v1/nodes${included}`, { accept: TABLE });
      assert.equal(body.rows[0].object?.kind, kind);
    });

  it('gives metadata alone to clients that ask for it', async () => {
    const api = createTestApi();
    api.store.create('nodes', { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n1' }, spec: { a: 1 } });
    const accept = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';
    const { body } = await api.call('GET', '/api/v1/nodes', { accept });
    assert.equal(body.kind, 'PartialObjectMetadataList');
    assert.equal(body.items[0].spec, undefined);
    assert.equal(body.items[0].metadata.name, 'n1');
  });
});

describe('human duration', () => {
  for (const [seconds, text] of [
    [-5, '<invalid>'],
    [0, '0s'],
    [119, '119s'],
    [120, '2m'],
    [312, '5m12s'],
    [600, '10m'],
    [3 * 3600 - 1, '179m'],
    [3 * 3600, '3h'],
    [5 * 3600 + 61, '5h1m'],
    [8 * 3600, '8h'],
    [47 * 3600, '47h'],
    [50 * 3600, '2d2h'],
    [8 * 86_400, '8d'],
    [400 * 86_400, '400d'],
    [800 * 86_400, '2y70d'],
    [9 * 365 * 86_400, '9y'],
  ] as const)
    it(`writes ${seconds} seconds as ${text}`, () => assert.equal(humanDuration(seconds), text));
});
