import assert from 'node:assert/strict';
import { type Answer, addBudget, addPod, createTestApi, type TestApi } from './fixture.ts';

const TARGET = '/api/v1/namespaces/default/pods/web-0/eviction';
const WOULD_VIOLATE = "Cannot evict pod as it would violate the pod's disruption budget.";

const evict = (api: TestApi, deleteOptions?: object, target = TARGET): Promise<Answer> =>
  api.call('POST', target, {
    body: {
      apiVersion: 'policy/v1',
      kind: 'Eviction',
      metadata: { name: 'web-0', namespace: 'default' },
      deleteOptions,
    },
  });

const pod = (api: TestApi) => api.store.get('pods', 'default', 'web-0');
const budget = (api: TestApi, name = 'pdb') => api.store.get('poddisruptionbudgets', 'default', name);

interface Row {
  readonly pod?: Record<string, unknown>;
  readonly budgets?: readonly { name?: string; status?: object; spec?: object }[];
  readonly options?: object;
  readonly code: number;
  readonly reason?: string | undefined;
  readonly message?: string | RegExp;
  readonly cause?: string;
  readonly retryAfterSeconds?: number;
  /** Allowance of the first budget afterwards. */
  readonly allowed?: number;
}

const held = { code: 429, reason: 'TooManyRequests', message: WOULD_VIOLATE };
const noAllowance = { disruptionsAllowed: 0, currentHealthy: 2 };

const ROWS: readonly [title: string, Row][] = [
  ['evicts a pod that no budget covers', { code: 201 }],
  ['evicts a pod within its budget and takes one disruption from it', { budgets: [{}], code: 201, allowed: 0 }],
  [
    'holds a pod whose budget allows nothing, naming the budget and its counts',
    {
      ...held,
      budgets: [{ status: noAllowance }],
      cause: 'The disruption budget pdb needs 2 healthy pods and has 2 currently',
      allowed: 0,
    },
  ],
  [
    'says that a budget failed to sync rather than quote counts it cannot trust',
    {
      ...held,
      budgets: [
        {
          status: {
            ...noAllowance,
            conditions: [
              { type: 'DisruptionAllowed', status: 'False', reason: 'SyncFailed', message: 'found no controller' },
            ],
          },
        },
      ],
      cause:
        'The disruption budget pdb does not allow evicting pods currently because it failed sync: found no controller',
    },
  ],
  [
    'gives the condition of a budget that is healthy enough and allows nothing all the same',
    {
      ...held,
      budgets: [
        {
          status: {
            disruptionsAllowed: 0,
            conditions: [{ type: 'DisruptionAllowed', status: 'False', reason: 'InsufficientPods', message: 'wait' }],
          },
        },
      ],
      cause: 'The disruption budget pdb does not allow evicting pods currently (InsufficientPods): wait',
    },
  ],
  [
    'asks to come back in 10 seconds while the budget has not been observed',
    {
      ...held,
      budgets: [{ status: { observedGeneration: 0 } }],
      cause: 'The disruption budget pdb is still being processed by the server.',
      retryAfterSeconds: 10,
      allowed: 1,
    },
  ],
  [
    'refuses with 500 and no reason when two budgets cover the pod, even if both would allow it',
    {
      budgets: [{}, { name: 'pdb-2' }],
      code: 500,
      reason: undefined,
      message: 'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.',
      allowed: 1,
    },
  ],
  [
    'refuses with 403 when more than 2,000 evictions await the budget controller',
    {
      budgets: [
        {
          status: { disruptedPods: Object.fromEntries(Array.from({ length: 2001 }, (_, index) => [`p${index}`, 'x'])) },
        },
      ],
      code: 403,
      reason: 'Forbidden',
      message: /DisruptedPods map too big - too many evictions not confirmed by PDB controller$/,
    },
  ],
  [
    'lets a pending pod go whatever its budget says',
    { pod: { phase: 'Pending' }, budgets: [{ status: noAllowance }], code: 201 },
  ],
  [
    'lets a succeeded pod go whatever its budget says',
    { pod: { phase: 'Succeeded' }, budgets: [{ status: noAllowance }], code: 201 },
  ],
  [
    'lets a failed pod go, even under two budgets',
    { pod: { phase: 'Failed' }, budgets: [{}, { name: 'b' }], code: 201, allowed: 1 },
  ],
  [
    'accepts a second eviction of a pod that is terminating',
    {
      pod: { deletionTimestamp: '2026-01-04T03:00:30Z', deletionGracePeriodSeconds: 30 },
      budgets: [{ status: noAllowance }],
      code: 201,
    },
  ],
  [
    'lets an unready pod go uncounted while enough others are healthy',
    {
      pod: { isReady: false },
      budgets: [{ status: { disruptionsAllowed: 0, currentHealthy: 2 } }],
      code: 201,
      allowed: 0,
    },
  ],
  [
    'holds an unready pod when too few others are healthy (IfHealthyBudget)',
    { ...held, pod: { isReady: false }, budgets: [{ status: { disruptionsAllowed: 0, currentHealthy: 1 } }] },
  ],
  [
    'holds an unready pod when the budget wants nobody healthy',
    {
      ...held,
      pod: { isReady: false },
      budgets: [{ status: { disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 0 } }],
    },
  ],
  [
    'lets an unready pod go under AlwaysAllow however few are healthy',
    {
      pod: { isReady: false },
      budgets: [
        { status: { disruptionsAllowed: 0, currentHealthy: 0 }, spec: { unhealthyPodEvictionPolicy: 'AlwaysAllow' } },
      ],
      code: 201,
      allowed: 0,
    },
  ],
  [
    'holds a ready pod under AlwaysAllow like under any other policy',
    { ...held, budgets: [{ status: noAllowance, spec: { unhealthyPodEvictionPolicy: 'AlwaysAllow' } }] },
  ],
  [
    'counts a budget with an empty selector as covering every pod of its namespace',
    { ...held, pod: { labels: { other: 'x' } }, budgets: [{ status: noAllowance, spec: { selector: {} } }] },
  ],
  [
    'ignores a budget over other pods',
    { pod: { labels: { app: 'db' } }, budgets: [{ status: noAllowance }], code: 201 },
  ],
  [
    'refuses with 409 when the uid is that of an earlier pod of this name',
    {
      options: { preconditions: { uid: 'another' } },
      code: 409,
      reason: 'Conflict',
      message:
        /^Operation cannot be fulfilled on Pod "web-0": the UID in the precondition \(another\) does not match the UID in record/,
    },
  ],
  [
    'refuses with 409 when the resourceVersion is an old one',
    {
      options: { preconditions: { resourceVersion: '1' } },
      code: 409,
      reason: 'Conflict',
      message: /the ResourceVersion in the precondition \(1\) does not match the ResourceVersion in record/,
    },
  ],
];

describe('eviction of a pod', () => {
  for (const [title, row] of ROWS)
    it(title, async () => {
      const api = createTestApi();
      addPod(api, 'web-0', row.pod);
      for (const { name = 'pdb', status, spec } of row.budgets ?? []) addBudget(api, name, status, spec);
      const { status, body, headers } = await evict(api, row.options);
      assert.equal(status, row.code);
      assert.equal(body.code, row.code);
      assert.equal(body.status, row.code === 201 ? 'Success' : 'Failure');
      assert.equal(body.reason, row.reason);
      if (row.message instanceof RegExp) assert.match(body.message, row.message);
      else assert.equal(body.message, row.message);
      if (row.cause !== undefined)
        assert.deepEqual(body.details.causes, [{ reason: 'DisruptionBudget', message: row.cause }]);
      assert.equal(body.details?.retryAfterSeconds, row.retryAfterSeconds);
      assert.equal(headers['retry-after'], row.retryAfterSeconds?.toString());
      if (row.allowed !== undefined) assert.equal(budget(api)?.status?.disruptionsAllowed, row.allowed);
      const isGoing = pod(api) === undefined || pod(api)?.metadata.deletionTimestamp !== undefined;
      assert.equal(isGoing, row.code === 201);
    });

  it('marks the pod with its deadline and the reason, and notes it in the budget', async () => {
    const api = createTestApi();
    addPod(api, 'web-0');
    addBudget(api, 'pdb');
    await evict(api);
    assert.equal(pod(api)?.metadata.deletionTimestamp, '2026-01-04T03:00:30Z');
    assert.equal(pod(api)?.metadata.deletionGracePeriodSeconds, 30);
    assert.partialDeepStrictEqual(pod(api)?.status?.conditions?.at(-1), {
      type: 'DisruptionTarget',
      status: 'True',
      reason: 'EvictionByEvictionAPI',
      message: 'Eviction API: evicting',
    });
    assert.deepEqual(budget(api)?.status?.disruptedPods, { 'web-0': '2026-01-04T03:00:00Z' });
  });

  it('gives the pod the grace period the caller asks for', async () => {
    const api = createTestApi();
    addPod(api, 'web-0');
    await evict(api, { gracePeriodSeconds: 5 });
    assert.equal(pod(api)?.metadata.deletionTimestamp, '2026-01-04T03:00:05Z');
  });

  for (const [title, target, options] of [
    ['in the body', TARGET, { dryRun: ['All'] }],
    ['in the query', `${TARGET}?dryRun=All`, undefined],
  ] as const)
    it(`checks the budget and changes nothing with dryRun ${title}`, async () => {
      const api = createTestApi();
      addPod(api, 'web-0');
      addBudget(api, 'pdb');
      const before = api.store.resourceVersion();
      assert.equal((await evict(api, options, target)).status, 201);
      assert.equal(api.store.resourceVersion(), before);
      api.store.change('poddisruptionbudgets', 'default', 'pdb', (object) => ({
        ...object,
        status: { ...object.status, disruptionsAllowed: 0 },
      }));
      assert.equal((await evict(api, options, target)).status, 429);
    });

  it('refuses an eviction whose body names another pod', async () => {
    const api = createTestApi();
    addPod(api, 'web-0');
    const { status, body } = await api.call('POST', TARGET, { body: { metadata: { name: 'web-1' } } });
    assert.equal(status, 400);
    assert.equal(body.message, 'name in URL does not match name in Eviction object');
  });

  it('says that an absent pod is not found', async () => {
    const { status, body } = await evict(createTestApi());
    assert.equal(status, 404);
    assert.equal(body.message, 'pods "web-0" not found');
  });
});
