import assert from 'node:assert/strict';
import { createTestApi, type TestApi } from './fixture.ts';

const TARGET = '/api/v1/namespaces/default/configmaps/cm';
const NODE = '/api/v1/nodes/n1';

const apply = (api: TestApi, manager: string, data: object, query = '') =>
  api.call('PATCH', `${TARGET}?fieldManager=${manager}${query}`, {
    type: 'application/apply-patch+yaml',
    body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'cm' }, data },
  });

describe('server-side apply', () => {
  it('creates what is not there and records who applied it', async () => {
    const api = createTestApi();
    const { status, body } = await apply(api, 'alice', { a: '1' });
    assert.equal(status, 201);
    assert.deepEqual(body.metadata.managedFields, [
      {
        manager: 'alice',
        operation: 'Apply',
        apiVersion: 'v1',
        time: '2026-01-04T03:00:00Z',
        fieldsType: 'FieldsV1',
        fieldsV1: { 'f:data': { 'f:a': {} } },
      },
    ]);
  });

  it('removes what the same manager no longer applies', async () => {
    const api = createTestApi();
    await apply(api, 'alice', { a: '1', b: '2' });
    const { status, body } = await apply(api, 'alice', { b: '2' });
    assert.equal(status, 200);
    assert.deepEqual(body.data, { b: '2' });
  });

  it('refuses to change a field of another manager, naming both', async () => {
    const api = createTestApi();
    await apply(api, 'alice', { a: '1' });
    const { status, body } = await apply(api, 'bob', { a: '2' });
    assert.equal(status, 409);
    assert.equal(body.message, 'Apply failed with 1 conflict: conflict with "alice": .data.a');
    assert.deepEqual(body.details.causes, [
      { reason: 'FieldManagerConflict', message: 'conflict with "alice"', field: '.data.a' },
    ]);
  });

  it('names the writer, its API version and the time when the field was set by an ordinary update', async () => {
    const api = createTestApi();
    await api.call('POST', '/api/v1/namespaces/default/configmaps?fieldManager=kubectl-create', {
      body: { metadata: { name: 'cm' }, data: { a: '1', b: '1' } },
    });
    const { body } = await apply(api, 'bob', { a: '2', b: '2' });
    assert.equal(
      body.message,
      'Apply failed with 2 conflicts: conflicts with "kubectl-create" using v1 at 2026-01-04T03:00:00Z:\n- .data.a\n- .data.b',
    );
  });

  it('takes the field over when forced', async () => {
    const api = createTestApi();
    await apply(api, 'alice', { a: '1', b: '1' });
    const { body } = await apply(api, 'bob', { a: '2' }, '&force=true');
    assert.deepEqual(body.data, { a: '2', b: '1' });
    const managers = body.metadata.managedFields.map((entry: { manager: string; fieldsV1: object }) => [
      entry.manager,
      entry.fieldsV1,
    ]);
    assert.deepEqual(managers, [
      ['alice', { 'f:data': { 'f:b': {} } }],
      ['bob', { 'f:data': { 'f:a': {} } }],
    ]);
  });

  it('keeps a field that another manager applied as well', async () => {
    const api = createTestApi();
    await apply(api, 'alice', { a: '1' });
    await apply(api, 'bob', { a: '1', b: '2' });
    const { body } = await apply(api, 'bob', { b: '2' });
    assert.deepEqual(body.data, { a: '1', b: '2' });
  });

  it('changes nothing, not even the version, when the same is applied again', async () => {
    const api = createTestApi();
    await apply(api, 'alice', { a: '1' });
    const before = api.store.resourceVersion();
    await api.clock.advance(60);
    await apply(api, 'alice', { a: '1' });
    assert.equal(api.store.resourceVersion(), before);
  });

  it('merges keyed lists by item and removes only its own items', async () => {
    const api = createTestApi();
    const applyStatus = (manager: string, types: readonly string[]) =>
      api.call('PATCH', `${NODE}/status?fieldManager=${manager}`, {
        type: 'application/apply-patch+yaml',
        body: {
          apiVersion: 'v1',
          kind: 'Node',
          metadata: { name: 'n1' },
          status: { conditions: types.map((type) => ({ type, status: 'True' })) },
        },
      });
    await api.call('POST', '/api/v1/nodes', { body: { metadata: { name: 'n1' } } });
    await applyStatus('alice', ['A', 'B']);
    await applyStatus('bob', ['C']);
    const { body } = await applyStatus('alice', ['A']);
    assert.deepEqual(
      body.status.conditions.map(({ type }: { type: string }) => type),
      ['A', 'C'],
    );
  });

  it('needs a field manager', async () => {
    const { status, body } = await createTestApi().call('PATCH', TARGET, {
      type: 'application/apply-patch+yaml',
      body: { metadata: { name: 'cm' } },
    });
    assert.equal(status, 422);
    assert.match(body.message, /fieldManager: Required value/);
  });

  it('reads YAML', async () => {
    const { status, body } = await createTestApi().call('PATCH', `${TARGET}?fieldManager=alice`, {
      type: 'application/apply-patch+yaml',
      body: 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: cm\ndata:\n  a: "1"\n',
    });
    assert.equal(status, 201);
    assert.deepEqual(body.data, { a: '1' });
  });
});
