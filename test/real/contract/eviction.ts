import assert from 'node:assert/strict';
import { parsed } from '../../../clients/kubernetes/api.ts';
import { toEvictionOutcome } from '../../../clients/kubernetes/eviction.ts';
import type { Answer } from './api-server.ts';
import type { Behaviour, Chapter } from './behaviour.ts';
import {
  budgetBecomes,
  budgetNow,
  conditionOf,
  createBudget,
  daemonSetObject,
  endPod,
  evict,
  isReady,
  makeUnready,
  NOWHERE,
  pinnedPods,
  podNow,
  podObject,
  podPath,
  podsOf,
  readyPods,
  settledBudget,
} from './objects.ts';
import { MERGE, type World } from './world.ts';

const ACCEPTED = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 };

const blockingPods = (why: string) => ({
  kind: 'Status',
  apiVersion: 'v1',
  metadata: {},
  status: 'Failure',
  message: "Cannot evict pod as it would violate the pod's disruption budget.",
  reason: 'TooManyRequests',
  details: { causes: [{ reason: 'DisruptionBudget', message: why }] },
  code: 429,
});

const needs = (desired: number, current: number, name = 'pdb') =>
  `The disruption budget ${name} needs ${desired} healthy pods and has ${current} currently`;

/** What our client takes an answer for. */
const outcomeOf = ({ status, json, headers }: Answer) =>
  toEvictionOutcome({
    status,
    body: typeof json === 'string' ? parsed(json) : json,
    ...(headers['retry-after'] === undefined ? {} : { retryAfterSeconds: Number(headers['retry-after']) }),
  });
const later = (retryAfterSeconds: number) => ({ status: 'later', retryAfterSeconds });

/** Put off, in words that are the server's own. */
function isDeferred(answer: Answer, expected: object, why?: string): void {
  const { message: _, ...outcome } = outcomeOf(answer) as { message?: string };
  assert.deepEqual(outcome, expected, why);
}

function isAccepted(answer: Answer): void {
  const { status, json } = answer;
  assert.equal(status, 201, JSON.stringify(json));
  assert.deepEqual(json, ACCEPTED);
  assert.deepEqual(outcomeOf(answer), { status: 'evicted' });
}

function isBlocked(answer: Answer, why: string): void {
  const { status, json, headers } = answer;
  assert.equal(status, 429, JSON.stringify(json));
  assert.deepEqual(json, blockingPods(why));
  assert.equal(headers['retry-after'], undefined);
  assert.equal(outcomeOf(answer)?.status, 'blocked');
}

function isConflict({ status, json }: Answer, message: string): void {
  assert.equal(status, 409);
  assert.equal(json.reason, 'Conflict');
  assert.equal(json.message, message);
}

/** Ask for an eviction with the workflow's token. */
const evictAsWorkflow = (world: World, name: string) =>
  world.ask('POST', `${podPath(world, name)}/eviction`, {
    token: world.server.workflow.token,
    body: { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace: world.namespace } },
  });

const DRY = { dryRun: ['All'] };

/**
 * Ask for a dry-run eviction while a budget has a status that its controller would not leave it: again and again, as the
 * controller may be quicker.
 */
const evictUnder = (world: World, status: object, name: string): Promise<Answer> =>
  world.server.waitFor(`an eviction under ${JSON.stringify(status).slice(0, 60)}`, async () => {
    const target = `${world.path('policy/v1', 'poddisruptionbudgets', 'pdb')}/status`;
    const written = world.ask('PATCH', target, { body: { status }, type: MERGE });
    const attempts = Array.from({ length: 8 }, (_, index) =>
      index < 4 ? evict(world, name, DRY) : written.then(() => evict(world, name, DRY)),
    );
    const answers = await Promise.all(attempts);
    return answers.find((answer) => answer.status !== 201);
  });

const isGone = (world: World, name: string) =>
  world.server.waitFor(`${name} gone`, async () => (await podNow(world, name)) === undefined);

const isUntouched = async (world: World, name: string) =>
  assert.equal((await podNow(world, name)).metadata.deletionTimestamp, undefined);

/** A node with this many ready pods, and a budget that has counted them. */
async function budgeted(world: World, pods: number, spec: object, shape?: Parameters<typeof readyPods>[2]) {
  await world.node();
  await readyPods(world, pods, shape);
  return settledBudget(world, spec, { currentHealthy: pods });
}

const behaviours: readonly Behaviour[] = [
  [
    'evicts a pod that no budget covers: 201 and a Status Success',
    async (world) => {
      await world.node();
      await readyPods(world, 1);
      isAccepted(await evict(world, 'web-0'));
      await isGone(world, 'web-0');
    },
  ],
  [
    'evicts within the budget, takes one disruption from it, and no longer counts the pod',
    async (world) => {
      await pinnedPods(world, 3);
      await settledBudget(world, { minAvailable: 2 }, { disruptionsAllowed: 1 });
      isAccepted(await evict(world, 'web-0'));
      await budgetBecomes(world, { disruptionsAllowed: 0, currentHealthy: 2 });
      isBlocked(await evict(world, 'web-1'), needs(2, 2));
    },
  ],
  [
    'sets the grace period, the deadline and the condition DisruptionTarget on the pod',
    async (world) => {
      await pinnedPods(world, 1, { terminationGracePeriodSeconds: 40 });
      isAccepted(await evict(world, 'web-0'));
      const pod = await podNow(world, 'web-0');
      assert.ok(pod.metadata.deletionTimestamp);
      assert.equal(pod.metadata.deletionGracePeriodSeconds, 40);
      const { lastTransitionTime, ...condition } = conditionOf(pod, 'DisruptionTarget');
      assert.ok(lastTransitionTime);
      assert.partialDeepStrictEqual(condition, {
        type: 'DisruptionTarget',
        status: 'True',
        reason: 'EvictionByEvictionAPI',
        message: 'Eviction API: evicting',
      });
    },
  ],
  [
    'gives the pod the grace period of the request',
    async (world) => {
      await pinnedPods(world, 1);
      isAccepted(await evict(world, 'web-0', { gracePeriodSeconds: 7 }));
      assert.equal((await podNow(world, 'web-0')).metadata.deletionGracePeriodSeconds, 7);
    },
  ],
  [
    'blocks a pod whose budget allows nothing: 429 with the budget and its counts as cause, and no Retry-After',
    async (world) => {
      await budgeted(world, 2, { minAvailable: 2 });
      isBlocked(await evict(world, 'web-0'), needs(2, 2));
      await isUntouched(world, 'web-0');
    },
  ],
  [
    'blocks a pod whose budget failed to sync, and says why: DaemonSets have no scale subresource',
    async (world) => {
      await world.node();
      await world.must('POST', world.path('apps/v1', 'daemonsets'), daemonSetObject(world));
      const pod = await world.server.waitFor('a ready pod', async () => (await podsOf(world)).find(isReady));
      await createBudget(world, { maxUnavailable: 1 });
      const why = 'daemonsets.apps does not implement the scale subresource';
      await world.server.waitFor('failed sync', async () => {
        const condition = conditionOf(await budgetNow(world), 'DisruptionAllowed');
        return condition?.reason === 'SyncFailed' && condition.message === why;
      });
      const { status, json } = await evict(world, pod.metadata.name);
      assert.equal(status, 429);
      assert.equal(json.details.causes?.[0].reason, 'DisruptionBudget');
    },
  ],
  [
    'asks for a retry in 10 s while the controller has not observed the present budget',
    async (world) => {
      await budgeted(world, 2, { minAvailable: 1 });
      const answer = await evictUnder(world, { observedGeneration: 0 }, 'web-0');
      const { status, headers, json } = answer;
      isDeferred(answer, later(10));
      assert.deepEqual([status, json.reason, headers['retry-after']], [429, 'TooManyRequests', '10']);
      assert.equal(json.details.retryAfterSeconds, 10);
      assert.deepEqual(json.details.causes, [
        { reason: 'DisruptionBudget', message: 'The disruption budget pdb is still being processed by the server.' },
      ]);
    },
  ],
  [
    'refuses with 403 when too many evictions are not confirmed yet',
    async (world) => {
      await budgeted(world, 2, { minAvailable: 1 });
      const disruptedPods = Object.fromEntries(
        Array.from({ length: 2001 }, (_, index) => [`gone-${index}`, '2020-01-01T00:00:00Z']),
      );
      const answer = await evictUnder(world, { disruptedPods }, 'web-0');
      const { status, json } = answer;
      isDeferred(answer, later(5));
      assert.deepEqual([status, json.reason], [403, 'Forbidden']);
      assert.match(json.message, /DisruptedPods map too big - too many evictions not confirmed by PDB controller$/);
    },
  ],
  [
    'refuses all requests with 429 in plain text, and asks for a retry in 1 s, when its queues are full',
    async (world) => {
      await budgeted(world, 2, { minAvailable: 1 });
      const answer = await world.server.whileOverloaded(world.namespace, () => evictAsWorkflow(world, 'web-0'));
      assert.equal(answer.status, 429, JSON.stringify(answer.json));
      assert.equal(answer.json, 'Too many requests, please try again later.\n');
      assert.partialDeepStrictEqual(answer.headers, {
        'content-type': 'text/plain; charset=utf-8',
        'cache-control': 'no-cache, private',
        'x-content-type-options': 'nosniff',
        'retry-after': '1',
      });
      isDeferred(answer, later(1), 'no budget blocks it');
      await isUntouched(world, 'web-0');
      isAccepted(await evictAsWorkflow(world, 'web-0'));
    },
  ],
  [
    'ends with 409 when others change the budget before each attempt to update it: a conflict of the budget, not of the pod',
    async (world) => {
      await pinnedPods(world, 2);
      await settledBudget(world, { minAvailable: 1 }, { disruptionsAllowed: 1 });
      const budget = { namespace: world.namespace, name: 'pdb' };
      const answer = await world.server.whileContended(budget, () => evict(world, 'web-0'));
      isConflict(
        answer,
        'Operation cannot be fulfilled on poddisruptionbudgets.policy "pdb": the object has been modified; please apply your changes to the latest version and try again',
      );
      isDeferred(answer, later(5));
      await isUntouched(world, 'web-0');
      isAccepted(await evict(world, 'web-0'));
    },
  ],
  [
    'refuses with 500 and no reason when two budgets cover the pod, even when both allow it',
    async (world) => {
      await budgeted(world, 2, { minAvailable: 1 });
      await settledBudget(world, { minAvailable: 0 }, { disruptionsAllowed: 2 }, 'second');
      const answer = await evict(world, 'web-0');
      const { status, json } = answer;
      assert.equal(status, 500);
      assert.equal(outcomeOf(answer)?.status, 'ambiguous');
      assert.deepEqual(json, {
        kind: 'Status',
        apiVersion: 'v1',
        metadata: {},
        status: 'Failure',
        message: 'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.',
        code: 500,
      });
      assert.equal((await budgetNow(world)).status.disruptionsAllowed, 1, 'nothing was taken');
      await isUntouched(world, 'web-0');
    },
  ],
  [
    'evicts a pending pod regardless of its budget, even under two budgets',
    async (world) => {
      await world.must('POST', world.path('v1', 'pods'), podObject(world, 'web-0', { nodeSelector: NOWHERE }));
      await settledBudget(world, { minAvailable: 1 }, { disruptionsAllowed: 0 });
      await settledBudget(world, { minAvailable: 1 }, { disruptionsAllowed: 0 }, 'second');
      isAccepted(await evict(world, 'web-0'));
      await isGone(world, 'web-0');
    },
  ],
  ...(['Succeeded', 'Failed'] as const).map(
    (phase): Behaviour => [
      `evicts a pod that has ${phase.toLowerCase()} regardless of its budget`,
      async (world) => {
        await budgeted(world, 2, { minAvailable: 2 });
        await endPod(world, 'web-0', phase);
        await budgetBecomes(world, { currentHealthy: 1 });
        isAccepted(await evict(world, 'web-0'));
        await isGone(world, 'web-0');
        isBlocked(await evict(world, 'web-1'), needs(2, 1));
      },
    ],
  ),
  [
    'accepts another eviction of a pod that is terminating, without using another disruption',
    async (world) => {
      await pinnedPods(world, 3);
      await settledBudget(world, { minAvailable: 1 }, { disruptionsAllowed: 2 });
      isAccepted(await evict(world, 'web-0'));
      await budgetBecomes(world, { disruptionsAllowed: 1 });
      const { deletionTimestamp } = (await podNow(world, 'web-0')).metadata;
      isAccepted(await evict(world, 'web-0'));
      assert.equal((await podNow(world, 'web-0')).metadata.deletionTimestamp, deletionTimestamp);
      assert.equal((await budgetNow(world)).status.disruptionsAllowed, 1);
    },
  ],
  [
    'evicts an unready pod without using a disruption while enough others are healthy',
    async (world) => {
      await budgeted(world, 3, { minAvailable: 2 });
      await makeUnready(world, 'web-0');
      await budgetBecomes(world, { currentHealthy: 2, disruptionsAllowed: 0 });
      isAccepted(await evict(world, 'web-0'));
      await isGone(world, 'web-0');
      isBlocked(await evict(world, 'web-1'), needs(2, 2));
    },
  ],
  [
    'blocks an unready pod when too few others are healthy (IfHealthyBudget)',
    async (world) => {
      await budgeted(world, 3, { minAvailable: 2 });
      await makeUnready(world, 'web-0');
      await makeUnready(world, 'web-1');
      await budgetBecomes(world, { currentHealthy: 1 });
      isBlocked(await evict(world, 'web-0'), needs(2, 1));
    },
  ],
  [
    'blocks an unready pod when every pod of the budget is unready: such a drain never ends by itself',
    async (world) => {
      await budgeted(world, 2, { minAvailable: 1 });
      for (const name of ['web-0', 'web-1']) await makeUnready(world, name);
      await budgetBecomes(world, { currentHealthy: 0 });
      isBlocked(await evict(world, 'web-0'), needs(1, 0));
    },
  ],
  [
    'blocks an unready pod of a budget that requires no healthy pod',
    async (world) => {
      await budgeted(world, 1, { minAvailable: 0 });
      await makeUnready(world, 'web-0');
      await budgetBecomes(world, { currentHealthy: 0, disruptionsAllowed: 0 });
      isBlocked(await evict(world, 'web-0'), needs(0, 0));
    },
  ],
  [
    'evicts an unready pod under AlwaysAllow however few are healthy, and blocks a ready one',
    async (world) => {
      await budgeted(world, 2, { minAvailable: 2, unhealthyPodEvictionPolicy: 'AlwaysAllow' });
      await makeUnready(world, 'web-0');
      await budgetBecomes(world, { currentHealthy: 1 });
      isBlocked(await evict(world, 'web-1'), needs(2, 1));
      isAccepted(await evict(world, 'web-0'));
      await isGone(world, 'web-0');
    },
  ],
  [
    'treats a budget with an empty selector as covering every pod of its namespace',
    async (world) => {
      await world.node();
      await readyPods(world, 1, { labels: { other: 'x' } });
      await settledBudget(world, { minAvailable: 1, selector: {} }, { currentHealthy: 1 });
      isBlocked(await evict(world, 'web-0'), needs(1, 1));
    },
  ],
  [
    'ignores a budget over other pods, and one without a selector',
    async (world) => {
      await world.node();
      await readyPods(world, 1, { labels: { app: 'db' } });
      await settledBudget(world, { minAvailable: 1 }, { disruptionsAllowed: 0 });
      await settledBudget(world, { minAvailable: 1, selector: null }, {}, 'second');
      isAccepted(await evict(world, 'web-0'));
    },
  ],
  [
    'refuses with 409 when the uid is that of an earlier pod of this name',
    async (world) => {
      await world.node();
      await readyPods(world, 1);
      const { uid } = (await podNow(world, 'web-0')).metadata;
      const answer = await evict(world, 'web-0', { preconditions: { uid: 'an-earlier-one' } });
      assert.deepEqual(outcomeOf(answer), { status: 'absent' });
      isConflict(
        answer,
        `Operation cannot be fulfilled on Pod "web-0": the UID in the precondition (an-earlier-one) does not match the UID in record (${uid}). The object might have been deleted and then recreated`,
      );
      await isUntouched(world, 'web-0');
      isAccepted(await evict(world, 'web-0', { preconditions: { uid } }));
    },
  ],
  [
    'refuses a pending pod with 409 as well when the uid is another',
    async (world) => {
      await world.must('POST', world.path('v1', 'pods'), podObject(world, 'web-0', { nodeSelector: NOWHERE }));
      const answer = await evict(world, 'web-0', { preconditions: { uid: 'an-earlier-one' } });
      assert.deepEqual([answer.status, answer.json.reason], [409, 'Conflict']);
      assert.deepEqual(outcomeOf(answer), { status: 'absent' });
      await isUntouched(world, 'web-0');
    },
  ],
  [
    'refuses with 409 when the resourceVersion is an old one',
    async (world) => {
      await world.node();
      await readyPods(world, 1);
      const { resourceVersion } = (await podNow(world, 'web-0')).metadata;
      const answer = await evict(world, 'web-0', { preconditions: { resourceVersion: '1' } });
      isDeferred(answer, later(5));
      isConflict(
        answer,
        `Operation cannot be fulfilled on Pod "web-0": the ResourceVersion in the precondition (1) does not match the ResourceVersion in record (${resourceVersion}). The object might have been modified`,
      );
    },
  ],
  ...(
    [
      ['in the body', { dryRun: ['All'] }, ''],
      ['in the query', undefined, '?dryRun=All'],
    ] as const
  ).map(
    ([where, options, query]): Behaviour => [
      `checks the budget and changes nothing with dryRun ${where}`,
      async (world) => {
        await budgeted(world, 2, { minAvailable: 1 });
        const before = await budgetNow(world);
        isAccepted(await evict(world, 'web-0', options, query));
        await isUntouched(world, 'web-0');
        assert.deepEqual(await budgetNow(world), before);
        await makeUnready(world, 'web-1');
        await budgetBecomes(world, { disruptionsAllowed: 0 });
        isBlocked(await evict(world, 'web-0', options, query), needs(1, 1));
      },
    ],
  ),
  [
    'answers 404 for an absent pod',
    async (world) => {
      const answer = await evict(world, 'web-0');
      const { status, json } = answer;
      assert.equal(status, 404);
      assert.deepEqual(outcomeOf(answer), { status: 'absent' });
      assert.deepEqual(json, {
        kind: 'Status',
        apiVersion: 'v1',
        metadata: {},
        status: 'Failure',
        message: 'pods "web-0" not found',
        reason: 'NotFound',
        details: { name: 'web-0', kind: 'pods' },
        code: 404,
      });
    },
  ],
  [
    'refuses an eviction whose body names another pod',
    async (world) => {
      const { status, json } = await world.ask('POST', `${podPath(world, 'web-0')}/eviction`, {
        body: { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: 'web-1', namespace: world.namespace } },
      });
      assert.equal(status, 400);
      assert.equal(json.reason, 'BadRequest');
      assert.equal(json.message, 'name in URL does not match name in Eviction object');
    },
  ],
  [
    'refuses an eviction of an API version that was removed',
    async (world) => {
      const { status, json } = await world.ask('POST', `${podPath(world, 'web-0')}/eviction`, {
        body: { apiVersion: 'policy/v2', kind: 'Eviction', metadata: { name: 'web-0' } },
      });
      assert.equal(status, 400);
      assert.equal(json.reason, 'BadRequest');
    },
  ],
  [
    'refuses with 403 and the cause NamespaceTerminating in a namespace that is being deleted',
    async (world) => {
      await pinnedPods(world, 1);
      await world.must('DELETE', `/api/v1/namespaces/${world.namespace}`);
      const answer = await evict(world, 'web-0');
      const { status, json } = answer;
      assert.equal(status, 403);
      assert.equal(json.reason, 'Forbidden');
      isDeferred(answer, later(5));
      assert.deepEqual(json.details.causes, [
        {
          reason: 'NamespaceTerminating',
          message: `namespace ${world.namespace} is being terminated`,
          field: 'metadata.namespace',
        },
      ]);
    },
  ],
];

export const eviction: Chapter = { title: 'eviction of a pod', behaviours };
