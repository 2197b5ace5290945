import assert from 'node:assert/strict';
import {
  type ClusterAccess,
  createClusterAccess,
  type KubernetesPod,
} from '../../../aws/eks/simulation/cluster-access.ts';
import { UpdateFailure } from '../../../aws/eks/state/update.ts';
import type { SandboxRequest } from '../../../server/http.ts';
import { createVirtualClock } from '../../../world/virtual-clock.ts';

type Answer = { status: number; body?: unknown } | 'lost';

const RBAC =
  'pods is forbidden: User "eks:node-manager" cannot list resource "pods" in API group "" at the cluster scope';
const ok = (body: unknown) => ({ status: 200, body });
const held = { status: 429, body: { message: 'held', details: { causes: [{ reason: 'DisruptionBudget' }] } } };
const busy = { status: 429, body: { message: 'too many requests' } };
const broken = { status: 500, body: { message: 'etcd has no leader' } };
const severalBudgets = {
  status: 500,
  body: { message: 'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.' },
};
const inDeletion = {
  status: 403,
  body: { message: 'it is being terminated', details: { causes: [{ reason: 'NamespaceTerminating' }] } },
};
const denied = { status: 403, body: { message: RBAC } };

const pod: KubernetesPod = { metadata: { name: 'web-1', namespace: 'shop', uid: 'u1' } };

/** What comes of work on an API server that answers with these, one after the other; the last one for ever. */
async function outcomeOf(answers: readonly Answer[], work: (access: ClusterAccess) => Promise<unknown>) {
  const clock = createVirtualClock(0);
  const asked: SandboxRequest[] = [];
  const access = createClusterAccess(async (request) => {
    const answer = answers[Math.min(asked.length, answers.length - 1)];
    asked.push(request);
    if (answer === undefined || answer === 'lost') throw new Error('socket hang up');
    return { status: answer.status, headers: {}, body: JSON.stringify(answer.body ?? {}) };
  }, clock);
  let ended: unknown;
  const done = clock
    .run(() => work(access))
    .catch((thrown: unknown) => (thrown instanceof UpdateFailure ? thrown.error.errorCode : String(thrown)))
    .then((result) => {
      ended = result ?? 'done';
    });
  await clock.runUntil(() => ended !== undefined);
  await done;
  return { ended, asked, seconds: clock.now() / 1000 };
}

describe("EKS's access to a cluster", () => {
  const requests: [string, (access: ClusterAccess) => Promise<unknown>, readonly Answer[], string, number][] = [
    ['leaves a pod that its budget holds', (access) => access.evict(pod), [held], 'done', 1],
    ['leaves a pod of several budgets', (access) => access.evict(pod), [severalBudgets], 'done', 1],
    ['leaves a pod in a namespace that is being deleted', (access) => access.evict(pod), [inDeletion], 'done', 1],
    ['takes a pod that is gone for evicted', (access) => access.evict(pod), [{ status: 404 }], 'done', 1],
    ['tries again when the API server is busy', (access) => access.evict(pod), [busy, { status: 201 }], 'done', 2],
    [
      'tries again when the API server fails',
      (access) => access.evict(pod),
      [broken, 'lost', { status: 201 }],
      'done',
      3,
    ],
    ['gives up after half a minute', (access) => access.evict(pod), [broken], 'ClusterUnreachable', 6],
    ['gives up without any answer', (access) => access.podsOn('node'), ['lost'], 'ClusterUnreachable', 6],
    ['is denied by RBAC', (access) => access.podsOn('node'), [denied], 'AccessDenied', 1],
    ['is denied without valid credentials', (access) => access.podsOn('node'), [{ status: 401 }], 'AccessDenied', 1],
    ['does not understand an answer that is no list', (access) => access.podsOn('node'), [ok({})], 'Unknown', 1],
  ];
  for (const [title, work, answers, expected, count] of requests)
    it(title, async () => {
      const { ended, asked } = await outcomeOf(answers, work);
      assert.deepEqual([ended, asked.length], [expected, count]);
    });

  it('asks the Eviction API for that very pod', async () => {
    const { asked } = await outcomeOf([{ status: 201 }], (access) => access.evict(pod));
    assert.equal(asked[0]?.path, '/api/v1/namespaces/shop/pods/web-1/eviction');
    assert.deepEqual(JSON.parse(asked[0]?.body ?? ''), {
      apiVersion: 'policy/v1',
      kind: 'Eviction',
      metadata: { name: 'web-1', namespace: 'shop' },
      deleteOptions: { preconditions: { uid: 'u1' } },
    });
  });

  it('reads a list over its pages, and from the start again when a page has expired', async () => {
    const answers = [
      ok({ metadata: { continue: 'more' }, items: [{ id: 1 }] }),
      { status: 410 },
      ok({ metadata: { continue: 'more' }, items: [{ id: 1 }] }),
      ok({ metadata: {}, items: [{ id: 2 }] }),
    ];
    const { ended, asked } = await outcomeOf(answers, (access) => access.nodesOf('workers'));
    assert.deepEqual(ended, [{ id: 1 }, { id: 2 }]);
    assert.deepEqual(
      asked.map(({ query }) => query.get('continue')),
      [null, 'more', null, 'more'],
    );
    assert.equal(asked[0]?.query.get('labelSelector'), 'eks.amazonaws.com/nodegroup=workers');
  });

  it('reads a node again when somebody else has changed it meanwhile', async () => {
    const node = (resourceVersion: string) => ok({ metadata: { name: 'n', resourceVersion } });
    const { asked } = await outcomeOf([node('1'), { status: 409 }, node('2'), ok({})], (access) =>
      access.changeNode('n', () => ({ metadata: { labels: { a: 'b' } }, spec: { unschedulable: true } })),
    );
    assert.deepEqual(
      asked.filter(({ method }) => method === 'PATCH').map(({ body }) => JSON.parse(body)),
      ['1', '2'].map((resourceVersion) => ({
        metadata: { resourceVersion, labels: { a: 'b' } },
        spec: { unschedulable: true },
      })),
    );
  });

  it('changes no node that is gone', async () => {
    const { asked } = await outcomeOf([{ status: 404 }], (access) => access.changeNode('n', () => ({})));
    assert.deepEqual(
      asked.map(({ method }) => method),
      ['GET'],
    );
  });
});
