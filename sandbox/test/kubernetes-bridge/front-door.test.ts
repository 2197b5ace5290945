import assert from 'node:assert/strict';
import type { ClusterRequest } from '../../kubernetes-bridge/external-cluster.ts';
import { createFrontDoor, createNodeManagerDoor } from '../../kubernetes-bridge/front-door.ts';
import type { SandboxRequest } from '../../server/http.ts';

const request: SandboxRequest = {
  method: 'GET',
  path: '/api/v1/nodes',
  query: new URLSearchParams({ limit: '2' }),
  headers: { accept: 'application/json', authorization: 'Bearer stolen', 'impersonate-user': 'admin' },
  body: '',
};

/** A cluster that notes what it is asked. */
const recordingCluster = () => {
  const asked: ClusterRequest[] = [];
  const open = async (given: ClusterRequest) => {
    asked.push(given);
    return { status: 200, headers: { 'content-type': 'application/json', 'set-cookie': 'a' }, body: '{}' };
  };
  return { asked, open };
};

const unreachable = { open: () => Promise.reject(new Error('connect ECONNREFUSED')) };

describe('the front door of a cluster that is not EKS', () => {
  it('sends a request on as the user and all groups of its token, whoever the caller claims to be', async () => {
    const cluster = recordingCluster();
    const answer = await createFrontDoor(cluster, () => ({ username: 'role', groups: ['readers', 'drain'] }))(request);
    assert.deepEqual(answer, { status: 200, headers: { 'content-type': 'application/json' }, body: '{}' });
    assert.deepEqual(cluster.asked, [
      {
        method: 'GET',
        path: '/api/v1/nodes?limit=2',
        headers: { accept: 'application/json', 'impersonate-user': 'role', 'impersonate-group': ['readers', 'drain'] },
      },
    ]);
  });

  it('rejects unknown callers', async () => {
    const cluster = recordingCluster();
    assert.equal((await createFrontDoor(cluster, () => undefined)(request)).status, 401);
    assert.deepEqual(cluster.asked, []);
  });

  it('lets EKS itself in as the user of the kubeconfig', async () => {
    const cluster = recordingCluster();
    assert.equal((await createNodeManagerDoor(cluster)(request)).status, 200);
    const [{ headers, signal } = { headers: {} }] = cluster.asked;
    assert.deepEqual(headers, { accept: 'application/json' });
    assert.ok(signal !== undefined, 'a request without an answer has an end');
  });

  for (const [title, door] of [
    ['a caller', createFrontDoor(unreachable, () => ({ username: 'role', groups: ['upgrade'] }))],
    ['EKS itself', createNodeManagerDoor(unreachable)],
  ] as const)
    it(`tells ${title} when there is nobody behind it`, async () => {
      const { status, body } = await door(request);
      assert.equal(status, 503);
      assert.match(String(body), /ECONNREFUSED/);
    });
});
