import assert from 'node:assert/strict';
import type { Answer, EvictionWebhook } from './api-server.ts';
import type { Behaviour, Chapter } from './behaviour.ts';
import { evict, pinnedPods, podNow, settledBudget } from './objects.ts';
import type { World } from './world.ts';

const DRY = { dryRun: ['All'] };
const NAME = 'drain.contract.example';
const DENIED_BY = `admission webhook "${NAME}" denied the request`;

/** Evict `web-0` under a webhook; the cluster works until the answer is there, which may take its time. */
async function evictUnder(world: World, webhook: Omit<EvictionWebhook, 'name'>, deleteOptions?: object) {
  await pinnedPods(world, 1);
  return world.server.whileWebhook(world.namespace, { name: NAME, ...webhook }, async () => {
    let answer: Answer | undefined;
    const asked = evict(world, 'web-0', deleteOptions).then((given) => {
      answer = given;
    });
    await world.server.waitFor('the answer', async () => answer);
    await asked;
    return answer as unknown as Answer;
  });
}

const denied = (
  title: string,
  given: Omit<EvictionWebhook, 'name' | 'answer'>,
  expected: { readonly code: number; readonly message: string; readonly reason?: string },
): Behaviour => [
  title,
  async (world) => {
    for (const options of [undefined, DRY]) {
      const { status, json, headers } = await evictUnder(world, { answer: 'denies', ...given }, options);
      assert.deepEqual(json, { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', ...expected });
      assert.equal(status, expected.code);
      assert.equal(headers['retry-after'], undefined);
      await world.must('DELETE', `${world.path('v1', 'pods', 'web-0')}?gracePeriodSeconds=0`);
    }
  },
];

const isCallFailure = ({ status, json }: Answer, why: RegExp) => {
  assert.equal(status, 500, JSON.stringify(json));
  assert.equal(json.reason, 'InternalError');
  assert.match(
    json.message,
    /^Internal error occurred: failed calling webhook "drain\.contract\.example": failed to call webhook: Post "https:/,
  );
  assert.match(json.message, why);
  assert.deepEqual(json.details, { causes: [{ message: json.message.replace('Internal error occurred: ', '') }] });
};

const policyRefuses = (reason: string | undefined, code: number): Behaviour => [
  `refuses with ${code} when a policy does${reason === undefined ? '' : ` for the reason ${reason}`}, in a dry run too`,
  async (world) => {
    await pinnedPods(world, 1);
    const policy = { message: 'these pods stay', ...(reason === undefined ? {} : { reason }) };
    await world.server.whilePolicy(world.namespace, policy, async () => {
      for (const options of [undefined, DRY]) {
        const { status, json } = await evict(world, 'web-0', options);
        const { namespace } = world;
        const why = `ValidatingAdmissionPolicy '${namespace}' with binding '${namespace}' denied request: these pods stay`;
        assert.equal(status, code);
        assert.deepEqual(json, {
          kind: 'Status',
          apiVersion: 'v1',
          metadata: {},
          status: 'Failure',
          message: `pods "web-0" is forbidden: ${why}`,
          reason: reason ?? 'Invalid',
          details: { name: 'web-0', kind: 'pods', causes: [{ message: why }] },
          code,
        });
      }
    });
    assert.equal((await podNow(world, 'web-0')).metadata.deletionTimestamp, undefined);
  },
];

const behaviours: readonly Behaviour[] = [
  denied(
    'refuses with 400 and no reason when a webhook gives no code',
    { message: 'not now' },
    {
      message: `${DENIED_BY}: not now`,
      code: 400,
    },
  ),
  denied(
    'refuses with the code that a webhook gives, without causes',
    { code: 403, message: 'not now' },
    {
      message: `${DENIED_BY}: not now`,
      code: 403,
    },
  ),
  denied(
    'refuses with the code and reason that a webhook gives, and no time to wait',
    { code: 429, reason: 'TooManyRequests', message: 'not now' },
    { message: `${DENIED_BY}: not now`, reason: 'TooManyRequests', code: 429 },
  ),
  denied(
    'gives the reason for words when a webhook has none',
    { code: 403, reason: 'Forbidden' },
    {
      message: `${DENIED_BY}: Forbidden`,
      reason: 'Forbidden',
      code: 403,
    },
  ),
  denied('says so when a webhook gives no explanation', {}, { message: `${DENIED_BY} without explanation`, code: 400 }),
  [
    'fails with 500 when nobody listens behind a webhook',
    async (world) => isCallFailure(await evictUnder(world, { answer: 'fails' }), /connect: connection refused$/),
  ],
  [
    'fails with 500 when a webhook gives no answer in time',
    async (world) =>
      isCallFailure(
        await evictUnder(world, { answer: 'hangs', timeoutSeconds: 1 }),
        /\?timeout=1s": context deadline exceeded$/,
      ),
  ],
  [
    'asks webhooks before budgets',
    async (world) => {
      await settledBudget(world, { minAvailable: 1 });
      const { status } = await evictUnder(world, { answer: 'denies', code: 403 });
      assert.equal(status, 403);
    },
  ],
  policyRefuses(undefined, 422),
  policyRefuses('Forbidden', 403),
  policyRefuses('RequestEntityTooLarge', 413),
];

export const admission: Chapter = { title: 'admission of an eviction', behaviours };
