import assert from 'node:assert/strict';
import type { EvictionOutcome } from '../../../clients/ports.ts';
import type { Pod } from '../../../domain/types.ts';
import { type Answer, fakeCluster, statusOf } from './fake-kubernetes.ts';

const POD: Pod = {
  namespace: 'shop',
  name: 'checkout-1',
  uid: 'uid-1',
  phase: 'Running',
  isReady: true,
  isMirror: false,
  labels: {},
  tolerations: [],
  hasLocalStorage: false,
  volumeClaims: [],
  gracePeriodSeconds: 30,
  createdAt: '2026-01-01T00:00:00Z',
};

const SEVERAL = 'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.';
const VIOLATES = "Cannot evict pod as it would violate the pod's disruption budget.";
const NEEDS = 'The disruption budget checkout needs 3 healthy pods and has 3 currently';
const byBudget = (message: string) => ({ causes: [{ reason: 'DisruptionBudget', message }] });
const later = (retryAfterSeconds: number, message?: string): EvictionOutcome => ({
  status: 'later',
  retryAfterSeconds,
  ...(message !== undefined && { message }),
});
const refused = (message: string): EvictionOutcome => ({ status: 'refused', message });
const BY_WEBHOOK = 'admission webhook "batch.example.com" denied the request: it runs a batch';
const BY_POLICY =
  "pods \"checkout-1\" is forbidden: ValidatingAdmissionPolicy 'keep' with binding 'keep' denied request: keep it";
const NO_RIGHT = 'pods "checkout-1" is forbidden: User "u" cannot create resource "pods/eviction" in API group ""';
const DOING = 'create pods/eviction for shop/checkout-1';

describe('an eviction', () => {
  const outcomes: [title: string, answer: Answer, outcome: EvictionOutcome][] = [
    ['201', statusOf(201, ''), { status: 'evicted' }],
    ['200, as the documentation has it', statusOf(200, ''), { status: 'evicted' }],
    ['404', statusOf(404, 'pods "checkout-1" not found', { reason: 'NotFound' }), { status: 'absent' }],
    [
      '409 because of the uid',
      statusOf(409, 'Precondition failed: UID in precondition: uid-1, UID in object meta: uid-2', {
        reason: 'Conflict',
      }),
      { status: 'absent' },
    ],
    [
      '409 for another reason',
      statusOf(409, 'the object has been modified', { reason: 'Conflict' }),
      later(5, 'the object has been modified'),
    ],
    [
      '409 of a budget that others change, whatever its name',
      statusOf(409, 'Operation cannot be fulfilled on poddisruptionbudgets.policy "uid": the object has been modified'),
      later(5, 'Operation cannot be fulfilled on poddisruptionbudgets.policy "uid": the object has been modified'),
    ],
    [
      '409 of a pod that others change',
      statusOf(409, 'the ResourceVersion in the precondition (1) does not match the ResourceVersion in record (2)'),
      later(5, 'the ResourceVersion in the precondition (1) does not match the ResourceVersion in record (2)'),
    ],
    [
      '429 of a budget that allows none',
      statusOf(429, VIOLATES, { reason: 'TooManyRequests', details: byBudget(NEEDS) }),
      { status: 'blocked', message: `${VIOLATES} ${NEEDS}` },
    ],
    [
      '429 of a budget that is still being processed',
      statusOf(429, VIOLATES, { details: { ...byBudget('still being processed'), retryAfterSeconds: 10 } }),
      later(10, `${VIOLATES} still being processed`),
    ],
    [
      '429 with a Retry-After header',
      { ...statusOf(429, 'Too many requests'), headers: { 'retry-after': '2' } },
      later(2, 'Too many requests'),
    ],
    [
      '429 of priority and fairness',
      { status: 429, pieces: ['Too many requests, please try again later.'] },
      later(5, 'Too many requests, please try again later.'),
    ],
    ['500 because of several budgets', statusOf(500, SEVERAL), { status: 'ambiguous', message: SEVERAL }],
    [
      '200 around the refusal of several budgets, as some proxies do',
      { status: 200, object: statusOf(500, SEVERAL).object },
      { status: 'ambiguous', message: SEVERAL },
    ],
    [
      '201 around the refusal of a budget',
      { status: 201, object: statusOf(429, VIOLATES, { details: byBudget(NEEDS) }).object },
      { status: 'blocked', message: `${VIOLATES} ${NEEDS}` },
    ],
    ['500 that passes', statusOf(500, 'etcdserver: request timed out'), later(5, 'etcdserver: request timed out')],
    ['503', { status: 503, pieces: ['<html>'] }, later(5)],
    [
      '504',
      statusOf(504, 'Timeout: request did not complete', { reason: 'Timeout' }),
      later(5, 'Timeout: request did not complete'),
    ],
    [
      '403 because its namespace is being deleted',
      statusOf(403, 'namespace shop is being terminated', {
        reason: 'Forbidden',
        details: { causes: [{ reason: 'NamespaceTerminating', message: '' }] },
      }),
      later(5, 'namespace shop is being terminated'),
    ],
    [
      '403 because too many evictions await a budget',
      statusOf(403, 'DisruptedPods map too big', { details: { kind: 'poddisruptionbudgets' } }),
      later(5, 'DisruptedPods map too big'),
    ],
    ...[400, 401, 403, 404, 405, 409, 422, 429, 500].map((code): [string, Answer, EvictionOutcome] => [
      `#24 ${code} of a webhook`,
      statusOf(code, BY_WEBHOOK),
      refused(BY_WEBHOOK),
    ]),
    ...[401, 403, 413, 422].map((code): [string, Answer, EvictionOutcome] => [
      `#69 ${code} of a policy`,
      statusOf(code, BY_POLICY, { details: { causes: [{ message: BY_POLICY.replace(/^.*?: /, '') }] } }),
      refused(BY_POLICY),
    ]),
    ['#24 any other 403', statusOf(403, 'no', { reason: 'Forbidden' }), refused('no')],
    ['#24 405', statusOf(405, 'no', { reason: 'MethodNotAllowed' }), refused('no')],
    ['#24 422', statusOf(422, 'invalid', { reason: 'Invalid' }), refused('invalid')],
    ['#24 400 without a word', { status: 400, object: {} }, refused('HTTP 400')],
    ['#70 403 of a right that RBAC has not read yet', statusOf(403, NO_RIGHT), later(5, NO_RIGHT)],
    ['#25 401 of a token', statusOf(401, 'Unauthorized', { reason: 'Unauthorized' }), later(5, 'Unauthorized')],
    [
      '#69 500 of a webhook that hangs',
      statusOf(500, 'Internal error occurred: failed calling webhook "x": context deadline exceeded'),
      later(5, 'Internal error occurred: failed calling webhook "x": context deadline exceeded'),
    ],
    [
      '#30 a broken connection',
      Object.assign(new Error('reset'), { code: 'ECONNRESET' }),
      later(5, `${DOING} failed for now: reset (ECONNRESET)`),
    ],
    [
      'an answer that is none',
      { pieces: ['<html>'] },
      later(5, `${DOING} failed for now: what answered is no complete Status`),
    ],
  ];
  for (const [title, answer, outcome] of outcomes) {
    it(`is ${outcome.status} on ${title}`, async () => {
      const { cluster } = fakeCluster(answer);
      assert.deepEqual(await cluster.evict(POD), outcome);
    });
  }

  it('waits longer than the thirty seconds that a webhook may take', async () => {
    const { cluster, asked } = fakeCluster(statusOf(201, ''));
    await cluster.evict(POD);
    assert.equal(asked[0]?.timeoutSeconds, 34);
  });

  it('has the uid of the pod as precondition, so that a new pod of the same name stays', async () => {
    const { cluster, asked } = fakeCluster(statusOf(201, ''));
    await cluster.evict(POD);
    assert.equal(asked[0]?.method, 'POST');
    assert.equal(asked[0]?.path, '/api/v1/namespaces/shop/pods/checkout-1/eviction');
    assert.deepEqual(asked[0]?.object, {
      apiVersion: 'policy/v1',
      kind: 'Eviction',
      metadata: { name: 'checkout-1', namespace: 'shop' },
      deleteOptions: { preconditions: { uid: 'uid-1' } },
    });
  });

  it('can be replaced by a deletion, which keeps the grace period and does not delete a new pod of the same name', async () => {
    const { cluster, asked } = fakeCluster({ object: {} }, statusOf(409, 'uid'), statusOf(404, 'gone'));
    assert.equal(await cluster.deletePod(POD), 'deleted');
    assert.equal(await cluster.deletePod(POD), 'absent');
    assert.equal(await cluster.deletePod(POD), 'absent');
    assert.equal(asked[0]?.method, 'DELETE');
    assert.deepEqual(asked[0]?.object, { apiVersion: 'v1', kind: 'DeleteOptions', preconditions: { uid: 'uid-1' } });
  });
});
