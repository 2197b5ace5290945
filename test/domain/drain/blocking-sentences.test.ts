import assert from 'node:assert/strict';
import {
  blockedByEviction,
  blockedByRefusal,
  blockedByReturn,
  blockedByTermination,
} from '../../../domain/drain/blocking-pods.ts';
import { describeBlockingPod, describeBlockingPods, rememberSince } from '../../../domain/drain/blocking-sentences.ts';
import type { RefusedEviction } from '../../../domain/drain/drain.ts';
import { toleratesEveryTaint } from '../../../domain/drain/planned-blocking-pods.ts';
import type { BlockingPod } from '../../../domain/state.ts';
import type { Budget } from '../../../domain/types.ts';
import { aBarePod, aBudget, aPod, aTerminatingPod, NOW_AT } from '../builders.ts';

const POD = 'pod shop/checkout-6d4b75cb6d-abcde (Deployment checkout)';
const BLOCKED: RefusedEviction = { status: 'blocked', message: 'Cannot evict pod as it would violate the budget.' };
const REPAIR =
  'wait until all pods of Deployment checkout are Ready again, and repair the pods that do not become Ready (kubectl get pods -n shop -l app=checkout)';
const exhausted = (overrides: Partial<Budget> = {}) =>
  aBudget({ disruptionsAllowed: 0, currentHealthy: 2, ...overrides });

describe('the sentence about a blocking pod', () => {
  const blockedBy = (budget: Budget, pod = aPod()) => blockedByEviction(pod, BLOCKED, [budget]);
  const deferred = (message: string) =>
    blockedByEviction(aPod(), { status: 'later', retryAfterSeconds: 5, message }, []);
  const sentences: [string, BlockingPod, string][] = [
    [
      'asks to repair pods when the budget is exhausted by pods that are not Ready',
      blockedBy(exhausted()),
      `${POD} blocks the drain: PodDisruptionBudget shop/checkout (minAvailable 2) allows no disruption: 2 pods of 3 healthy, 2 required. To do: ${REPAIR}.`,
    ],
    [
      '#35 proposes AlwaysAllow only for a pod that is not Ready itself',
      blockedBy(exhausted({ currentHealthy: 1 }), aPod({ isReady: false })),
      `${POD} blocks the drain: PodDisruptionBudget shop/checkout (minAvailable 2) allows no disruption: 1 pod of 3 healthy, 2 required. To do: ${REPAIR}, or set unhealthyPodEvictionPolicy: AlwaysAllow on the budget, which lets this pod go as it is not Ready.`,
    ],
    [
      'does not propose AlwaysAllow to a budget that has it',
      blockedBy(exhausted({ currentHealthy: 1, unhealthyPodEvictionPolicy: 'AlwaysAllow' }), aPod({ isReady: false })),
      `${POD} blocks the drain: PodDisruptionBudget shop/checkout (minAvailable 2) allows no disruption: 1 pod of 3 healthy, 2 required. To do: ${REPAIR}.`,
    ],
    [
      '#34 quotes why a budget cannot be computed, and says which rule can be',
      blockedBy(exhausted({ syncFailure: 'jobs.batch does not implement the scale subresource' })),
      `${POD} blocks the drain: PodDisruptionBudget shop/checkout (minAvailable 2) allows no disruption, as Kubernetes cannot compute it: jobs.batch does not implement the scale subresource. To do: write the rule as minAvailable with a number of pods, which can be computed for pods of any owner, or give the pods a controller with a scale (such as a Deployment); waiting does not help.`,
    ],
    [
      '#34 says so of a budget over pods that nothing owns, whose figures are 0',
      blockedBy(exhausted({ currentHealthy: 3, desiredHealthy: 0, expectedPods: 0 })),
      `${POD} blocks the drain: PodDisruptionBudget shop/checkout (minAvailable 2) allows no disruption, as Kubernetes cannot compute it: no controller owns the pods that it selects. To do: write the rule as minAvailable with a number of pods, which can be computed for pods of any owner, or give the pods a controller with a scale (such as a Deployment); waiting does not help.`,
    ],
    [
      '#34 points to the controller when it has not seen the last change of the budget',
      blockedBy(exhausted({ isStatusOld: true })),
      `${POD} blocks the drain: PodDisruptionBudget shop/checkout (minAvailable 2) allows no disruption, as Kubernetes cannot compute it: its status is that of an older specification. To do: check that kube-controller-manager works: its disruption controller has not seen the last change of the budget.`,
    ],
    [
      '#71 names the number of replicas that leaves room under a share',
      blockedBy(exhausted({ minAvailable: '80%', currentHealthy: 1, desiredHealthy: 1, expectedPods: 1 })),
      `${POD} blocks the drain: PodDisruptionBudget shop/checkout (minAvailable 80%) allows no disruption: 1 pod of 1 healthy, 1 required. To do: run Deployment checkout with 5 replicas or more, or change the budget to allow 1 unavailable; waiting does not help.`,
    ],
    [
      '#71 counts what the budget covers already',
      blockedBy(exhausted({ minAvailable: '3', currentHealthy: 3, desiredHealthy: 3 })),
      `${POD} blocks the drain: PodDisruptionBudget shop/checkout (minAvailable 3) allows no disruption: 3 pods of 3 healthy, 3 required. To do: run more replicas of Deployment checkout, so that the budget covers 4 pods or more (3 now), or change the budget to allow 1 unavailable; waiting does not help.`,
    ],
    [
      '#72 waits for a Job, which has no replicas',
      blockedBy(
        exhausted({ minAvailable: '1', currentHealthy: 1, desiredHealthy: 1, expectedPods: 1 }),
        aPod({ owner: { kind: 'Job', name: 'etl', uid: 'etl' } }),
      ),
      'pod shop/checkout-6d4b75cb6d-abcde (Job etl) blocks the drain: PodDisruptionBudget shop/checkout (minAvailable 1) allows no disruption: 1 pod of 1 healthy, 1 required. To do: wait until Job etl has finished, or change the budget to allow 1 unavailable.',
    ],
    [
      'says that waiting is useless when a single replica is required',
      blockedBy(exhausted({ minAvailable: '1', currentHealthy: 1, desiredHealthy: 1, expectedPods: 1 })),
      `${POD} blocks the drain: PodDisruptionBudget shop/checkout (minAvailable 1) allows no disruption: 1 pod of 1 healthy, 1 required. To do: run Deployment checkout with 2 replicas or more, or change the budget to allow 1 unavailable; waiting does not help.`,
    ],
    [
      'says that waiting is useless when the budget requires every replica',
      blockedBy(exhausted({ minAvailable: '100%', currentHealthy: 3, desiredHealthy: 3 })),
      `${POD} blocks the drain: PodDisruptionBudget shop/checkout (minAvailable 100%) allows no disruption: 3 pods of 3 healthy, 3 required. To do: change the budget to allow 1 unavailable; waiting or adding replicas does not help.`,
    ],
    [
      'says to wait when all pods are healthy and the budget only has to catch up',
      blockedBy(exhausted({ currentHealthy: 3 })),
      `${POD} blocks the drain: PodDisruptionBudget shop/checkout (minAvailable 2) allows no disruption: 3 pods of 3 healthy, 2 required. To do: wait until the pods of Deployment checkout that moved are Ready elsewhere, or relax the budget.`,
    ],
    [
      "shows the API server's words when no budget that we know of selects the pod",
      blockedByEviction(aPod(), BLOCKED, []),
      `${POD} blocks the drain: Cannot evict pod as it would violate the budget. To do: relax the budget.`,
    ],
    [
      'names every budget when more than one selects the pod',
      blockedByEviction(aPod(), { status: 'ambiguous', message: '' }, [
        aBudget({ name: 'one' }),
        aBudget({ name: 'two' }),
        aBudget({ name: 'other', selector: { matchLabels: { app: 'other' } } }),
      ]),
      `${POD} blocks the drain: more than one PodDisruptionBudget selects it (shop/one, shop/two), and Kubernetes never evicts such a pod. To do: change the selectors so that one budget selects the pod.`,
    ],
    [
      'admits it when the budgets that meet on a pod could not be read',
      blockedByEviction(aPod(), { status: 'ambiguous', message: '' }, []),
      `${POD} blocks the drain: more than one PodDisruptionBudget selects it (names unknown), and Kubernetes never evicts such a pod. To do: change the selectors so that one budget selects the pod.`,
    ],
    [
      'says that nothing would create a bare pod again',
      blockedByRefusal(aBarePod(), 'unmanaged'),
      'pod shop/debug blocks the drain: no controller owns it, so nothing would create it again, and pods.unmanaged is "refuse". To do: delete it yourself, or set pods.unmanaged to "evict".',
    ],
    [
      'says that emptyDir data would be lost',
      blockedByRefusal(aPod(), 'localStorage'),
      `${POD} blocks the drain: its emptyDir data would be lost, and pods.localStorage is "refuse". To do: save the data and delete the pod, or set pods.localStorage to "evict".`,
    ],
    [
      'says until when a pod has to stop, and which setting to change',
      blockedByTermination(aTerminatingPod('2026-01-15T12:20:00Z', { gracePeriodSeconds: 1800 }), NOW_AT),
      `${POD} blocks the drain: it is stopping, and has until 2026-01-15T12:20:00Z to do so. To do: set drainTimeoutSeconds above its grace period of 1800 s.`,
    ],
    [
      'points to finalizers and the kubelet when a pod should have stopped long ago',
      blockedByTermination(aTerminatingPod('2026-01-15T11:59:59Z'), NOW_AT),
      `${POD} blocks the drain: it should have stopped by 2026-01-15T11:59:59Z, and has not. To do: check for a finalizer on the pod, or a kubelet that no longer answers.`,
    ],
    [
      '#35 does not propose more time for a pod that was let go too late',
      blockedByTermination(aTerminatingPod('2026-01-15T12:00:40Z', { gracePeriodSeconds: 60 }), NOW_AT, 300),
      `${POD} blocks the drain: it is stopping, and has until 2026-01-15T12:00:40Z to do so. To do: start the upgrade again once it has stopped: its eviction was allowed too late for a drain of 300 s.`,
    ],
    [
      'points to the API server when it only ever asks to try again',
      blockedByEviction(aPod(), { status: 'later', retryAfterSeconds: 10 }, []),
      `${POD} blocks the drain: the Kubernetes API asked to try the eviction again later. To do: check the load on the API server if this lasts.`,
    ],
    [
      'points to it also when it says that it has too many requests',
      deferred('Too many requests, please try again later.'),
      `${POD} blocks the drain: the Kubernetes API asked to try the eviction again later. To do: check the load on the API server if this lasts.`,
    ],
    [
      '#35 quotes an operator that defers the eviction',
      deferred('The pod will be rolled by the Strimzi Cluster Operator.'),
      `${POD} blocks the drain: its eviction is put off: "The pod will be rolled by the Strimzi Cluster Operator". To do: do what these words ask for: a webhook or an operator of the workload decides when the pod may leave.`,
    ],
    [
      '#35 quotes a webhook that does not answer',
      deferred('Internal error occurred: failed calling webhook "guard.example.com": context deadline exceeded'),
      `${POD} blocks the drain: its eviction is put off: "Internal error occurred: failed calling webhook "guard.example.com": context deadline exceeded". To do: mend the admission webhook that these words name, or set its failurePolicy to Ignore.`,
    ],
    [
      'says that a pod which tolerates everything is not waited for',
      toleratesEveryTaint(aPod()),
      `${POD} blocks the drain: it tolerates the taint of outdated nodes, so it returns right after its eviction. To do: narrow its tolerations, or make it a DaemonSet; the run evicts it a few times and then does not wait for it.`,
    ],
    [
      'says that the owner of a pod names the node',
      blockedByReturn(aPod({ nodeName: 'node-0' }), false),
      `${POD} blocks the drain: it came back after its evictions, because its owner names the node (spec.nodeName), so that the taint eks.amazonaws.com/nodegroup does not keep it away. To do: let the scheduler place it, make it a DaemonSet, or scale its owner down until the upgrade has ended.`,
    ],
    [
      'says that somebody removes the taint, and how to find out who',
      blockedByReturn(aPod({ nodeName: 'node-0' }), true),
      `${POD} blocks the drain: it came back after its evictions, because somebody removed the taint eks.amazonaws.com/nodegroup from the node. To do: find out who removes it (kubectl get node node-0 -o yaml --show-managed-fields), and stop that until the upgrade has ended.`,
    ],
    [
      '#72 proposes a controller, and not more replicas, to a pod that none owns',
      blockedBy(
        exhausted({ currentHealthy: 1, desiredHealthy: 1, expectedPods: 1 }),
        aBarePod({ labels: { app: 'checkout' } }),
      ),
      'pod shop/debug blocks the drain: PodDisruptionBudget shop/checkout (minAvailable 2) allows no disruption: 1 pod of 1 healthy, 1 required. To do: let a controller run it with 3 replicas or more, change the budget to allow 1 unavailable, or delete the pod yourself; waiting does not help.',
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
      assert.match(blockedBy({ ...budget, ...rule }).detail, pattern);
    });
  }

  const durations: [string, string | undefined, string][] = [
    ['gives no duration when the pod was never seen to block', undefined, 'blocks the drain: '],
    ['gives no duration for the first half minute', '2026-01-15T11:59:31.000Z', 'blocks the drain: '],
    ['says 1 minute, not 1 minutes', '2026-01-15T11:59:00.000Z', 'has blocked the drain for 1 minute: '],
    ['counts minutes', '2026-01-15T11:45:00.000Z', 'has blocked the drain for 15 minutes: '],
    ['does not count backwards when clocks differ', '2026-01-15T12:05:00.000Z', 'blocks the drain: '],
  ];
  for (const [title, sinceAt, words] of durations) {
    it(title, () => {
      const pod = { ...blockedBy(exhausted()), ...(sinceAt !== undefined && { sinceAt }) };
      assert.ok(describeBlockingPod(pod, NOW_AT).includes(words));
    });
  }
});

describe('rememberSince', () => {
  it('keeps when a pod was first seen to block, and starts the count for a new one', () => {
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
    const blockingPod = blockedByRefusal(aPod({ name: 'old' }), 'localStorage');
    assert.equal(rememberSince([blockingPod], before, NOW_AT)[0]?.sinceAt, '2026-01-15T11:30:00.000Z');
  });

  it('tells pods of one name in two namespaces apart', () => {
    const before = [
      { ...blockedByRefusal(aPod({ namespace: 'bank' }), 'localStorage'), sinceAt: '2026-01-15T11:50:00.000Z' },
    ];
    assert.equal(rememberSince([blockedByRefusal(aPod(), 'localStorage')], before, NOW_AT)[0]?.sinceAt, NOW_AT);
  });
});

describe('describeBlockingPods', () => {
  const many = ['a', 'b', 'c'].map((name) => blockedByRefusal(aBarePod({ name }), 'unmanaged'));
  const cases: [string, number, RegExp][] = [
    ['names every pod while there is room', 3, /^pod shop\/a .* pod shop\/b .* pod shop\/c .*"evict"\.$/],
    [
      'counts the pods that it has no room for',
      1,
      /^pod shop\/a blocks the drain: ((?!shop\/b).)*"evict"\. and 2 more$/,
    ],
  ];
  for (const [title, limit, pattern] of cases) {
    it(title, () => assert.match(describeBlockingPods(many, NOW_AT, limit), pattern));
  }
});
