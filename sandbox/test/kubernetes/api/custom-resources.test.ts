import assert from 'node:assert/strict';
import { createTestApi, type TestApi } from './fixture.ts';

const CRDS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

const definition = (more: object = {}) => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'services.shop.example.com' },
  spec: {
    group: 'shop.example.com',
    scope: 'Namespaced',
    // The plural and the kind of a built-in resource, as knative has them.
    names: { plural: 'services', kind: 'Service', shortNames: ['ss'] },
    versions: [
      { name: 'v1alpha1', served: true, storage: false, schema: { openAPIV3Schema: { type: 'object' } } },
      {
        name: 'v1',
        served: true,
        storage: true,
        subresources: { status: {} },
        schema: {
          openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object', description: 'What is sold.' } } },
        },
      },
      { name: 'v2', served: false, storage: false },
    ],
    ...more,
  },
});

const custom = (name: string) => ({
  apiVersion: 'shop.example.com/v1',
  kind: 'Service',
  metadata: { name },
  spec: { anything: [1, { goes: true }] },
});

const path = (version = 'v1', name?: string) =>
  `/apis/shop.example.com/${version}/namespaces/default/services${name === undefined ? '' : `/${name}`}`;

async function must(api: TestApi, method: string, target: string, body?: unknown, type = 'application/json') {
  const answer = await api.call(method, target, { body, type });
  assert.ok(answer.status < 300, `${method} ${target}: ${answer.status} ${JSON.stringify(answer.body)}`);
  return answer.body;
}

async function apiWithDefinition(): Promise<TestApi> {
  const api = createTestApi();
  await must(api, 'POST', CRDS, definition());
  return api;
}

describe('custom resources', () => {
  it('do not exist before their definition does', async () => {
    assert.equal((await createTestApi().call('GET', path())).status, 404);
  });

  it('are established as soon as they are defined, and discovery says so, the stable version first', async () => {
    const api = await apiWithDefinition();
    const { status } = await must(api, 'GET', `${CRDS}/services.shop.example.com`);
    assert.deepEqual(
      status.conditions.map(({ type, status: value }: { type: string; status: string }) => `${type}=${value}`),
      ['NamesAccepted=True', 'Established=True'],
    );
    assert.deepEqual([status.acceptedNames.listKind, status.storedVersions], ['ServiceList', ['v1']]);
    const { groups } = await must(api, 'GET', '/apis');
    const group = groups.find(({ name }: { name: string }) => name === 'shop.example.com');
    assert.equal(group.preferredVersion.version, 'v1');
    assert.deepEqual(
      group.versions.map(({ version }: { version: string }) => version),
      ['v1', 'v1alpha1'],
    );
    const { resources } = await must(api, 'GET', '/apis/shop.example.com/v1');
    assert.deepEqual(
      resources.map(({ name, kind }: { name: string; kind: string }) => `${name} ${kind}`),
      ['services Service', 'services/status Service'],
    );
    assert.equal((await api.call('GET', '/apis/shop.example.com/v2')).status, 404);
  });

  it('are created, listed, patched, watched and deleted apart from a built-in resource of the same name', async () => {
    const api = await apiWithDefinition();
    const created = await must(api, 'POST', path(), custom('a'));
    assert.deepEqual([created.kind, created.metadata.generation], ['Service', 1]);
    const { kind, items } = await must(api, 'GET', path('v1alpha1'));
    assert.deepEqual(
      [kind, items[0].apiVersion, items[0].kind],
      ['ServiceList', 'shop.example.com/v1alpha1', 'Service'],
    );
    assert.deepEqual((await must(api, 'GET', '/api/v1/namespaces/default/services')).items, []);
    const merged = await must(api, 'PATCH', path('v1', 'a'), { spec: { more: 1 } }, 'application/merge-patch+json');
    assert.deepEqual([merged.metadata.generation, merged.spec.more], [2, 1]);
    const viaStatus = await must(
      api,
      'PATCH',
      `${path('v1', 'a')}/status`,
      { status: { ok: true }, spec: { more: 2 } },
      'application/merge-patch+json',
    );
    assert.deepEqual([viaStatus.spec.more, viaStatus.status], [1, { ok: true }]);
    await must(api, 'DELETE', path('v1', 'a'));
    assert.deepEqual((await must(api, 'GET', path())).items, []);
  });

  it('are not merged by keys, for which the server would have to know their type', async () => {
    const api = await apiWithDefinition();
    await must(api, 'POST', path(), custom('a'));
    const { status } = await api.call('PATCH', path('v1', 'a'), {
      body: {},
      type: 'application/strategic-merge-patch+json',
    });
    assert.equal(status, 415);
  });

  it('may have any field also where fields are validated strictly, and are explained by their own schema', async () => {
    const api = await apiWithDefinition();
    await must(api, 'POST', `${path()}?fieldValidation=Strict`, custom('a'));
    const { components } = await must(api, 'GET', '/openapi/v3/apis/shop.example.com/v1');
    const schema = components.schemas['com.example.shop.v1.Service'];
    assert.equal(schema.properties.spec.description, 'What is sold.');
    assert.deepEqual(schema['x-kubernetes-group-version-kind'], [
      { group: 'shop.example.com', version: 'v1', kind: 'Service' },
    ]);
  });

  it('go with their namespace and with their definition', async () => {
    const api = await apiWithDefinition();
    await must(api, 'POST', path(), custom('a'));
    await must(api, 'DELETE', `${CRDS}/services.shop.example.com`);
    assert.equal((await api.call('GET', path())).status, 404);
    await must(api, 'POST', CRDS, definition());
    assert.deepEqual((await must(api, 'GET', path())).items, []);
    await must(api, 'POST', '/api/v1/namespaces', { metadata: { name: 'shop' } });
    await must(api, 'POST', path().replace('default', 'shop'), custom('b'));
    await must(api, 'DELETE', '/api/v1/namespaces/shop');
    await api.clock.advance(5);
    assert.equal((await api.call('GET', '/api/v1/namespaces/shop')).status, 404);
    assert.deepEqual((await must(api, 'GET', '/apis/shop.example.com/v1/services')).items, []);
  });

  for (const [what, more, message] of [
    [
      'another name than its resource has',
      { names: { plural: 'things', kind: 'Thing' } },
      /metadata\.name: Invalid value/,
    ],
    ['a scope that is none', { scope: 'Everywhere' }, /spec\.scope: Unsupported value: "Everywhere"/],
    [
      'no version that is stored',
      { versions: [{ name: 'v1', served: true }] },
      /exactly one version marked as storage/,
    ],
    ['no kind', { names: { plural: 'services' } }, /spec\.names\.kind: Required value/],
  ] as const)
    it(`are not defined with ${what}`, async () => {
      const { status, body } = await createTestApi().call('POST', CRDS, { body: definition(more) });
      assert.equal(status, 422);
      assert.match(body.message, message);
    });
});

describe('kinds that nothing acts upon', () => {
  for (const [target, kind, name] of [
    ['/apis/rbac.authorization.k8s.io/v1/clusterroles', 'ClusterRole', 'system:reader'],
    ['/apis/rbac.authorization.k8s.io/v1/namespaces/default/rolebindings', 'RoleBinding', 'team:reader'],
    ['/apis/networking.k8s.io/v1/namespaces/default/networkpolicies', 'NetworkPolicy', 'deny'],
    ['/apis/networking.k8s.io/v1/namespaces/default/ingresses', 'Ingress', 'web'],
    ['/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers', 'HorizontalPodAutoscaler', 'web'],
    ['/apis/scheduling.k8s.io/v1/priorityclasses', 'PriorityClass', 'high'],
    [
      '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations',
      'ValidatingWebhookConfiguration',
      'check',
    ],
    ['/api/v1/namespaces/default/resourcequotas', 'ResourceQuota', 'quota'],
  ] as const)
    it(`are stored and listed: ${kind}`, async () => {
      const api = createTestApi();
      await must(api, 'POST', target, { metadata: { name } });
      const { items, kind: listKind } = await must(api, 'GET', target);
      assert.deepEqual([listKind, items.length, items[0].metadata.name], [`${kind}List`, 1, name]);
    });

  it('have the names that only RBAC allows', async () => {
    const { status } = await createTestApi().call('POST', '/api/v1/namespaces/default/configmaps', {
      body: { metadata: { name: 'system:x' } },
    });
    assert.equal(status, 422);
  });

  it('are shown in tables with columns of their own', async () => {
    const api = createTestApi();
    const target = '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings';
    await must(api, 'POST', target, { metadata: { name: 'b' }, roleRef: { kind: 'ClusterRole', name: 'r' } });
    const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io';
    const { body } = await api.call('GET', target, { accept });
    assert.deepEqual(body.rows[0].cells.slice(0, 2), ['b', 'ClusterRole/r']);
  });

  it('of text, a Secret is stored as data', async () => {
    const api = createTestApi();
    const body = { metadata: { name: 's' }, data: { a: 'eA==' }, stringData: { b: 'hello' } };
    const secret = await must(api, 'POST', '/api/v1/namespaces/default/secrets', body);
    assert.deepEqual([secret.data, secret.stringData], [{ a: 'eA==', b: 'aGVsbG8=' }, undefined]);
  });
});

describe('the OpenAPI v2 document', () => {
  const JSON_TYPE = 'application/json';
  const PROTOBUF = 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf';

  it('#48 says as JSON which kinds can be patched, and that their fields can be validated', async () => {
    const { paths, definitions } = await must(createTestApi(), 'GET', '/openapi/v2');
    const { patch } = paths['/apis/rbac.authorization.k8s.io/v1/clusterroles/{name}'];
    assert.equal(patch['x-kubernetes-group-version-kind'].kind, 'ClusterRole');
    assert.ok(patch.parameters.some(({ name }: { name: string }) => name === 'fieldValidation'));
    assert.equal(definitions['io.k8s.api.ClusterRole']['x-kubernetes-group-version-kind'][0].kind, 'ClusterRole');
  });

  it('#48 comes as protobuf to clients that ask for it, as kubectl does', async () => {
    const { status, headers, body } = await createTestApi().raw('GET', '/openapi/v2', { accept: PROTOBUF });
    assert.deepEqual(
      [status, headers['content-type']],
      [200, 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf'],
    );
    // Document.swagger is field 1: `2.0`.
    assert.deepEqual([...(body as Uint8Array).subarray(0, 5)], [0x0a, 3, 0x32, 0x2e, 0x30]);
  });

  it('is not there in other forms', async () => {
    const { status } = await createTestApi().call('GET', '/openapi/v2', { accept: 'text/html' });
    assert.equal(status, 406);
    assert.equal((await createTestApi().call('GET', '/openapi/v2', { accept: JSON_TYPE })).status, 200);
  });
});
