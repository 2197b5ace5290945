import assert from 'node:assert/strict';
import { fakeCluster, statusOf } from './fake-kubernetes.ts';

const READY = { type: 'Ready', status: 'True', lastTransitionTime: '2026-01-01T09:00:00Z' };
const PRESSURE = { type: 'MemoryPressure', status: 'False' };

const node = (spec: object = {}, conditions: object[] = [PRESSURE, READY]) => ({
  metadata: {
    name: 'node-a',
    uid: 'uid-a',
    resourceVersion: '7',
    creationTimestamp: '2026-01-01T08:00:00Z',
    labels: { zone: 'a' },
  },
  spec: { providerID: 'aws:///eu-west-1a/i-0123456789abcdef0', ...spec },
  status: { conditions, nodeInfo: { kubeletVersion: 'v1.33.2' } },
});

const read = async (object: object) => {
  const found = await fakeCluster({ object }).cluster.findNode('node-a');
  assert.ok(found);
  return found;
};

const pods = async (...items: object[]) =>
  (await fakeCluster({ object: { metadata: { resourceVersion: '41' }, items } }).cluster.listPodsOnNode('node-a')).pods;

describe('a node of the Kubernetes API', () => {
  it('is read with all that decisions use', async () => {
    const taints = [{ key: 'a', effect: 'NoSchedule', timeAdded: '2026-01-01T08:30:00Z' }];
    assert.deepEqual(await read(node({ taints, unschedulable: true })), {
      name: 'node-a',
      providerId: 'aws:///eu-west-1a/i-0123456789abcdef0',
      instanceId: 'i-0123456789abcdef0',
      uid: 'uid-a',
      resourceVersion: '7',
      isReady: true,
      readyChangedAt: '2026-01-01T09:00:00Z',
      isUnschedulable: true,
      taints,
      labels: { zone: 'a' },
      annotations: {},
      kubeletVersion: 'v1.33.2',
      createdAt: '2026-01-01T08:00:00Z',
    });
  });

  const readiness: [title: string, conditions: object[], isReady: boolean][] = [
    ['Ready comes first', [READY, PRESSURE], true],
    ['Ready comes last', [PRESSURE, READY], true],
    ['Ready is False', [PRESSURE, { ...READY, status: 'False' }], false],
    ['Ready is Unknown', [{ ...READY, status: 'Unknown' }], false],
    ['only another condition is True', [{ ...PRESSURE, status: 'True' }], false],
    ['it has no conditions yet', [], false],
  ];
  for (const [title, conditions, isReady] of readiness) {
    it(`is ${isReady ? '' : 'not '}ready when ${title}`, async () => {
      assert.equal((await read(node({}, conditions))).isReady, isReady);
    });
  }

  const providers: [providerID: string | undefined, instanceId: string | undefined][] = [
    ['aws:///eu-west-1a/i-0ab', 'i-0ab'],
    ['aws:///eu-west-1a/fargate-ip-10-0-1-7.eu-west-1.compute.internal', undefined],
    ['eks-hybrid:///eu-west-1/prod/mi-0123', undefined],
    ['', undefined],
    [undefined, undefined],
  ];
  for (const [providerID, instanceId] of providers) {
    it(`has ${instanceId ?? 'no instance id'} when its provider id is ${providerID ?? 'absent'}`, async () => {
      assert.equal((await read(node({ providerID }))).instanceId, instanceId);
    });
  }

  it('is absent when there is no node of that name', async () => {
    assert.equal(await fakeCluster(statusOf(404, 'not found')).cluster.findNode('node-z'), undefined);
  });

  it('is changed by one merge patch, bound to the version that was read', async () => {
    const { cluster, asked } = fakeCluster({ object: node() });
    const taints = [{ key: 'eks.amazonaws.com/nodegroup', value: 'unschedulable', effect: 'NoSchedule' }];
    const labels = { 'node.kubernetes.io/exclude-from-external-load-balancers': 'true', old: null };
    const changed = await cluster.patchNode('node-a', { labels, taints, unschedulable: false, resourceVersion: '7' });
    assert.equal(typeof changed === 'object' && changed.name, 'node-a');
    assert.equal(asked[0]?.method, 'PATCH');
    assert.equal(asked[0]?.headers['content-type'], 'application/merge-patch+json');
    assert.deepEqual(asked[0]?.object, {
      metadata: { labels, resourceVersion: '7' },
      spec: { taints, unschedulable: false },
    });
  });

  it('is not changed when it is gone, or has changed since it was read', async () => {
    const { cluster } = fakeCluster(statusOf(404, 'not found'), statusOf(409, 'modified'), statusOf(403, 'no'));
    assert.equal(await cluster.patchNode('node-a', { unschedulable: true }), 'absent');
    assert.equal(await cluster.patchNode('node-a', { unschedulable: true }), 'conflict');
    await assert.rejects(cluster.patchNode('node-a', { unschedulable: true }), { name: 'Unauthorized' });
  });

  it('has its name escaped in the path', async () => {
    const { cluster, asked } = fakeCluster(statusOf(404, 'not found'));
    await cluster.findNode('../pods?watch=true');
    assert.equal(asked[0]?.path, '/api/v1/nodes/..%2Fpods%3Fwatch%3Dtrue');
  });

  it('gets an Event that kubectl describe node finds by name and uid', async () => {
    const { cluster, asked } = fakeCluster({ status: 201, object: {} });
    const note = { type: 'Warning', reason: 'NodeUpgradeBlocked', message: 'm'.repeat(2000) } as const;
    await cluster.recordNodeEvent({ name: 'node-a', uid: 'uid-a' }, note);
    assert.equal(asked[0]?.path, '/api/v1/namespaces/default/events');
    assert.deepEqual(asked[0]?.object, {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: 'node-a.19b78fff9008000', namespace: 'default' },
      involvedObject: { apiVersion: 'v1', kind: 'Node', name: 'node-a', uid: 'uid-a' },
      type: 'Warning',
      reason: 'NodeUpgradeBlocked',
      message: 'm'.repeat(1024),
      source: { component: 'eks-nodegroup-upgrade' },
      reportingComponent: 'eks-nodegroup-upgrade',
      reportingInstance: 'eks-nodegroup-upgrade',
      firstTimestamp: '2026-01-01T10:00:00.000Z',
      lastTimestamp: '2026-01-01T10:00:00.000Z',
      count: 1,
    });
  });

  it('has no Event when the Event is refused, without an error', async () => {
    const note = { type: 'Normal', reason: 'NodeUpgraded', message: '' } as const;
    for (const answer of [statusOf(403, 'forbidden'), new Error('reset')]) {
      await fakeCluster(answer).cluster.recordNodeEvent({ name: 'node-a', uid: 'uid-a' }, note);
    }
  });
});

describe('a pod of the Kubernetes API', () => {
  it('is read with all that a drain uses', async () => {
    const [pod] = await pods({
      metadata: {
        namespace: 'shop',
        name: 'db-0',
        uid: 'uid-1',
        creationTimestamp: '2026-01-01T09:00:00Z',
        deletionTimestamp: '2026-01-01T10:01:30Z',
        deletionGracePeriodSeconds: 90,
        labels: { app: 'db' },
        ownerReferences: [
          { kind: 'Other', name: 'other', uid: 'o', apiVersion: 'v1' },
          { kind: 'StatefulSet', name: 'db', uid: 's', apiVersion: 'apps/v1', controller: true },
        ],
      },
      spec: {
        nodeName: 'node-a',
        terminationGracePeriodSeconds: 90,
        tolerations: [{ operator: 'Exists' }],
        containers: [],
        volumes: [
          { name: 'data', persistentVolumeClaim: { claimName: 'data-db-0' } },
          { name: 'scratch', ephemeral: { volumeClaimTemplate: {} } },
          { name: 'tmp', emptyDir: {} },
        ],
      },
      status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
    });
    assert.deepEqual(pod, {
      namespace: 'shop',
      name: 'db-0',
      uid: 'uid-1',
      nodeName: 'node-a',
      phase: 'Running',
      isReady: true,
      owner: { kind: 'StatefulSet', name: 'db', uid: 's' },
      isMirror: false,
      labels: { app: 'db' },
      tolerations: [{ operator: 'Exists' }],
      hasLocalStorage: true,
      volumeClaims: ['data-db-0', 'db-0-scratch'],
      gracePeriodSeconds: 90,
      createdAt: '2026-01-01T09:00:00Z',
      deletionDeadlineAt: '2026-01-01T10:01:30Z',
    });
  });

  it('has the API server’s defaults for absent members', async () => {
    const [pod] = await pods({ metadata: { name: 'bare' }, spec: { containers: [] } });
    assert.equal(pod?.gracePeriodSeconds, 30);
    assert.equal(pod?.owner, undefined);
    assert.equal(pod?.phase, 'Unknown');
    assert.equal(pod?.isReady, false);
    assert.deepEqual([pod?.labels, pod?.tolerations, pod?.volumeClaims], [{}, [], []]);
  });

  it('is a mirror of a static pod by its annotation', async () => {
    const [pod] = await pods({ metadata: { name: 'proxy', annotations: { 'kubernetes.io/config.mirror': 'abc' } } });
    assert.equal(pod?.isMirror, true);
  });
});

describe('a list of the Kubernetes API', () => {
  const page = (names: string[], token?: string) => ({
    object: {
      metadata: { resourceVersion: '41', continue: token },
      items: names.map((name) => ({ metadata: { name } })),
    },
  });
  const expired = statusOf(410, 'The provided continue parameter is too old', { reason: 'Expired' });

  it('is read to its end in pages of 500', async () => {
    const { cluster, asked } = fakeCluster(page(['a', 'b'], 'token-1'), page(['c']));
    const nodes = await cluster.listNodes();
    assert.deepEqual(
      nodes.map(({ name }) => name),
      ['a', 'b', 'c'],
    );
    assert.deepEqual(
      asked.map(({ query }) => query),
      [{ limit: '500' }, { limit: '500', continue: 'token-1' }],
    );
  });

  it('of nodes has a version to watch from', async () => {
    const { nodes, resourceVersion } = await fakeCluster(page(['a'])).cluster.listNodesToWatch();
    assert.deepEqual([nodes.map(({ name }) => name), resourceVersion], [['a'], '41']);
  });

  it('is narrowed by labels', async () => {
    const { cluster, asked } = fakeCluster(page(['a']));
    await cluster.listNodes({ 'eks.amazonaws.com/nodegroup': 'workers', team: 'shop' });
    assert.equal(asked[0]?.query.labelSelector, 'eks.amazonaws.com/nodegroup=workers,team=shop');
  });

  it('has a version that is read with at most one pod', async () => {
    const { cluster, asked } = fakeCluster(page(['a']));
    assert.equal(await cluster.podsVersion(), '41');
    assert.deepEqual(asked[0]?.query, { limit: '1' });
  });

  it('starts again when its continue token has expired, and returns no object twice', async () => {
    const { cluster, asked } = fakeCluster(page(['a'], 'token-1'), expired, page(['a', 'b'], 'token-2'), page(['c']));
    const nodes = await cluster.listNodes();
    assert.deepEqual(
      nodes.map(({ name }) => name),
      ['a', 'b', 'c'],
    );
    assert.deepEqual(
      asked.map(({ query }) => query.continue),
      [undefined, 'token-1', undefined, 'token-2'],
    );
  });

  it('fails after it has expired three times', async () => {
    const { cluster, asked } = fakeCluster(page([], '1'), expired, page([], '2'), expired, page([], '3'), expired);
    await assert.rejects(cluster.listPods(), { name: 'ServiceUnavailable' });
    assert.equal(asked.length, 6);
  });

  it('contains only the pods of one node, with the version to watch from', async () => {
    const { cluster, asked } = fakeCluster(page(['a']));
    const { resourceVersion } = await cluster.listPodsOnNode('node-a');
    assert.equal(resourceVersion, '41');
    assert.equal(asked[0]?.query.fieldSelector, 'spec.nodeName=node-a');
  });

  it('says which right is missing', async () => {
    const { cluster } = fakeCluster(statusOf(403, 'cannot list resource "nodes"', { reason: 'Forbidden' }));
    await assert.rejects(cluster.listNodes(), { name: 'Unauthorized', message: /RBAC refuses to list nodes/ });
  });

  it('names the lost connection when it is lost in the middle', async () => {
    const lost = Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });
    const { cluster } = fakeCluster({ pieces: ['{"items":[', lost] });
    await assert.rejects(cluster.listNodes(), { name: 'ServiceUnavailable', message: /list nodes failed for now/ });
  });

  it('reads budgets with what they allow now', async () => {
    const { cluster } = fakeCluster({
      object: {
        metadata: { resourceVersion: '41' },
        items: [
          {
            metadata: { namespace: 'shop', name: 'checkout' },
            spec: { minAvailable: '50%', selector: { matchLabels: { app: 'checkout' } } },
            status: { disruptionsAllowed: 1, currentHealthy: 3, desiredHealthy: 2, expectedPods: 3 },
          },
          {
            metadata: { namespace: 'shop', name: 'new' },
            spec: { maxUnavailable: 0, unhealthyPodEvictionPolicy: 'AlwaysAllow' },
          },
        ],
      },
    });
    assert.deepEqual(await cluster.listBudgets(), [
      {
        namespace: 'shop',
        name: 'checkout',
        selector: { matchLabels: { app: 'checkout' } },
        minAvailable: '50%',
        unhealthyPodEvictionPolicy: 'IfHealthyBudget',
        disruptionsAllowed: 1,
        currentHealthy: 3,
        desiredHealthy: 2,
        expectedPods: 3,
      },
      {
        namespace: 'shop',
        name: 'new',
        maxUnavailable: '0',
        unhealthyPodEvictionPolicy: 'AlwaysAllow',
        disruptionsAllowed: 0,
        currentHealthy: 0,
        desiredHealthy: 0,
        expectedPods: 0,
      },
    ]);
  });

  it('reads which volume is attached to which node', async () => {
    const items = [
      { spec: { attacher: 'ebs.csi.aws.com', nodeName: 'node-a', source: { persistentVolumeName: 'pv-1' } } },
    ];
    const { cluster, asked } = fakeCluster({ object: { metadata: {}, items } });
    assert.deepEqual(await cluster.listVolumeAttachments(), [{ nodeName: 'node-a', persistentVolumeName: 'pv-1' }]);
    assert.equal(asked[0]?.path, '/apis/storage.k8s.io/v1/volumeattachments');
  });
});

describe('a lease of the Kubernetes API', () => {
  const object = {
    metadata: { name: 'workers', namespace: 'kube-system', resourceVersion: '9', annotations: { cancel: 'true' } },
    spec: { holderIdentity: 'run-1' },
  };
  const lease = { name: 'workers', resourceVersion: '9', holder: 'run-1', annotations: { cancel: 'true' } };

  it('is read, or absent', async () => {
    const { cluster } = fakeCluster({ object }, statusOf(404, 'not found'));
    assert.deepEqual(await cluster.findLease('kube-system', 'workers'), lease);
    assert.equal(await cluster.findLease('kube-system', 'workers'), undefined);
  });

  it('is created once', async () => {
    const { cluster, asked } = fakeCluster({ status: 201, object }, statusOf(409, 'already exists'));
    const { resourceVersion: _, ...wanted } = lease;
    assert.deepEqual(await cluster.createLease('kube-system', wanted), lease);
    assert.equal(await cluster.createLease('kube-system', wanted), 'conflict');
    assert.deepEqual(asked[0]?.object, {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name: 'workers', namespace: 'kube-system', annotations: { cancel: 'true' } },
      spec: { holderIdentity: 'run-1' },
    });
  });

  it('is not created where there is no namespace for it', async () => {
    const { cluster } = fakeCluster(statusOf(404, 'namespaces "upgrades" not found', { reason: 'NotFound' }));
    assert.equal(await cluster.createLease('upgrades', { name: 'workers', annotations: {} }), 'noNamespace');
  });

  it('is replaced only in the version that was read', async () => {
    const { cluster, asked } = fakeCluster({ object }, statusOf(409, 'modified'), statusOf(404, 'gone'));
    assert.deepEqual(await cluster.replaceLease('kube-system', lease), lease);
    assert.equal(await cluster.replaceLease('kube-system', lease), 'conflict');
    assert.equal(await cluster.replaceLease('kube-system', lease), 'conflict');
    assert.equal(asked[0]?.method, 'PUT');
    assert.equal((asked[0]?.object as typeof object | undefined)?.metadata.resourceVersion, '9');
  });

  it('is not made again by its replacement: the request has its uid, which the new one would not have', async () => {
    const { cluster, asked } = fakeCluster(statusOf(409, 'Precondition failed: UID in precondition'));
    assert.equal(await cluster.replaceLease('kube-system', { ...lease, uid: 'u-1' }), 'conflict');
    assert.equal((asked[0]?.object as { metadata?: { uid?: string } } | undefined)?.metadata?.uid, 'u-1');
  });

  it('is deleted only in the version that was read, because somebody may have taken it over', async () => {
    const { cluster, asked } = fakeCluster(statusOf(200, ''), statusOf(404, 'gone'), statusOf(409, 'modified'));
    await cluster.deleteLease('kube-system', lease);
    await cluster.deleteLease('kube-system', lease);
    await assert.rejects(cluster.deleteLease('kube-system', lease), { name: 'Conflict' });
    assert.deepEqual(asked[0]?.object, {
      apiVersion: 'v1',
      kind: 'DeleteOptions',
      preconditions: { resourceVersion: '9' },
    });
  });
});

describe('first contact with the Kubernetes API', () => {
  it('reads the server version', async () => {
    const { cluster, asked } = fakeCluster({ object: { major: '1', minor: '33', gitVersion: 'v1.33.2-eks-1' } });
    assert.equal(await cluster.serverVersion(), 'v1.33.2-eks-1');
    assert.equal(asked[0]?.path.replace(/\/$/, ''), '/version');
  });

  const failures: [title: string, answer: Parameters<typeof fakeCluster>[0], name: string][] = [
    ['nobody listens', Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }), 'ClusterUnreachable'],
    [
      'every address of the name refuses',
      new AggregateError([Object.assign(new Error('refused'), { code: 'ECONNREFUSED' })]),
      'ClusterUnreachable',
    ],
    ['a web server answers', { status: 200, pieces: ['<html>hello</html>'] }, 'ClusterUnreachable'],
    ['the token is refused', statusOf(401, 'Unauthorized'), 'ClusterUnreachable'],
    ['RBAC refuses', statusOf(403, 'forbidden'), 'AccessDenied'],
    ['the server is starting', statusOf(503, 'starting'), 'ServiceUnavailable'],
  ];
  for (const [title, answer, name] of failures) {
    it(`throws ${name} when ${title}`, async () => {
      assert.ok(answer);
      await assert.rejects(fakeCluster(answer).cluster.serverVersion(), { name });
    });
  }

  it('asks whether a group may do something', async () => {
    const { cluster, asked } = fakeCluster(
      { status: 201, object: { status: { allowed: true } } },
      { status: 201, object: { status: { allowed: false } } },
    );
    const eviction = { verb: 'create', group: '', resource: 'pods', subresource: 'eviction' };
    assert.equal(await cluster.may({ subject: 'drainers', ...eviction }), true);
    assert.equal(await cluster.may({ subject: 'drainers', ...eviction }), false);
    assert.deepEqual((asked[0]?.object as { spec?: object } | undefined)?.spec, {
      groups: ['drainers'],
      resourceAttributes: eviction,
    });
  });
});
