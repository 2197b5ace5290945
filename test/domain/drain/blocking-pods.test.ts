import assert from 'node:assert/strict';
import { blockedByEviction, explainObstacles, isStuckTerminating } from '../../../domain/drain/blocking-pods.ts';
import { obstaclesOf, type RefusedEviction } from '../../../domain/drain/drain.ts';
import type { SortedPods } from '../../../domain/drain/pod-filters.ts';
import type { BlockingPod } from '../../../domain/state.ts';
import type { Budget, EvictionOutcome } from '../../../domain/types.ts';
import { aBarePod, aBudget, aPod, aTerminatingPod, NOW_AT } from '../builders.ts';

const BLOCKED: RefusedEviction = { status: 'blocked', message: 'Cannot evict pod as it would violate the budget.' };
const exhausted = (overrides: Partial<Budget> = {}) =>
  aBudget({ disruptionsAllowed: 0, currentHealthy: 2, ...overrides });

describe('a refused eviction', () => {
  it('names the exhausted budget rather than one with room', () => {
    const roomy = aBudget({ name: 'roomy' });
    assert.equal(blockedByEviction(aPod(), BLOCKED, [roomy, exhausted()]).budget, 'shop/checkout');
  });

  it('names the only budget even when its status has moved on since the refusal', () => {
    assert.equal(blockedByEviction(aPod(), BLOCKED, [aBudget()]).budget, 'shop/checkout');
  });

  it('does not blame a budget of the same name and labels in another namespace', () => {
    assert.equal(blockedByEviction(aPod(), BLOCKED, [exhausted({ namespace: 'bank' })]).budget, undefined);
  });
});

describe('explainObstacles', () => {
  const explain = (pods: Partial<SortedPods>, answers: [string, EvictionOutcome][], budgets: readonly Budget[]) =>
    explainObstacles(
      obstaclesOf(
        { evict: [], terminating: [], refused: [], returned: [], tolerating: [], presumedGone: [], ...pods },
        new Map(answers),
      ),
      { budgets, nowAt: NOW_AT },
    );

  it('explains every pod left on the node, and none that the API let go', () => {
    const found = explain(
      {
        evict: [
          aPod({ uid: 'evicted', name: 'evicted', labels: {} }),
          aPod({ uid: 'absent', name: 'absent', labels: {} }),
          aPod({ uid: 'blocked', name: 'blocked' }),
        ],
        terminating: [aTerminatingPod('2026-01-15T12:01:00Z', { name: 'slow' })],
        refused: [{ pod: aBarePod(), refusal: 'unmanaged' }],
        returned: [aPod({ uid: 'returned', name: 'returned' })],
        tolerating: [aPod({ uid: 'tolerating', name: 'tolerating' })],
      },
      [
        ['evicted', { status: 'evicted' }],
        ['absent', { status: 'absent' }],
        ['blocked', BLOCKED],
      ],
      [exhausted()],
    );
    assert.deepEqual(
      found.map(({ name, reason }) => `${name}: ${reason}`),
      ['blocked: budget', 'debug: unmanaged', 'returned: returned', 'slow: terminating'],
    );
  });

  const unasked: [string, readonly Budget[], BlockingPod['reason']][] = [
    [
      'infers that two budgets are the cause when time ran out before the eviction was requested',
      [aBudget(), aBudget({ name: 'two' })],
      'moreThanOneBudget',
    ],
    [
      'infers that the only budget is the cause when time ran out before the eviction was requested',
      [aBudget()],
      'budget',
    ],
    ['names no budget when none selects the pod', [], 'retry'],
  ];
  for (const [title, budgets, reason] of unasked) {
    it(title, () =>
      assert.deepEqual(
        explain({ evict: [aPod()] }, [], budgets).map((pod) => pod.reason),
        [reason],
      ),
    );
  }
});

describe('a pod that is stopping', () => {
  const rows: [title: string, deletionDeadlineAt: string | undefined, isStuck: boolean][] = [
    ['is not stuck while its grace period lasts', '2026-01-15T12:00:10Z', false],
    ['is not stuck while the kubelet kills it and takes its volumes away', '2026-01-15T11:59:31Z', false],
    ['is stuck half a minute after its grace period', '2026-01-15T11:59:30Z', true],
    ['is not stuck when nobody has asked it to stop', undefined, false],
  ];
  for (const [title, deletionDeadlineAt, isStuck] of rows) {
    it(title, () => {
      const pod = deletionDeadlineAt === undefined ? {} : { deletionDeadlineAt };
      assert.equal(isStuckTerminating(pod, NOW_AT), isStuck);
    });
  }
});
