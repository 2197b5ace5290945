import assert from 'node:assert/strict';
import {
  assessBudget,
  type BudgetFacts,
  type BudgetSpec,
  resolveCount,
} from '../../kubernetes/controllers/disruption-budget.ts';
import { createSimulatedWorld } from './simulated-world.ts';

describe('budget arithmetic', () => {
  const cases: [title: string, spec: BudgetSpec, facts: BudgetFacts, desiredHealthy: number, allowed: number][] = [
    ['takes minAvailable as it is', { minAvailable: 2 }, { pods: 3, healthyPods: 3, controllersScale: 3 }, 2, 1],
    [
      'rounds a minAvailable percentage up',
      { minAvailable: '50%' },
      { pods: 7, healthyPods: 7, controllersScale: 7 },
      4,
      3,
    ],
    [
      'rounds a maxUnavailable percentage up',
      { maxUnavailable: '30%' },
      { pods: 7, healthyPods: 7, controllersScale: 7 },
      4,
      3,
    ],
    ['lets one of three go at 1%', { maxUnavailable: '1%' }, { pods: 3, healthyPods: 3, controllersScale: 3 }, 2, 1],
    [
      'allows nothing at maxUnavailable 0',
      { maxUnavailable: 0 },
      { pods: 3, healthyPods: 3, controllersScale: 3 },
      3,
      0,
    ],
    [
      'allows nothing at minAvailable 100%',
      { minAvailable: '100%' },
      { pods: 3, healthyPods: 3, controllersScale: 3 },
      3,
      0,
    ],
    [
      'counts an unhealthy pod against the budget',
      { maxUnavailable: 1 },
      { pods: 3, healthyPods: 2, controllersScale: 3 },
      2,
      0,
    ],
    [
      'measures against the scale, not the pods',
      { maxUnavailable: 1 },
      { pods: 2, healthyPods: 2, controllersScale: 4 },
      3,
      0,
    ],
    ['never asks for fewer than none', { maxUnavailable: 5 }, { pods: 2, healthyPods: 2, controllersScale: 2 }, 0, 2],
    ['lets bare pods go under a count', { minAvailable: 1 }, { pods: 3, healthyPods: 3, controllersScale: 0 }, 1, 2],
    [
      'holds bare pods under a percentage',
      { minAvailable: '50%' },
      { pods: 3, healthyPods: 3, controllersScale: 0 },
      0,
      0,
    ],
    [
      'holds bare pods under maxUnavailable',
      { maxUnavailable: 1 },
      { pods: 3, healthyPods: 3, controllersScale: 0 },
      0,
      0,
    ],
  ];
  for (const [title, spec, facts, desiredHealthy, disruptionsAllowed] of cases)
    it(title, () => {
      const status = assessBudget(spec, facts);
      assert.equal(status.desiredHealthy, desiredHealthy);
      assert.equal(status.disruptionsAllowed, disruptionsAllowed);
    });

  it('rounds the maxUnavailable of a rolling update down and its surge up', () => {
    assert.equal(resolveCount('25%', 5, 'down'), 1);
    assert.equal(resolveCount('25%', 5, 'up'), 2);
  });
});

describe('disruption controller', () => {
  it('has every budget worked out before the world starts to move', () => {
    const world = createSimulatedWorld({
      workloads: [{ kind: 'Deployment', name: 'web', replicas: 5, budget: { maxUnavailable: '25%' } }],
    });
    const { conditions, ...status } = world.budget('web') ?? {};
    assert.deepEqual(status, {
      currentHealthy: 5,
      desiredHealthy: 3,
      disruptionsAllowed: 2,
      expectedPods: 5,
      observedGeneration: 1,
    });
    assert.equal(conditions?.[0]?.reason, 'SufficientPods');
  });

  it('counts a pod that is going as gone, and its replacement only when it is Ready', async () => {
    const world = createSimulatedWorld({
      workloads: [{ kind: 'Deployment', name: 'web', replicas: 3, startSeconds: 20, budget: { maxUnavailable: 1 } }],
    });
    assert.equal(world.budget('web')?.disruptionsAllowed, 1);
    world.deletePod(world.pods('web')[0]?.metadata.name as string);
    await world.clock.advance(10);
    assert.equal(world.budget('web')?.disruptionsAllowed, 0);
    assert.equal(world.budget('web')?.expectedPods, 3);
    await world.clock.advance(11);
    assert.equal(world.budget('web')?.disruptionsAllowed, 1);
  });

  it('allows nothing while all pods crash', () => {
    const world = createSimulatedWorld({
      workloads: [{ kind: 'Deployment', name: 'web', replicas: 2, isReady: false, budget: { maxUnavailable: 1 } }],
    });
    assert.equal(world.budget('web')?.currentHealthy, 0);
    assert.equal(world.budget('web')?.disruptionsAllowed, 0);
  });

  it('takes the scale of a Deployment once while two ReplicaSets share its pods', async () => {
    const world = createSimulatedWorld({
      workloads: [{ kind: 'Deployment', name: 'web', replicas: 8, startSeconds: 60, budget: { maxUnavailable: 1 } }],
    });
    world.store.change('deployments', 'default', 'web', (web) => ({
      ...web,
      spec: {
        ...web.spec,
        template: { ...web.spec.template, metadata: { ...web.spec.template.metadata, annotations: { again: 'now' } } },
      },
    }));
    await world.clock.advance(1);
    assert.ok(world.store.list('replicasets').length > 1);
    assert.equal(world.budget('web')?.expectedPods, 8);
  });

  it('cannot work out a percentage over the pods of a DaemonSet, and says so', () => {
    const world = createSimulatedWorld({
      workloads: [{ kind: 'DaemonSet', name: 'agent', budget: { maxUnavailable: '50%' } }],
    });
    const status = world.budget('agent');
    assert.equal(status?.disruptionsAllowed, 0);
    assert.equal(status?.conditions?.[0]?.reason, 'SyncFailed');
  });

  it('forgets a granted eviction after two minutes when its pod was never deleted', async () => {
    const world = createSimulatedWorld({
      workloads: [{ kind: 'Deployment', name: 'web', replicas: 3, budget: { maxUnavailable: 1 } }],
    });
    const podName = world.pods('web')[0]?.metadata.name as string;
    const grantedAt = new Date(world.clock.now()).toISOString();
    world.store.change('poddisruptionbudgets', 'default', 'web', (budget) => ({
      ...budget,
      status: { ...budget.status, disruptionsAllowed: 0, disruptedPods: { [podName]: grantedAt } },
    }));
    await world.clock.advance(119);
    assert.equal(world.budget('web')?.disruptionsAllowed, 0);
    await world.clock.advance(2);
    assert.equal(world.budget('web')?.disruptionsAllowed, 1);
    assert.equal(world.budget('web')?.disruptedPods, undefined);
  });
});
