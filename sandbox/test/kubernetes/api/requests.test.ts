import assert from 'node:assert/strict';
import { addNode, addPod, createTestApi } from './fixture.ts';

const PODS = '/api/v1/namespaces/default/pods';
const spec = { containers: [{ name: 'a', image: 'i' }] };
const workload = (fields: object) => ({
  metadata: { name: 'w' },
  spec: { selector: { matchLabels: { a: 'b' } }, template: { metadata: { labels: { a: 'b' } }, spec }, ...fields },
});

const REFUSALS: readonly [
  title: string,
  method: string,
  target: string,
  body: unknown,
  code: number,
  message: RegExp | string,
][] = [
  ['an absent node', 'GET', '/api/v1/nodes/x', undefined, 404, 'nodes "x" not found'],
  [
    'an absent deployment',
    'GET',
    '/apis/apps/v1/namespaces/default/deployments/x',
    undefined,
    404,
    'deployments.apps "x" not found',
  ],
  [
    'a new object in an absent namespace',
    'POST',
    '/api/v1/namespaces/none/pods',
    { metadata: { name: 'x' }, spec },
    404,
    'namespaces "none" not found',
  ],
  ['a name that is taken', 'POST', PODS, { metadata: { name: 'p' }, spec }, 409, 'pods "p" already exists'],
  [
    'an object without a name',
    'POST',
    PODS,
    { spec },
    422,
    'Pod "" is invalid: metadata.name: Required value: name or generateName is required',
  ],
  [
    'a name with capitals',
    'POST',
    PODS,
    { metadata: { name: 'Web' }, spec },
    422,
    /^Pod "Web" is invalid: metadata.name: Invalid value: "Web": a lowercase RFC 1123 subdomain/,
  ],
  [
    'a pod without containers',
    'POST',
    PODS,
    { metadata: { name: 'x' } },
    422,
    'Pod "x" is invalid: spec.containers: Required value',
  ],
  [
    'a label that is none',
    'POST',
    PODS,
    { metadata: { name: 'x', labels: { a: 'b c' } }, spec },
    422,
    /metadata.labels: Invalid value: "b c": a valid label must be/,
  ],
  [
    'a kind that does not belong there',
    'POST',
    PODS,
    { kind: 'Node', metadata: { name: 'x' } },
    400,
    /^Node in version "v1" cannot be handled as a Pod/,
  ],
  [
    'another API version',
    'POST',
    PODS,
    { apiVersion: 'v2', metadata: { name: 'x' } },
    400,
    'the API version in the data (v2) does not match the expected API version (v1)',
  ],
  [
    'another namespace than the path',
    'POST',
    PODS,
    { metadata: { name: 'x', namespace: 'y' } },
    400,
    /^the namespace of the provided object does not match/,
  ],
  [
    'a version on a new object',
    'POST',
    PODS,
    { metadata: { name: 'x', resourceVersion: '1' }, spec },
    400,
    'resourceVersion should not be set on objects to be created',
  ],
  [
    'another name than the path',
    'PUT',
    '/api/v1/nodes/n1',
    { metadata: { name: 'n2' } },
    400,
    'the name of the object (n2) does not match the name on the URL (n1)',
  ],
  [
    'an update from an older version',
    'PUT',
    '/api/v1/nodes/n1',
    { metadata: { name: 'n1', resourceVersion: '1' } },
    409,
    /^Operation cannot be fulfilled on nodes "n1": the object has been modified/,
  ],
  [
    'an update of another object of that name',
    'PUT',
    '/api/v1/nodes/n1',
    { metadata: { name: 'n1', uid: 'x' } },
    409,
    /Precondition failed: UID in precondition: x, UID in object meta:/,
  ],
  [
    'a deletion of another object of that name',
    'DELETE',
    '/api/v1/nodes/n1',
    { preconditions: { uid: 'x' } },
    409,
    /the UID in the precondition \(x\) does not match/,
  ],
  [
    'a taint with an unknown effect',
    'POST',
    '/api/v1/nodes',
    { metadata: { name: 'x' }, spec: { taints: [{ key: 'a', effect: 'Never' }] } },
    422,
    /metadata.taints\[0\].effect: Unsupported value: "Never"/,
  ],
  [
    'a budget with both bounds',
    'POST',
    '/apis/policy/v1/namespaces/default/poddisruptionbudgets',
    { metadata: { name: 'x' }, spec: { minAvailable: 1, maxUnavailable: 1 } },
    422,
    /minAvailable and maxUnavailable cannot be both set/,
  ],
  [
    'a selector that misses its own template',
    'POST',
    '/apis/apps/v1/namespaces/default/deployments',
    workload({ selector: { matchLabels: { a: 'x' } } }),
    422,
    /`selector` does not match template `labels`/,
  ],
  [
    'a negative number of replicas',
    'POST',
    '/apis/apps/v1/namespaces/default/deployments',
    workload({ replicas: -1 }),
    422,
    /spec.replicas: Invalid value: -1: must be greater than or equal to 0/,
  ],
  [
    'moving a pod to another node',
    'PUT',
    `${PODS}/p`,
    { metadata: { name: 'p' }, spec: { ...spec, nodeName: 'n9' } },
    422,
    /spec: Forbidden: pod updates may not change fields other than/,
  ],
  [
    'a dry run of anything but all',
    'DELETE',
    '/api/v1/nodes/n1?dryRun=Some',
    undefined,
    422,
    /dryRun: Unsupported value: "Some"/,
  ],
  [
    'a method the path does not have',
    'POST',
    '/api/v1/nodes/n1',
    {},
    405,
    /is not supported on resources of kind "nodes"/,
  ],
  ['a body that is no JSON', 'POST', PODS, '{', 400, /json parse error/],
];

describe('a request the server refuses', () => {
  for (const [title, method, target, body, code, message] of REFUSALS)
    it(`is answered ${code} for ${title}`, async () => {
      const api = createTestApi();
      addNode(api, 'n1');
      addPod(api, 'p');
      const before = api.store.resourceVersion();
      const { status, body: answer } = await api.call(method, target, { body });
      assert.equal(answer.kind, 'Status');
      if (message instanceof RegExp) assert.match(answer.message, message);
      else assert.equal(answer.message, message);
      assert.equal(status, code);
      assert.equal(answer.code, code);
      assert.equal(api.store.resourceVersion(), before);
    });

  it('is answered 406 when no accepted form is served', async () => {
    const { status, body } = await createTestApi().call('GET', '/api/v1/nodes', { accept: 'text/html' });
    assert.equal(status, 406);
    assert.equal(body.reason, 'NotAcceptable');
  });

  it('is answered 404 in plain text for a path that is not served', async () => {
    const { status, body } = await createTestApi().call('GET', '/apis/metrics.k8s.io/v1beta1/nodes');
    assert.equal(status, 404);
    assert.equal(body, '404 page not found\n');
  });

  it('is answered 400 for an unknown field under strict validation, and with a warning otherwise', async () => {
    const api = createTestApi();
    const body = { metadata: { name: 'x' }, spec: { ...spec, foo: 1 } };
    const strict = await api.call('POST', `${PODS}?fieldValidation=Strict`, { body });
    assert.equal(strict.status, 400);
    assert.match(strict.body.message, /strict decoding error: unknown field "spec.foo"$/);
    const warned = await api.call('POST', `${PODS}?fieldValidation=Warn`, { body });
    assert.equal(warned.status, 201);
    assert.equal(warned.headers.warning, '299 - "unknown field \\"spec.foo\\""');
  });

  it('says who may not do what, and where', async () => {
    const api = createTestApi({ authorize: () => false });
    for (const [method, target, message] of [
      [
        'GET',
        '/api/v1/nodes',
        'nodes is forbidden: User "tester" cannot list resource "nodes" in API group "" at the cluster scope',
      ],
      [
        'PATCH',
        '/api/v1/nodes/n1',
        'nodes "n1" is forbidden: User "tester" cannot patch resource "nodes" in API group "" at the cluster scope',
      ],
      [
        'POST',
        `${PODS}/p/eviction`,
        'pods "p" is forbidden: User "tester" cannot create resource "pods/eviction" in API group "" in the namespace "default"',
      ],
      [
        'GET',
        '/apis/policy/v1/poddisruptionbudgets',
        'poddisruptionbudgets.policy is forbidden: User "tester" cannot list resource "poddisruptionbudgets" in API group "policy" at the cluster scope',
      ],
    ] as const) {
      const { status, body } = await api.call(method, target);
      assert.equal(status, 403);
      assert.equal(body.message, message);
    }
  });
});

describe('creating', () => {
  it('completes a generated name', async () => {
    const { body } = await createTestApi().call('POST', PODS, { body: { metadata: { generateName: 'web-' }, spec } });
    assert.match(body.metadata.name, /^web-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
  });

  it('fills in defaults and starts a pod as Pending', async () => {
    const { body } = await createTestApi().call('POST', PODS, {
      body: { metadata: { name: 'x' }, spec, status: { phase: 'Running' } },
    });
    assert.equal(body.status.phase, 'Pending');
    assert.equal(body.spec.terminationGracePeriodSeconds, 30);
    assert.equal(body.spec.tolerations.length, 2);
  });

  it('stores nothing on a dry run', async () => {
    const api = createTestApi();
    assert.equal(
      (await api.call('POST', `${PODS}?dryRun=All`, { body: { metadata: { name: 'x' }, spec } })).status,
      201,
    );
    assert.equal(api.store.get('pods', 'default', 'x'), undefined);
  });

  it('converts an event of events.k8s.io to the one event both groups show', async () => {
    const api = createTestApi();
    await api.call('POST', '/apis/events.k8s.io/v1/namespaces/default/events', {
      body: {
        metadata: { name: 'e' },
        regarding: { kind: 'Node', name: 'n1' },
        note: 'hello',
        reportingController: 'c',
      },
    });
    const { body } = await api.call('GET', '/api/v1/namespaces/default/events/e');
    assert.equal(body.apiVersion, 'v1');
    assert.equal(body.message, 'hello');
    assert.equal(body.involvedObject.name, 'n1');
  });
});

describe('putting', () => {
  const leases = '/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/lock';
  const lease = (resourceVersion?: string) => ({
    metadata: { name: 'lock', ...(resourceVersion ? { resourceVersion } : {}) },
    spec: { holderIdentity: 'me' },
  });

  it('creates a Lease whose name is free, whatever version it names', async () => {
    const { status } = await createTestApi().call('PUT', leases, { body: lease('7') });
    assert.equal(status, 201);
  });

  it('takes the right to create when it creates', async () => {
    const api = createTestApi({ authorize: (_user, { verb }) => verb === 'update' });
    assert.equal((await api.call('PUT', leases, { body: lease() })).status, 403);
  });

  it('needs the version of a Lease that is there', async () => {
    const api = createTestApi();
    const { body } = await api.call('PUT', leases, { body: lease() });
    const refused = await api.call('PUT', leases, { body: lease() });
    assert.equal(refused.status, 422);
    assert.match(refused.body.message, /metadata.resourceVersion: Invalid value: 0: must be specified for an update$/);
    assert.equal((await api.call('PUT', leases, { body: lease(body.metadata.resourceVersion) })).status, 200);
  });

  it('does not create a node', async () => {
    const { status } = await createTestApi().call('PUT', '/api/v1/nodes/n1', { body: { metadata: { name: 'n1' } } });
    assert.equal(status, 404);
  });
});

describe('deleting', () => {
  it('answers with a Status that names what is gone', async () => {
    const api = createTestApi();
    const { metadata } = addNode(api, 'n1');
    const { status, body } = await api.call('DELETE', '/api/v1/nodes/n1');
    assert.equal(status, 200);
    assert.deepEqual(body.details, { name: 'n1', kind: 'nodes', uid: metadata.uid });
    assert.equal(api.store.get('nodes', undefined, 'n1'), undefined);
  });

  it('leaves a bound pod to its kubelet until its grace period is over', async () => {
    const api = createTestApi();
    addPod(api, 'p');
    const { body } = await api.call('DELETE', `${PODS}/p`);
    assert.equal(body.metadata.deletionTimestamp, '2026-01-04T03:00:30Z');
    assert.equal(body.metadata.deletionGracePeriodSeconds, 30);
    assert.notEqual(api.store.get('pods', 'default', 'p'), undefined);
  });

  for (const [title, pod, target] of [
    ['with grace 0', {}, `${PODS}/p?gracePeriodSeconds=0`],
    ['that is on no node', { nodeName: '' }, `${PODS}/p`],
  ] as const)
    it(`removes a pod ${title} at once`, async () => {
      const api = createTestApi();
      addPod(api, 'p', pod);
      assert.equal((await api.call('DELETE', target)).status, 200);
      assert.equal(api.store.get('pods', 'default', 'p'), undefined);
    });

  it('keeps what has a finalizer until the finalizer is taken off', async () => {
    const api = createTestApi();
    addNode(api, 'n1', { metadata: { name: 'n1', finalizers: ['x/y'] } });
    const { body } = await api.call('DELETE', '/api/v1/nodes/n1');
    assert.equal(body.metadata.deletionTimestamp, '2026-01-04T03:00:00Z');
    const type = 'application/merge-patch+json';
    await api.call('PATCH', '/api/v1/nodes/n1', { type, body: { metadata: { finalizers: null } } });
    assert.equal(api.store.get('nodes', undefined, 'n1'), undefined);
  });

  it('lets dependents live on without their owner when asked to orphan them', async () => {
    const api = createTestApi();
    const owner = api.store.create('replicasets', {
      apiVersion: 'apps/v1',
      kind: 'ReplicaSet',
      metadata: { name: 'rs', namespace: 'default' },
      spec: { selector: {}, template: { spec: { containers: [] } } },
    });
    addPod(api, 'p', {
      ownerReferences: [
        { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'rs', uid: owner.metadata.uid, controller: true },
      ],
    });
    await api.call('DELETE', '/apis/apps/v1/namespaces/default/replicasets/rs', {
      body: { propagationPolicy: 'Orphan' },
    });
    assert.equal(api.store.get('pods', 'default', 'p')?.metadata.ownerReferences, undefined);
  });

  it('deletes a selected collection and nothing else', async () => {
    const api = createTestApi();
    addNode(api, 'n1', { metadata: { name: 'n1', labels: { a: 'b' } } });
    addNode(api, 'n2');
    assert.equal((await api.call('DELETE', '/api/v1/nodes?labelSelector=a=b')).status, 200);
    assert.deepEqual(
      api.store.list('nodes').map(({ metadata }) => metadata.name),
      ['n2'],
    );
  });

  it('empties a namespace before it goes, and takes nothing new meanwhile', async () => {
    const api = createTestApi();
    await api.call('POST', '/api/v1/namespaces', { body: { metadata: { name: 'gone' } } });
    await api.call('POST', '/api/v1/namespaces/gone/configmaps', { body: { metadata: { name: 'x' } } });
    const { body } = await api.call('DELETE', '/api/v1/namespaces/gone');
    assert.equal(body.status.phase, 'Terminating');
    const refused = await api.call('POST', '/api/v1/namespaces/gone/configmaps', { body: { metadata: { name: 'y' } } });
    assert.equal(refused.status, 403);
    assert.equal(refused.body.details.causes[0].reason, 'NamespaceTerminating');
    await api.clock.advance(5);
    assert.equal(api.store.get('namespaces', undefined, 'gone'), undefined);
    assert.equal(api.store.get('configmaps', 'gone', 'x'), undefined);
  });
});

describe('subresources', () => {
  it('scales a workload and shows its selector', async () => {
    const api = createTestApi();
    await api.call('POST', '/apis/apps/v1/namespaces/default/deployments', { body: workload({ replicas: 2 }) });
    const target = '/apis/apps/v1/namespaces/default/deployments/w/scale';
    const { body } = await api.call('PATCH', target, {
      type: 'application/merge-patch+json',
      body: { spec: { replicas: 5 } },
    });
    assert.equal(body.kind, 'Scale');
    assert.deepEqual(body.spec, { replicas: 5 });
    assert.equal(body.status.selector, 'a=b');
    assert.equal(api.store.get('deployments', 'default', 'w')?.spec.replicas, 5);
  });

  it('binds a pod once', async () => {
    const api = createTestApi();
    addPod(api, 'p', { nodeName: '' });
    const bind = () => api.call('POST', `${PODS}/p/binding`, { body: { target: { kind: 'Node', name: 'n1' } } });
    assert.equal((await bind()).status, 201);
    assert.equal(api.store.get('pods', 'default', 'p')?.spec.nodeName, 'n1');
    assert.match((await bind()).body.message, /pod p is already assigned to node "n1"/);
  });

  it('tells a caller who they are and what they may do', async () => {
    const api = createTestApi({ authorize: (_user, { verb }) => verb === 'list' });
    const who = await api.call('POST', '/apis/authentication.k8s.io/v1/selfsubjectreviews', { body: {} });
    assert.equal(who.body.status.userInfo.username, 'tester');
    for (const [verb, allowed] of [
      ['list', true],
      ['patch', false],
    ] as const) {
      const { body } = await api.call('POST', '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', {
        body: { spec: { resourceAttributes: { verb, resource: 'nodes' } } },
      });
      assert.equal(body.status.allowed, allowed);
    }
  });
});

describe('discovery', () => {
  it('names every resource with its verbs, and the kind of foreign subresources', async () => {
    const { body } = await createTestApi().call('GET', '/api/v1');
    const eviction = body.resources.find(({ name }: { name: string }) => name === 'pods/eviction');
    assert.deepEqual(eviction, {
      name: 'pods/eviction',
      singularName: '',
      namespaced: true,
      group: 'policy',
      version: 'v1',
      kind: 'Eviction',
      verbs: ['create'],
    });
  });

  it('answers in the aggregated form when a client prefers it', async () => {
    const accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json';
    const { body, headers } = await createTestApi().call('GET', '/apis', { accept });
    assert.equal(body.kind, 'APIGroupDiscoveryList');
    assert.equal(headers['content-type'], 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList');
    assert.ok(body.items.some(({ metadata }: { metadata: { name: string } }) => metadata.name === 'policy'));
  });

  it('describes the types of a group version, with merge keys', async () => {
    const { body } = await createTestApi().call('GET', '/openapi/v3/apis/apps/v1');
    const podSpec = body.components.schemas['io.k8s.api.PodSpec'].properties;
    assert.equal(podSpec.containers['x-kubernetes-patch-merge-key'], 'name');
    assert.equal(podSpec.tolerations['x-kubernetes-list-type'], 'atomic');
    assert.ok(body.paths['/apis/apps/v1/namespaces/{namespace}/deployments/{name}'].patch);
  });

  it('tells the version to everybody', async () => {
    const { body } = await createTestApi().call('GET', '/version');
    assert.equal(body.major, '1');
    assert.equal(body.minor, '33');
    assert.match(body.gitVersion, /^v1\.33\.0-eks-/);
  });
});
