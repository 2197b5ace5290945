import assert from 'node:assert/strict';
import type { Behaviour, Chapter } from './behaviour.ts';
import {
  budgetBecomes,
  budgetNow,
  conditionOf,
  createBudget,
  evict,
  isReady,
  makeUnready,
  NOWHERE,
  pinnedPods,
  podSpec,
  podsOf,
  readyDeployment,
  settledBudget,
} from './objects.ts';
import { MERGE, type World } from './world.ts';

/** The counts of a budget, without what has a time in it. */
// biome-ignore lint/suspicious/noExplicitAny: objects as they come
const countsOf = ({ status }: any) => {
  const { expectedPods, currentHealthy, desiredHealthy, disruptionsAllowed } = status;
  return { expectedPods, currentHealthy, desiredHealthy, disruptionsAllowed };
};

const counted = (title: string, replicas: number, spec: object, desiredHealthy: number): Behaviour => [
  title,
  async (world) => {
    await world.node();
    await readyDeployment(world, 'web', replicas);
    const budget = await settledBudget(world, spec, { currentHealthy: replicas });
    const disruptionsAllowed = replicas - desiredHealthy;
    assert.deepEqual(countsOf(budget), {
      expectedPods: replicas,
      currentHealthy: replicas,
      desiredHealthy,
      disruptionsAllowed,
    });
  },
];

/** Begin a rollout whose new pods find no node. */
const stuckRollout = (world: World) =>
  world.must(
    'PATCH',
    world.path('apps/v1', 'deployments', 'web'),
    { spec: { template: { spec: { nodeSelector: { contract: 'nowhere' } } } } },
    MERGE,
  );

const behaviours: readonly Behaviour[] = [
  counted('counts maxUnavailable down from the replicas that the controller wants', 3, { maxUnavailable: 1 }, 2),
  counted('rounds a share of maxUnavailable up', 3, { maxUnavailable: '34%' }, 1),
  counted('rounds a share of minAvailable up', 3, { minAvailable: '34%' }, 2),
  counted('allows nothing when all must be available', 2, { minAvailable: '100%' }, 2),
  counted('allows nothing with maxUnavailable 0', 2, { maxUnavailable: 0 }, 2),
  [
    'has the condition SufficientPods while a disruption is allowed, and InsufficientPods after that',
    async (world) => {
      await pinnedPods(world, 2);
      const budget = await settledBudget(world, { minAvailable: 1 }, { disruptionsAllowed: 1 });
      const { lastTransitionTime, ...condition } = conditionOf(budget, 'DisruptionAllowed');
      assert.ok(lastTransitionTime);
      assert.deepEqual(condition, {
        type: 'DisruptionAllowed',
        status: 'True',
        reason: 'SufficientPods',
        message: '',
        observedGeneration: 1,
      });
      assert.equal((await evict(world, 'web-0')).status, 201);
      const after = await budgetBecomes(world, { disruptionsAllowed: 0, currentHealthy: 1 });
      assert.partialDeepStrictEqual(conditionOf(after, 'DisruptionAllowed'), {
        status: 'False',
        reason: 'InsufficientPods',
      });
    },
  ],
  [
    'over no pods expects none and allows none',
    async (world) => {
      const budget = await settledBudget(world, { minAvailable: 0 });
      assert.deepEqual(countsOf(budget), {
        expectedPods: 0,
        currentHealthy: 0,
        desiredHealthy: 0,
        disruptionsAllowed: 0,
      });
    },
  ],
  [
    'does not count a pod that is unready or terminating',
    async (world) => {
      await pinnedPods(world, 4);
      await settledBudget(world, { minAvailable: 1 }, { disruptionsAllowed: 3 });
      await makeUnready(world, 'web-0');
      await world.must('DELETE', world.path('v1', 'pods', 'web-1'));
      const budget = await budgetBecomes(world, { currentHealthy: 2 });
      assert.deepEqual(countsOf(budget), {
        expectedPods: 4,
        currentHealthy: 2,
        desiredHealthy: 1,
        disruptionsAllowed: 1,
      });
    },
  ],
  [
    'observes a changed spec and counts again',
    async (world) => {
      await pinnedPods(world, 3);
      await settledBudget(world, { minAvailable: 3 }, { currentHealthy: 3, disruptionsAllowed: 0 });
      await world.must(
        'PATCH',
        world.path('policy/v1', 'poddisruptionbudgets', 'pdb'),
        { spec: { minAvailable: 1 } },
        MERGE,
      );
      const budget = await budgetBecomes(world, { disruptionsAllowed: 2 });
      assert.equal(budget.metadata.generation, 2);
      assert.equal(budget.status.observedGeneration, 2);
    },
  ],
  [
    'allows one again when the replacement of an evicted pod is ready',
    async (world) => {
      await world.node();
      await readyDeployment(world, 'web', 3);
      await settledBudget(world, { maxUnavailable: 1 }, { disruptionsAllowed: 1 });
      const [first] = await podsOf(world);
      assert.equal((await evict(world, first.metadata.name)).status, 201);
      await world.server.waitFor('the pod replaced', async () => {
        const pods = await podsOf(world);
        return (
          pods.length === 3 && pods.every(isReady) && pods.every(({ metadata }) => metadata.uid !== first.metadata.uid)
        );
      });
      await budgetBecomes(world, { disruptionsAllowed: 1, currentHealthy: 3 });
    },
  ],
  [
    'counts the pods of both ReplicaSets during a rollout against the replicas of the Deployment',
    async (world) => {
      await world.node();
      await readyDeployment(world, 'web', 3, { strategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } } });
      await settledBudget(world, { maxUnavailable: 1 }, { currentHealthy: 3 });
      await stuckRollout(world);
      await world.server.waitFor('a new pod', async () => (await podsOf(world)).length === 4);
      const budget = await budgetBecomes(world, { currentHealthy: 3 });
      assert.deepEqual(countsOf(budget), {
        expectedPods: 3,
        currentHealthy: 3,
        desiredHealthy: 2,
        disruptionsAllowed: 1,
      });
    },
  ],
  [
    'blocks the old pods of a rollout that has used up the allowed disruptions itself',
    async (world) => {
      await world.node();
      await readyDeployment(world, 'web', 3, { strategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } } });
      await settledBudget(world, { maxUnavailable: 1 }, { currentHealthy: 3 });
      await stuckRollout(world);
      await budgetBecomes(world, { currentHealthy: 2, disruptionsAllowed: 0 });
      const old = await world.server.waitFor('two old pods', async () => {
        const ready = (await podsOf(world)).filter(
          (pod) => isReady(pod) && pod.metadata.deletionTimestamp === undefined,
        );
        return ready.length === 2 && ready[0];
      });
      assert.equal((await evict(world, old.metadata.name)).status, 429);
    },
  ],
  [
    'with a number as minAvailable counts all its pods, controlled or not',
    async (world) => {
      await world.node();
      await readyDeployment(world, 'web', 2);
      await pinnedPods(world, 1);
      const budget = await settledBudget(world, { minAvailable: 1 }, { currentHealthy: 3 });
      assert.deepEqual(countsOf(budget), {
        expectedPods: 3,
        currentHealthy: 3,
        desiredHealthy: 1,
        disruptionsAllowed: 2,
      });
    },
  ],
  [
    'over bare pods cannot resolve maxUnavailable, so it allows nothing',
    async (world) => {
      await pinnedPods(world, 2);
      const budget = await settledBudget(world, { maxUnavailable: 1 }, { currentHealthy: 2 });
      assert.deepEqual(countsOf(budget), {
        expectedPods: 0,
        currentHealthy: 2,
        desiredHealthy: 0,
        disruptionsAllowed: 0,
      });
    },
  ],
  [
    'over a StatefulSet counts its replicas',
    async (world) => {
      await world.must('POST', world.path('apps/v1', 'statefulsets'), {
        apiVersion: 'apps/v1',
        kind: 'StatefulSet',
        metadata: { name: 'web' },
        spec: {
          replicas: 3,
          serviceName: 'web',
          selector: { matchLabels: { app: 'web' } },
          template: { metadata: { labels: { app: 'web' } }, spec: podSpec(world, { nodeSelector: NOWHERE }) },
        },
      });
      const budget = await settledBudget(world, { maxUnavailable: 1 }, { expectedPods: 3 });
      assert.deepEqual(countsOf(budget), {
        expectedPods: 3,
        currentHealthy: 0,
        desiredHealthy: 2,
        disruptionsAllowed: 0,
      });
    },
  ],
  [
    'has counts of its own when another covers the same pods',
    async (world) => {
      await pinnedPods(world, 3);
      await settledBudget(world, { minAvailable: 1 }, { disruptionsAllowed: 2 });
      await settledBudget(world, { minAvailable: 3 }, { disruptionsAllowed: 0, currentHealthy: 3 }, 'second');
      assert.equal((await budgetNow(world)).status.disruptionsAllowed, 2);
    },
  ],
  [
    'with both bounds is refused',
    async (world) => {
      const { status, json } = await world.ask('POST', world.path('policy/v1', 'poddisruptionbudgets'), {
        body: {
          apiVersion: 'policy/v1',
          kind: 'PodDisruptionBudget',
          metadata: { name: 'pdb' },
          spec: { minAvailable: 1, maxUnavailable: 1, selector: {} },
        },
      });
      assert.equal(status, 422);
      assert.equal(json.reason, 'Invalid');
      assert.match(json.message, /minAvailable and maxUnavailable cannot be both set/);
    },
  ],
  ...['disruptionsAllowed', 'currentHealthy', 'desiredHealthy', 'expectedPods'].map(
    (field): Behaviour => [
      `never has a negative ${field}: a status with one is refused`,
      async (world) => {
        await settledBudget(world, { minAvailable: 1 });
        const target = `${world.path('policy/v1', 'poddisruptionbudgets', 'pdb')}/status`;
        const { status, json } = await world.ask('PATCH', target, { body: { status: { [field]: -1 } }, type: MERGE });
        assert.equal(status, 422);
        assert.deepEqual(json, {
          kind: 'Status',
          apiVersion: 'v1',
          metadata: {},
          status: 'Failure',
          message: `PodDisruptionBudget.policy "pdb" is invalid: status.${field}: Invalid value: -1: must be greater than or equal to 0`,
          reason: 'Invalid',
          details: {
            name: 'pdb',
            group: 'policy',
            kind: 'PodDisruptionBudget',
            causes: [
              {
                reason: 'FieldValueInvalid',
                message: 'Invalid value: -1: must be greater than or equal to 0',
                field: `status.${field}`,
              },
            ],
          },
          code: 422,
        });
        assert.ok((await budgetNow(world)).status[field] >= 0);
      },
    ],
  ),
  [
    'is replaced only with the version that was read',
    async (world) => {
      const created = await createBudget(world, { minAvailable: 1 });
      const target = world.path('policy/v1', 'poddisruptionbudgets', 'pdb');
      const { resourceVersion: _, ...metadata } = created.metadata;
      const { status, json } = await world.ask('PUT', target, { body: { ...created, metadata } });
      assert.equal(status, 422);
      assert.equal(
        json.message,
        'poddisruptionbudgets.policy "pdb" is invalid: metadata.resourceVersion: Invalid value: 0: must be specified for an update',
      );
    },
  ],
  [
    'of a Deployment that is scaled counts the new replicas',
    async (world) => {
      await world.node();
      await readyDeployment(world, 'web', 2);
      await settledBudget(world, { maxUnavailable: 1 }, { desiredHealthy: 1 });
      await world.must('PATCH', world.path('apps/v1', 'deployments', 'web'), { spec: { replicas: 4 } }, MERGE);
      await budgetBecomes(world, { expectedPods: 4, desiredHealthy: 3, currentHealthy: 4, disruptionsAllowed: 1 });
    },
  ],
];

export const budgets: Chapter = { title: 'a disruption budget', behaviours };
