import assert from 'node:assert/strict';
import type { Behaviour, Chapter } from './behaviour.ts';
import { NOWHERE, podObject, readyDeployment, readyPods } from './objects.ts';
import type { World } from './world.ts';

const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';

interface Column {
  readonly name: string;
  readonly type: string;
  readonly priority: number;
}

const table = async (world: World, target: string) => {
  const { status, json } = await world.ask('GET', target, { accept: TABLE });
  assert.equal(status, 200);
  assert.equal(json.kind, 'Table');
  assert.equal(json.apiVersion, 'meta.k8s.io/v1');
  return json;
};

/** Columns as `name:priority`; those of priority 1 are shown by `-o wide` only. */
// biome-ignore lint/suspicious/noExplicitAny: tables as they come
const columnsOf = ({ columnDefinitions }: any): string[] =>
  columnDefinitions.map(({ name, priority }: Column) => `${name}:${priority}`);

const columns = (title: string, target: (world: World) => string, expected: string): Behaviour => [
  `shows the columns of ${title}`,
  async (world) => assert.equal(columnsOf(await table(world, target(world))).join(' | '), expected),
];

/** Resources that our code and the clients of the tests use, with the subresources among them. */
const USED: readonly [path: string, names: readonly string[]][] = [
  ['/api/v1', ['nodes', 'nodes/status', 'pods', 'pods/eviction', 'pods/status', 'namespaces', 'events', 'services']],
  ['/apis/apps/v1', ['deployments', 'deployments/scale', 'replicasets', 'statefulsets', 'daemonsets']],
  ['/apis/batch/v1', ['jobs', 'cronjobs']],
  ['/apis/policy/v1', ['poddisruptionbudgets', 'poddisruptionbudgets/status']],
  ['/apis/coordination.k8s.io/v1', ['leases']],
  ['/apis/storage.k8s.io/v1', ['volumeattachments', 'storageclasses', 'csinodes']],
  ['/apis/events.k8s.io/v1', ['events']],
  ['/apis/authentication.k8s.io/v1', ['selfsubjectreviews']],
  ['/apis/authorization.k8s.io/v1', ['selfsubjectaccessreviews', 'selfsubjectrulesreviews', 'subjectaccessreviews']],
];

/** What discovery says of each of these, without what differs from cluster to cluster. */
const DESCRIBED: Readonly<Record<string, object>> = {
  nodes: { singularName: 'node', namespaced: false, kind: 'Node', shortNames: ['no'] },
  pods: { singularName: 'pod', namespaced: true, kind: 'Pod', shortNames: ['po'], categories: ['all'] },
  'pods/eviction': { namespaced: true, group: 'policy', version: 'v1', kind: 'Eviction', verbs: ['create'] },
  events: { namespaced: true, kind: 'Event', shortNames: ['ev'] },
  deployments: { kind: 'Deployment', shortNames: ['deploy'], categories: ['all'] },
  'deployments/scale': { group: 'autoscaling', version: 'v1', kind: 'Scale' },
  poddisruptionbudgets: { kind: 'PodDisruptionBudget', shortNames: ['pdb'] },
  leases: { kind: 'Lease', namespaced: true },
  volumeattachments: { kind: 'VolumeAttachment', namespaced: false },
  selfsubjectaccessreviews: { kind: 'SelfSubjectAccessReview', verbs: ['create'] },
};

interface Resource {
  readonly name: string;
  readonly verbs: readonly string[];
}

const behaviours: readonly Behaviour[] = [
  ...USED.map(
    ([path, names]): Behaviour => [
      `lists the resources in ${path}`,
      async (world) => {
        const list = await world.must('GET', path);
        assert.equal(list.kind, 'APIResourceList');
        assert.equal(list.groupVersion, path.replace(/^\/apis?\//, ''));
        for (const name of names) {
          const resource = list.resources.find((each: Resource) => each.name === name);
          assert.ok(resource, `${path} has ${name}`);
          assert.partialDeepStrictEqual(resource, DESCRIBED[name] ?? {});
        }
      },
    ],
  ),
  [
    'gives the verbs of a resource in one order',
    async (world) => {
      const list = await world.must('GET', '/apis/policy/v1');
      const { verbs } = list.resources.find(({ name }: Resource) => name === 'poddisruptionbudgets');
      assert.deepEqual(verbs, ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch']);
    },
  ],
  [
    'lists its groups with the versions they prefer',
    async (world) => {
      const { kind, groups } = await world.must('GET', '/apis');
      assert.equal(kind, 'APIGroupList');
      for (const name of ['apps', 'batch', 'policy', 'coordination.k8s.io', 'storage.k8s.io', 'authorization.k8s.io']) {
        const group = groups.find((each: { name: string }) => each.name === name);
        assert.deepEqual(group?.preferredVersion, { groupVersion: `${name}/v1`, version: 'v1' });
      }
    },
  ],
  [
    'lists everything in one answer to clients that ask for it',
    async (world) => {
      const accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json';
      const { json, headers } = await world.ask('GET', '/apis', { accept });
      assert.equal(json.kind, 'APIGroupDiscoveryList');
      assert.equal(json.apiVersion, 'apidiscovery.k8s.io/v2');
      assert.equal(headers['content-type'], 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList');
      const policy = json.items.find(({ metadata }: { metadata: { name: string } }) => metadata.name === 'policy');
      const [{ resources }] = policy.versions;
      assert.partialDeepStrictEqual(
        resources.find(({ resource }: { resource: string }) => resource === 'poddisruptionbudgets'),
        {
          responseKind: { group: '', version: '', kind: 'PodDisruptionBudget' },
          scope: 'Namespaced',
          singularResource: 'poddisruptionbudget',
          shortNames: ['pdb'],
        },
      );
    },
  ],
  [
    'answers 404 for a group that does not exist',
    async (world) => {
      const { status } = await world.ask('GET', '/apis/contract.test/v1/things');
      assert.equal(status, 404);
    },
  ],
  [
    'tells its version',
    async (world) => {
      const version = await world.must('GET', '/version');
      assert.equal(version.major, '1');
      assert.match(version.minor, /^\d+\+?$/);
      assert.match(version.gitVersion, /^v1\.\d+\.\d+/);
    },
  ],
  columns(
    'nodes',
    () => '/api/v1/nodes',
    'Name:0 | Status:0 | Roles:0 | Age:0 | Version:0 | Internal-IP:1 | External-IP:1 | OS-Image:1 | Kernel-Version:1 | Container-Runtime:1',
  ),
  columns(
    'pods',
    (world) => world.path('v1', 'pods'),
    'Name:0 | Ready:0 | Status:0 | Restarts:0 | Age:0 | IP:1 | Node:1 | Nominated Node:1 | Readiness Gates:1',
  ),
  columns(
    'budgets',
    (world) => world.path('policy/v1', 'poddisruptionbudgets'),
    'Name:0 | Min Available:0 | Max Unavailable:0 | Allowed Disruptions:0 | Age:0',
  ),
  columns(
    'deployments',
    (world) => world.path('apps/v1', 'deployments'),
    'Name:0 | Ready:0 | Up-to-date:0 | Available:0 | Age:0 | Containers:1 | Images:1 | Selector:1',
  ),
  columns(
    'daemon sets',
    (world) => world.path('apps/v1', 'daemonsets'),
    'Name:0 | Desired:0 | Current:0 | Ready:0 | Up-to-date:0 | Available:0 | Node Selector:0 | Age:0 | Containers:1 | Images:1 | Selector:1',
  ),
  columns('leases', (world) => world.path('coordination.k8s.io/v1', 'leases'), 'Name:0 | Holder:0 | Age:0'),
  columns(
    'events',
    (world) => world.path('v1', 'events'),
    'Last Seen:0 | Type:0 | Reason:0 | Object:0 | Subobject:1 | Source:1 | Message:0 | First Seen:1 | Count:1 | Name:1',
  ),
  [
    'shows a row for each pod: its readiness, status, restarts, and node',
    async (world) => {
      const node = await world.node();
      await readyPods(world, 1);
      await world.must('POST', world.path('v1', 'pods'), podObject(world, 'late', { nodeSelector: NOWHERE }));
      const { rows } = await table(world, world.path('v1', 'pods'));
      // biome-ignore lint/suspicious/noExplicitAny: tables as they come
      const cells = rows.map((row: any) => row.cells.filter((_: unknown, index: number) => ![4, 5].includes(index)));
      assert.deepEqual(cells, [
        ['late', '0/1', 'Pending', '0', '<none>', '<none>', '<none>'],
        ['web-0', '1/1', 'Running', '0', node, '<none>', '<none>'],
      ]);
      assert.equal(rows[1].object.kind, 'PartialObjectMetadata');
      assert.equal(rows[1].object.metadata.name, 'web-0');
    },
  ],
  [
    'shows that a node is cordoned',
    async (world) => {
      const name = await world.node();
      await world.must(
        'PATCH',
        `/api/v1/nodes/${name}`,
        { spec: { unschedulable: true } },
        'application/merge-patch+json',
      );
      const { rows } = await table(world, `/api/v1/nodes?fieldSelector=metadata.name%3D${name}`);
      assert.deepEqual(rows[0].cells.slice(0, 3), [name, 'Ready,SchedulingDisabled', '<none>']);
    },
  ],
  [
    'shows how many of the desired pods of a Deployment are ready',
    async (world) => {
      await world.node();
      await readyDeployment(world, 'web', 2);
      const { rows } = await table(world, world.path('apps/v1', 'deployments'));
      assert.deepEqual(rows[0].cells.slice(0, 4), ['web', '2/2', 2, 2]);
      assert.deepEqual(rows[0].cells.slice(5), ['main', 'contract:1', 'app=web']);
    },
  ],
];

export const discovery: Chapter = { title: 'discovery and tables', behaviours };
