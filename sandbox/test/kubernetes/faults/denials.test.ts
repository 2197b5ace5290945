import assert from 'node:assert/strict';
import { addNode, createTestApi } from '../api/fixture.ts';

const evict = { body: { metadata: { name: 'p' } } };

describe('a spell in which a cluster denies what it grants', () => {
  it('answers 401 from one second until another, whoever asks', async () => {
    const { call, clock } = createTestApi({
      faults: [{ kind: 'denied', status: 401, fromSeconds: 5, untilSeconds: 10 }],
    });
    const statuses: number[] = [];
    for (let second = 0; second < 4; second += 1) {
      statuses.push((await call('GET', '/api/v1/nodes')).status);
      await clock.advance(4);
    }
    assert.deepEqual(statuses, [200, 200, 401, 200]);
    const { body } = await createTestApi({ faults: [{ kind: 'denied', status: 401 }] }).call('GET', '/api/v1/pods');
    assert.equal(body.message, 'Unauthorized');
  });

  it('answers 403 in the words of RBAC, to the verbs and resources named', async () => {
    const api = createTestApi({
      faults: [{ kind: 'denied', status: 403, verbs: ['patch', 'create'], resources: ['nodes', 'pods/eviction'] }],
    });
    addNode(api, 'n1');
    const merge = { type: 'application/merge-patch+json', body: { spec: { unschedulable: true } } };
    const { status, body } = await api.call('PATCH', '/api/v1/nodes/n1', merge);
    assert.equal(status, 403);
    assert.equal(
      body.message,
      'nodes "n1" is forbidden: User "tester" cannot patch resource "nodes" in API group "" at the cluster scope',
    );
    assert.equal((await api.call('POST', '/api/v1/namespaces/default/pods/p/eviction', evict)).status, 403);
    assert.equal((await api.call('GET', '/api/v1/nodes')).status, 200);
    assert.equal((await api.call('GET', '/api/v1/pods')).status, 200);
  });

  it('tells a watch from a list', async () => {
    const { call, raw } = createTestApi({ faults: [{ kind: 'denied', status: 403, verbs: ['watch'] }] });
    assert.equal((await call('GET', '/api/v1/pods')).status, 200);
    assert.equal((await raw('GET', '/api/v1/pods?watch=true')).status, 403);
  });

  it('says no as well when somebody asks for their own rights', async () => {
    const { call } = createTestApi({ faults: [{ kind: 'denied', status: 403, resources: ['nodes'] }] });
    const review = (resource: string) =>
      call('POST', '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', {
        body: { spec: { resourceAttributes: { verb: 'list', resource } } },
      });
    assert.equal((await review('nodes')).body.status.allowed, false);
    assert.equal((await review('pods')).body.status.allowed, true);
  });
});
