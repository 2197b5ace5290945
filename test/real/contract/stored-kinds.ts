import assert from 'node:assert/strict';
import type { Behaviour, Chapter } from './behaviour.ts';
import { STRATEGIC, type World } from './world.ts';

const CRDS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const RULES = [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }];
const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'reader' };

/** Kinds that manifests have beside their workloads, each with the least it needs. */
const STORED: readonly [version: string, resource: string, kind: string, rest: object][] = [
  ['rbac.authorization.k8s.io/v1', 'roles', 'Role', { rules: RULES }],
  ['rbac.authorization.k8s.io/v1', 'rolebindings', 'RoleBinding', { roleRef }],
  ['networking.k8s.io/v1', 'networkpolicies', 'NetworkPolicy', { spec: { podSelector: {} } }],
  [
    'networking.k8s.io/v1',
    'ingresses',
    'Ingress',
    { spec: { defaultBackend: { service: { name: 'web', port: { number: 80 } } } } },
  ],
  [
    'autoscaling/v2',
    'horizontalpodautoscalers',
    'HorizontalPodAutoscaler',
    { spec: { maxReplicas: 3, scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' } } },
  ],
  ['v1', 'resourcequotas', 'ResourceQuota', { spec: { hard: { pods: '100' } } }],
  ['v1', 'serviceaccounts', 'ServiceAccount', {}],
];

const stored: readonly Behaviour[] = STORED.map(([apiVersion, resource, kind, rest]) => [
  `of kind ${kind} is stored, listed and shown in tables`,
  async (world) => {
    const name = 'reader';
    await world.must('POST', world.path(apiVersion, resource), { apiVersion, kind, metadata: { name }, ...rest });
    const list = await world.must('GET', world.path(apiVersion, resource));
    assert.equal(list.kind, `${kind}List`);
    assert.ok(list.items.some(({ metadata }: { metadata: { name: string } }) => metadata.name === name));
    const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';
    const { json } = await world.ask('GET', world.path(apiVersion, resource, name), { accept });
    assert.deepEqual([json.kind, json.rows[0].cells[0]], ['Table', name]);
  },
]);

const groupOf = ({ namespace }: World) => `${namespace}.contract.test`;

const definition = (world: World) => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: `services.${groupOf(world)}` },
  spec: {
    group: groupOf(world),
    scope: 'Namespaced',
    names: { plural: 'services', kind: 'Service' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: { spec: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
          },
        },
      },
    ],
  },
});

/** Define a custom resource with the plural and the kind of a built-in one. @returns path of one of its objects, or of all */
async function defined(world: World): Promise<(name?: string) => string> {
  await world.must('POST', CRDS, definition(world));
  const path = (name?: string) => world.path(`${groupOf(world)}/v1`, 'services', name);
  await world.server.waitFor(
    'the custom resource is served',
    async () => (await world.ask('GET', path())).status === 200,
  );
  return path;
}

const custom = (world: World) => ({
  apiVersion: `${groupOf(world)}/v1`,
  kind: 'Service',
  metadata: { name: 'a' },
  spec: { size: 1 },
});

const behaviours: readonly Behaviour[] = [
  ...stored,
  [
    'of a role may have a name with a colon',
    async (world) => {
      const target = '/apis/rbac.authorization.k8s.io/v1/clusterroles';
      const name = `${world.namespace}:reader`;
      await world.must('POST', target, { metadata: { name }, rules: RULES });
      assert.equal((await world.must('GET', `${target}/${encodeURIComponent(name)}`)).metadata.name, name);
    },
  ],
  [
    'that is custom is served once it is defined, apart from a built-in one of its name',
    async (world) => {
      const path = await defined(world);
      const created = await world.must('POST', path(), custom(world));
      assert.deepEqual([created.kind, created.metadata.generation], ['Service', 1]);
      const { kind, items } = await world.must('GET', path());
      assert.deepEqual([kind, items[0].kind, items[0].apiVersion], ['ServiceList', 'Service', `${groupOf(world)}/v1`]);
      assert.deepEqual((await world.must('GET', world.path('v1', 'services'))).items, []);
    },
  ],
  [
    'that is custom is not merged by keys',
    async (world) => {
      const path = await defined(world);
      await world.must('POST', path(), custom(world));
      const { status, json } = await world.ask('PATCH', path('a'), { body: {}, type: STRATEGIC });
      assert.equal(status, 415);
      assert.equal(
        json.message,
        'the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml',
      );
    },
  ],
  [
    'that is custom is not defined under another name than its resource has',
    async (world) => {
      const body = { ...definition(world), metadata: { name: `others.${groupOf(world)}` } };
      const { status, json } = await world.ask('POST', CRDS, { body });
      assert.equal(status, 422);
      assert.match(json.message, /metadata\.name: Invalid value: .*must be spec\.names\.plural\+"\."\+spec\.group/);
    },
  ],
  [
    'is in the OpenAPI v2 document, which comes as protobuf to those who ask for it',
    async (world) => {
      const accept = 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf';
      const { status, headers } = await world.ask('GET', '/openapi/v2', { accept });
      assert.equal(status, 200);
      assert.equal(headers['content-type'], 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf');
    },
  ],
];

export const storedKinds: Chapter = { title: 'an object', behaviours };
