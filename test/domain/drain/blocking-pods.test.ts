import assert from 'node:assert/strict';
import {
  blockedByOutcome,
  blockedByRefusal,
  blockedByTermination,
  describeBlockingPod,
  describeBlockingPods,
  diagnose,
  findBlockingPods,
  isStuckTerminating,
  rememberSince,
  toleratesEveryTaint,
} from '../../../domain/drain/blocking-pods.ts';
import type { BlockingPod } from '../../../domain/state.ts';
import type { Budget, EvictionOutcome, Pod } from '../../../domain/types.ts';
import { aBarePod, aBudget, aPod, NOW_AT } from '../builders.ts';

const POD = 'pod shop/checkout-6d4b75cb6d-abcde (Deployment checkout)';
const HELD: EvictionOutcome = { status: 'blocked', message: 'Cannot evict pod as it would violate the budget.' };
const exhausted = (overrides: Partial<Budget> = {}) =>
  aBudget({ disruptionsAllowed: 0, currentHealthy: 2, ...overrides });

const omitUndefined = <Value>(value: Value | undefined): Value => {
  assert.notEqual(value, undefined, 'the pod is held');
  return value as Value;
};

describe('the sentence about a held pod', () => {
  const blockingPods = (budget: Budget, pod = aPod()) => omitUndefined(blockedByOutcome(pod, HELD, [budget]));
  const sentences: [string, BlockingPod, string][] = [
    [
      'asks to repair pods when the budget is exhausted by pods that are not Ready',
      blockingPods(exhausted()),
      `${POD} is held: PodDisruptionBudget shop/checkout (minAvailable 2) allows no disruption: 2 pods of 3 healthy, 2 required. To do: wait until all pods of Deployment checkout are Ready again, and repair those that cannot be, or set unhealthyPodEvictionPolicy: AlwaysAllow on the budget.`,
    ],
    [
      'does not propose AlwaysAllow to a budget that has it',
      blockingPods(exhausted({ unhealthyPodEvictionPolicy: 'AlwaysAllow' })),
      `${POD} is held: PodDisruptionBudget shop/checkout (minAvailable 2) allows no disruption: 2 pods of 3 healthy, 2 required. To do: wait until all pods of Deployment checkout are Ready again, and repair those that cannot be.`,
    ],
    [
      'says that waiting is useless when a single replica is required',
      blockingPods(exhausted({ minAvailable: '1', currentHealthy: 1, desiredHealthy: 1, expectedPods: 1 })),
      `${POD} is held: PodDisruptionBudget shop/checkout (minAvailable 1) allows no disruption: 1 pod of 1 healthy, 1 required. To do: run Deployment checkout with 2 replicas or more, or let the budget allow 1 unavailable; waiting does not help.`,
    ],
    [
      'says that waiting is useless when the budget requires every replica',
      blockingPods(exhausted({ minAvailable: '100%', currentHealthy: 3, desiredHealthy: 3 })),
      `${POD} is held: PodDisruptionBudget shop/checkout (minAvailable 100%) allows no disruption: 3 pods of 3 healthy, 3 required. To do: let the budget allow 1 unavailable; neither waiting nor more replicas help.`,
    ],
    [
      'says to wait when all pods are healthy and the budget only has to catch up',
      blockingPods(exhausted({ currentHealthy: 3 })),
      `${POD} is held: PodDisruptionBudget shop/checkout (minAvailable 2) allows no disruption: 3 pods of 3 healthy, 2 required. To do: wait until the pods of Deployment checkout that moved are Ready elsewhere, or relax the budget.`,
    ],
    [
      "shows the API server's words when no budget that we know of selects the pod",
      omitUndefined(blockedByOutcome(aPod(), HELD, [])),
      `${POD} is held: Cannot evict pod as it would violate the budget. To do: relax the budget.`,
    ],
    [
      'names every budget when more than one selects the pod',
      omitUndefined(
        blockedByOutcome(aPod(), { status: 'ambiguous', message: '' }, [
          aBudget({ name: 'one' }),
          aBudget({ name: 'two' }),
          aBudget({ name: 'other', selector: { matchLabels: { app: 'other' } } }),
        ]),
      ),
      `${POD} is held: more than one PodDisruptionBudget selects it (shop/one, shop/two), and Kubernetes evicts no such pod. To do: change the selectors so that one budget selects the pod.`,
    ],
    [
      'admits it when the budgets that meet on a pod could not be read',
      omitUndefined(blockedByOutcome(aPod(), { status: 'ambiguous', message: '' }, [])),
      `${POD} is held: more than one PodDisruptionBudget selects it (names unknown), and Kubernetes evicts no such pod. To do: change the selectors so that one budget selects the pod.`,
    ],
    [
      'says that nothing would create a bare pod again',
      blockedByRefusal(aBarePod(), 'unmanaged'),
      'pod shop/debug is held: no controller owns it, so nothing would create it again, and pods.unmanaged is "refuse". To do: delete it yourself, or set pods.unmanaged to "evict".',
    ],
    [
      'says that emptyDir data would be lost',
      blockedByRefusal(aPod(), 'localStorage'),
      `${POD} is held: its emptyDir data would be lost, and pods.localStorage is "refuse". To do: save the data and delete the pod, or set pods.localStorage to "evict".`,
    ],
    [
      'says until when a stopping pod may take, and which setting to change',
      blockedByTermination(aPod({ gracePeriodSeconds: 1800, deletionDeadlineAt: '2026-01-15T12:20:00Z' }), NOW_AT),
      `${POD} is held: it is stopping, and has until 2026-01-15T12:20:00Z to do so. To do: let drainTimeoutSeconds be longer than its grace period of 1800 s.`,
    ],
    [
      'points to finalizers and the kubelet when a pod should have stopped long ago',
      blockedByTermination(aPod({ deletionDeadlineAt: '2026-01-15T11:59:59Z' }), NOW_AT),
      `${POD} is held: it should have stopped by 2026-01-15T11:59:59Z, and has not. To do: look for a finalizer on the pod, or a kubelet that no longer answers.`,
    ],
    [
      'points to the API server when it only ever asks to try again',
      omitUndefined(blockedByOutcome(aPod(), { status: 'later', retryAfterSeconds: 10 }, [])),
      `${POD} is held: the Kubernetes API asked to try the eviction again later. To do: check the load on the API server if this lasts.`,
    ],
    [
      'says that a pod which tolerates everything is not waited for',
      toleratesEveryTaint(aPod()),
      `${POD} is held: it tolerates the taint of outdated nodes, so it comes straight back after its eviction. To do: narrow its tolerations, or make it a DaemonSet; the run evicts it once and does not wait for it.`,
    ],
    [
      'advises about the pod itself when no workload owns it',
      blockingPods(
        exhausted({ currentHealthy: 1, desiredHealthy: 1, expectedPods: 1 }),
        aBarePod({ labels: { app: 'checkout' } }),
      ),
      'pod shop/debug is held: PodDisruptionBudget shop/checkout (minAvailable 2) allows no disruption: 1 pod of 1 healthy, 1 required. To do: run pod shop/debug with 2 replicas or more, or let the budget allow 1 unavailable; waiting does not help.',
    ],
  ];
  for (const [title, pod, sentence] of sentences)
    it(title, () => assert.equal(describeBlockingPod(pod, NOW_AT), sentence));

  const budgets: [string, Partial<Budget>, RegExp][] = [
    ['quotes maxUnavailable as it was written', { maxUnavailable: '25%' }, /\(maxUnavailable 25%\)/],
    ['does not invent a rule for a budget without one', {}, /\(maxUnavailable \?\)/],
  ];
  for (const [title, rule, pattern] of budgets) {
    it(title, () => {
      const { minAvailable: _, ...budget } = exhausted();
      assert.match(blockingPods({ ...budget, ...rule }).detail, pattern);
    });
  }

  const durations: [string, string | undefined, string][] = [
    ['gives no duration when the pod was never seen held', undefined, 'is held: '],
    ['gives no duration for the first half minute', '2026-01-15T11:59:31.000Z', 'is held: '],
    ['says 1 minute, not 1 minutes', '2026-01-15T11:59:00.000Z', 'is held for 1 minute: '],
    ['counts minutes', '2026-01-15T11:45:00.000Z', 'is held for 15 minutes: '],
    ['does not count backwards when clocks differ', '2026-01-15T12:05:00.000Z', 'is held: '],
  ];
  for (const [title, sinceAt, words] of durations) {
    it(title, () => {
      const pod = { ...blockingPods(exhausted()), ...(sinceAt !== undefined && { sinceAt }) };
      assert.ok(describeBlockingPod(pod, NOW_AT).includes(words));
    });
  }
});

describe('heldByOutcome', () => {
  const silent: [string, EvictionOutcome][] = [
    ['has nothing to say about an accepted eviction', { status: 'evicted' }],
    ['has nothing to say about a pod that is gone', { status: 'absent' }],
  ];
  for (const [title, outcome] of silent) {
    it(title, () => assert.equal(blockedByOutcome(aPod(), outcome, [exhausted()]), undefined));
  }

  it('names the exhausted budget rather than one with room', () => {
    const roomy = aBudget({ name: 'roomy' });
    assert.equal(omitUndefined(blockedByOutcome(aPod(), HELD, [roomy, exhausted()])).budget, 'shop/checkout');
  });

  it('names the only budget even when its status has moved on since the refusal', () => {
    assert.equal(omitUndefined(blockedByOutcome(aPod(), HELD, [aBudget()])).budget, 'shop/checkout');
  });

  it('does not blame a budget of the same name and labels in another namespace', () => {
    assert.equal(omitUndefined(blockedByOutcome(aPod(), HELD, [exhausted({ namespace: 'bank' })])).budget, undefined);
  });
});

describe('diagnose', () => {
  const tick = { evict: [], leaving: [], refused: [] };

  it('explains every pod left on the node, and none that the API let go', () => {
    const gone = aPod({ uid: 'gone', name: 'gone', labels: {} });
    const blocked = aPod({ uid: 'blocked', name: 'blocked' });
    const found = diagnose({
      tick: {
        evict: [gone, blocked],
        leaving: [aPod({ name: 'slow', deletionDeadlineAt: '2026-01-15T12:01:00Z' })],
        refused: [{ pod: aBarePod(), refusal: 'unmanaged' }],
      },
      outcomes: new Map<string, EvictionOutcome>([
        ['gone', { status: 'evicted' }],
        ['blocked', HELD],
      ]),
      budgets: [exhausted()],
      nowAt: NOW_AT,
    });
    assert.deepEqual(
      found.map(({ name, reason }) => `${name}: ${reason}`),
      ['blocked: budget', 'debug: unmanaged', 'slow: terminating'],
    );
  });

  const unasked: [string, readonly Budget[], BlockingPod['reason']][] = [
    [
      'presumes two budgets to be the cause when time ran out before it could ask',
      [aBudget(), aBudget({ name: 'two' })],
      'moreThanOneBudget',
    ],
    ['presumes the one budget to be the cause when time ran out before it could ask', [aBudget()], 'budget'],
    ['blames no budget when none selects a pod that it did not get to', [], 'retry'],
  ];
  for (const [title, budgets, reason] of unasked) {
    it(title, () => {
      const found = diagnose({ tick: { ...tick, evict: [aPod()] }, outcomes: new Map(), budgets, nowAt: NOW_AT });
      assert.deepEqual(
        found.map((pod) => pod.reason),
        [reason],
      );
    });
  }
});

describe('findBlockers', () => {
  const settings = { drainTimeoutSeconds: 900, pods: { unmanaged: 'evict', localStorage: 'evict' } };
  const strict = { drainTimeoutSeconds: 900, pods: { unmanaged: 'refuse', localStorage: 'refuse' } };
  const cases: [string, Pod, readonly Budget[], typeof settings, BlockingPod['reason'] | undefined][] = [
    ['finds nothing wrong with an ordinary pod', aPod(), [aBudget()], settings, undefined],
    ['finds a pod whose budget allows nothing', aPod(), [exhausted()], settings, 'budget'],
    [
      'finds a pod that two budgets select, though both allow a disruption',
      aPod(),
      [aBudget(), aBudget({ name: 'two' })],
      strict,
      'moreThanOneBudget',
    ],
    ['finds a bare pod when bare pods are refused', aBarePod(), [], strict, 'unmanaged'],
    ['lets a bare pod go by default', aBarePod(), [], settings, undefined],
    [
      'finds a pod with emptyDir data when that is refused',
      aPod({ hasLocalStorage: true }),
      [],
      strict,
      'localStorage',
    ],
    ['lets emptyDir data go by default', aPod({ hasLocalStorage: true }), [], settings, undefined],
    [
      'finds a pod that may take longer to stop than a drain may last',
      aPod({ gracePeriodSeconds: 901 }),
      [],
      settings,
      'gracePeriod',
    ],
    ['accepts a grace period as long as the drain timeout', aPod({ gracePeriodSeconds: 900 }), [], settings, undefined],
  ];
  for (const [title, pod, budgets, given, reason] of cases) {
    it(title, () =>
      assert.deepEqual(
        findBlockingPods([pod], budgets, given).map((blockingPods) => blockingPods.reason),
        reason === undefined ? [] : [reason],
      ),
    );
  }

  it('says which drain timeout a long grace period needs', () => {
    const [blockingPod] = findBlockingPods([aPod({ gracePeriodSeconds: 3600 })], [], settings);
    assert.equal(blockingPod?.detail, 'its grace period of 3600 s is longer than drainTimeoutSeconds 900');
    assert.equal(blockingPod?.advice, 'set drainTimeoutSeconds to 3660 or more');
  });
});

describe('rememberSince', () => {
  it('keeps when a pod was first seen held, and starts the count for a new one', () => {
    const before = [
      { ...blockedByRefusal(aPod({ name: 'old' }), 'localStorage'), sinceAt: '2026-01-15T11:50:00.000Z' },
    ];
    const now = [
      blockedByRefusal(aPod({ name: 'old' }), 'localStorage'),
      blockedByRefusal(aPod({ name: 'new' }), 'localStorage'),
    ];
    assert.deepEqual(
      rememberSince(now, before, NOW_AT).map(({ name, sinceAt }) => [name, sinceAt]),
      [
        ['old', '2026-01-15T11:50:00.000Z'],
        ['new', NOW_AT],
      ],
    );
  });

  it('counts from the earliest of two earlier sightings', () => {
    const pod = { namespace: 'shop', name: 'old' };
    const before = [
      { ...pod, sinceAt: '2026-01-15T11:30:00.000Z' },
      { ...pod, sinceAt: '2026-01-15T11:50:00.000Z' },
    ];
    const blockingPods = blockedByRefusal(aPod({ name: 'old' }), 'localStorage');
    assert.equal(rememberSince([blockingPods], before, NOW_AT)[0]?.sinceAt, '2026-01-15T11:30:00.000Z');
  });

  it('tells pods of one name in two namespaces apart', () => {
    const before = [
      { ...blockedByRefusal(aPod({ namespace: 'bank' }), 'localStorage'), sinceAt: '2026-01-15T11:50:00.000Z' },
    ];
    assert.equal(rememberSince([blockedByRefusal(aPod(), 'localStorage')], before, NOW_AT)[0]?.sinceAt, NOW_AT);
  });
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

describe('describeHeldPods', () => {
  const many = ['a', 'b', 'c'].map((name) => blockedByRefusal(aBarePod({ name }), 'unmanaged'));
  const cases: [string, number, RegExp][] = [
    ['names every pod while there is room', 3, /^pod shop\/a .* pod shop\/b .* pod shop\/c .*"evict"\.$/],
    ['counts the pods that it has no room for', 1, /^pod shop\/a is held: ((?!shop\/b).)*"evict"\. and 2 more$/],
  ];
  for (const [title, limit, pattern] of cases) {
    it(title, () => assert.match(describeBlockingPods(many, NOW_AT, limit), pattern));
  }
});
