import assert from 'node:assert/strict';
import { KUBERNETES_GROUPS } from '../../../domain/plan/rights.ts';
import type { Behaviour, Chapter } from './behaviour.ts';
import { evict, NOWHERE, podObject } from './objects.ts';
import { MERGE, nodePath, type World } from './world.ts';

const UNAUTHORIZED = {
  kind: 'Status',
  apiVersion: 'v1',
  metadata: {},
  status: 'Failure',
  message: 'Unauthorized',
  reason: 'Unauthorized',
  code: 401,
};

const forbidden = (what: string, why: string, details: object) => ({
  kind: 'Status',
  apiVersion: 'v1',
  metadata: {},
  status: 'Failure',
  message: `${what} is forbidden: ${why}`,
  reason: 'Forbidden',
  details,
  code: 403,
});

const may = async (world: World, token: string, attributes: object): Promise<boolean> => {
  const { status, json } = await world.ask('POST', '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', {
    token,
    body: {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SelfSubjectAccessReview',
      spec: { resourceAttributes: attributes },
    },
  });
  assert.equal(status, 201);
  assert.equal(json.kind, 'SelfSubjectAccessReview');
  return json.status.allowed;
};

const REFUSALS: readonly [
  title: string,
  method: string,
  target: (world: World) => string,
  what: string,
  verb: string,
  resource: string,
  group: string,
  details: object,
  where?: string,
][] = [
  ['to list nodes', 'GET', () => '/api/v1/nodes', 'nodes', 'list', 'nodes', '', { kind: 'nodes' }],
  ['to get one node', 'GET', () => '/api/v1/nodes/n1', 'nodes "n1"', 'get', 'nodes', '', { name: 'n1', kind: 'nodes' }],
  [
    'to patch a node',
    'PATCH',
    () => '/api/v1/nodes/n1',
    'nodes "n1"',
    'patch',
    'nodes',
    '',
    { name: 'n1', kind: 'nodes' },
  ],
  ['to list pods everywhere', 'GET', () => '/api/v1/pods', 'pods', 'list', 'pods', '', { kind: 'pods' }],
  [
    'to evict a pod',
    'POST',
    (world) => world.path('v1', 'pods', 'p1/eviction'),
    'pods "p1"',
    'create',
    'pods/eviction',
    '',
    { name: 'p1', kind: 'pods' },
    'namespace',
  ],
  [
    'to list budgets',
    'GET',
    () => '/apis/policy/v1/poddisruptionbudgets',
    'poddisruptionbudgets.policy',
    'list',
    'poddisruptionbudgets',
    'policy',
    { group: 'policy', kind: 'poddisruptionbudgets' },
  ],
  [
    'to create a lease',
    'POST',
    (world) => world.path('coordination.k8s.io/v1', 'leases'),
    'leases.coordination.k8s.io',
    'create',
    'leases',
    'coordination.k8s.io',
    { group: 'coordination.k8s.io', kind: 'leases' },
    'namespace',
  ],
  [
    'to list volume attachments',
    'GET',
    () => '/apis/storage.k8s.io/v1/volumeattachments',
    'volumeattachments.storage.k8s.io',
    'list',
    'volumeattachments',
    'storage.k8s.io',
    { group: 'storage.k8s.io', kind: 'volumeattachments' },
  ],
];

/** What the manifest gives the workflow, and a neighbour of each that it does not give. */
const RIGHTS: readonly [attributes: Record<string, string>, allowed: boolean][] = [
  [{ verb: 'list', resource: 'nodes' }, true],
  [{ verb: 'patch', resource: 'nodes' }, true],
  [{ verb: 'delete', resource: 'nodes' }, false],
  [{ verb: 'list', resource: 'pods' }, true],
  [{ verb: 'delete', resource: 'pods' }, false],
  [{ verb: 'create', resource: 'pods', subresource: 'eviction', namespace: 'default' }, true],
  [{ verb: 'create', resource: 'pods', namespace: 'default' }, false],
  [{ verb: 'list', group: 'policy', resource: 'poddisruptionbudgets' }, true],
  [{ verb: 'list', resource: 'poddisruptionbudgets' }, false],
  [{ verb: 'create', group: 'coordination.k8s.io', resource: 'leases', namespace: 'eks-nodegroup-upgrade' }, true],
  [{ verb: 'create', group: 'coordination.k8s.io', resource: 'leases', namespace: 'kube-system' }, false],
  [{ verb: 'create', resource: 'events', namespace: 'default' }, true],
  [{ verb: 'create', resource: 'events', namespace: 'kube-system' }, false],
];

/** The same, asked about one of its groups. */
const GROUP_RIGHTS: readonly [group: string, attributes: Record<string, string>, allowed: boolean][] = [
  [KUBERNETES_GROUPS.drain, { verb: 'patch', resource: 'nodes' }, true],
  [KUBERNETES_GROUPS.readers, { verb: 'patch', resource: 'nodes' }, false],
  ['nobody', { verb: 'list', resource: 'nodes' }, false],
];

const behaviours: readonly Behaviour[] = [
  ...(
    [
      ['a token that is wrong', 'wrong'],
      ['an EKS token that nobody signed', 'k8s-aws-v1.aHR0cHM6Ly9zdHM'],
      ['no token', ''],
    ] as const
  ).map(
    ([title, token]): Behaviour => [
      `answers ${title} with 401 and no details`,
      async (world) => {
        const { status, json } = await world.ask('GET', world.path('v1', 'pods'), { token });
        if (token === '' && status === 403)
          return assert.match(json.message, /^pods is forbidden: User "system:anonymous"/);
        assert.equal(status, 401);
        assert.deepEqual(json, UNAUTHORIZED);
      },
    ],
  ),
  ...REFUSALS.map(
    ([title, method, target, what, verb, resource, group, details, where]): Behaviour => [
      `refuses a user without the right ${title}, and names user, verb, resource, group and place`,
      async (world) => {
        const { stranger } = world.server;
        const place = where === undefined ? 'at the cluster scope' : `in the namespace "${world.namespace}"`;
        const { status, json } = await world.ask(method, target(world), {
          token: stranger.token,
          ...(method === 'GET' ? {} : { body: {} }),
          ...(method === 'PATCH' ? { type: MERGE } : {}),
        });
        assert.equal(status, 403);
        const why = `User "${stranger.username}" cannot ${verb} resource "${resource}" in API group "${group}" ${place}`;
        assert.deepEqual(json, forbidden(what, why, details));
      },
    ],
  ),
  [
    'refuses before it checks whether the object exists',
    async (world) => {
      const { token } = world.server.workflow;
      const { status } = await world.ask('DELETE', nodePath('none'), { token });
      assert.equal(status, 403);
    },
  ],
  [
    'allows the workflow what its manifest grants: to evict a pod, but not to delete it',
    async (world) => {
      const { token } = world.server.workflow;
      await world.must('POST', world.path('v1', 'pods'), podObject(world, 'web-0', { nodeSelector: NOWHERE }));
      const target = world.path('v1', 'pods', 'web-0');
      assert.equal((await world.ask('DELETE', target, { token })).status, 403);
      const body = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: 'web-0' } };
      assert.equal((await world.ask('POST', `${target}/eviction`, { token, body })).status, 201);
      assert.equal((await evict(world, 'web-0')).status, 404);
    },
  ],
  ...RIGHTS.map(([attributes, allowed]): Behaviour => {
    const { verb, group, resource, subresource, namespace } = attributes;
    const what = [resource, subresource].filter((part) => part).join('/');
    const where = namespace === undefined ? '' : ` in ${namespace}`;
    return [
      `answers ${allowed ? 'yes' : 'no'} to the question whether the workflow may ${verb} ${what}${group ? `.${group}` : ''}${where}`,
      async (world) => assert.equal(await may(world, world.server.workflow.token, attributes), allowed),
    ];
  }),
  ...GROUP_RIGHTS.map(
    ([group, attributes, allowed]): Behaviour => [
      `answers ${allowed ? 'yes' : 'no'} to the workflow's question whether the group ${group} may ${attributes.verb} ${attributes.resource}`,
      async (world) => {
        const { status, json } = await world.ask('POST', '/apis/authorization.k8s.io/v1/subjectaccessreviews', {
          token: world.server.workflow.token,
          body: {
            apiVersion: 'authorization.k8s.io/v1',
            kind: 'SubjectAccessReview',
            spec: { groups: [group], resourceAttributes: attributes },
          },
        });
        assert.deepEqual([status, json.status.allowed], [201, allowed]);
      },
    ],
  ),
  [
    'answers every user who asks for their own rights',
    async (world) => {
      const list = { verb: 'list', resource: 'nodes' };
      assert.equal(await may(world, world.server.stranger.token, list), false);
      assert.equal(await may(world, world.server.admin.token, list), true);
    },
  ],
  [
    'returns the name and groups of a user',
    async (world) => {
      const { stranger } = world.server;
      const { status, json } = await world.ask('POST', '/apis/authentication.k8s.io/v1/selfsubjectreviews', {
        token: stranger.token,
        body: { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' },
      });
      assert.equal(status, 201);
      assert.equal(json.status.userInfo.username, stranger.username);
      assert.ok(json.status.userInfo.groups.includes('system:authenticated'));
    },
  ],
  [
    'returns its version and its API groups to a user without rights',
    async (world) => {
      const { token } = world.server.stranger;
      for (const target of ['/version', '/api', '/apis', '/apis/policy/v1', '/openapi/v2'])
        assert.equal((await world.ask('GET', target, { token })).status, 200, target);
    },
  ],
];

export const access: Chapter = { title: 'access control', behaviours };
