import type { BlockingPod } from '../state.ts';
import type { Budget, EvictionOutcome, Pod } from '../types.ts';
import { budgetsOf, holds, isPermanentlyBlocking, leavesRoomWithMore, ruleOf } from './budgets.ts';
import type { DrainTick, Refusal } from './drain.ts';
import { ownerName, podName } from './pods.ts';

const plural = (count: number, word: string) => `${count} ${word}${count === 1 ? '' : 's'}`;

const base = (pod: Pod): Pick<BlockingPod, 'namespace' | 'name' | 'owner'> => {
  const owner = ownerName(pod);
  return { namespace: pod.namespace, name: pod.name, ...(owner !== undefined && { owner }) };
};

/** What to do about a budget that allows nothing now. */
function budgetAdvice(pod: Pod, budget: Budget): string {
  const owner = ownerName(pod) ?? `pod ${podName(pod)}`;
  if (isPermanentlyBlocking(budget)) {
    if (!leavesRoomWithMore(budget)) {
      return 'let the budget allow 1 unavailable; neither waiting nor more replicas help';
    }
    return budget.expectedPods <= 1
      ? `run ${owner} with 2 replicas or more, or let the budget allow 1 unavailable; waiting does not help`
      : `give ${owner} more replicas than the budget asks for, or relax the budget; waiting does not help`;
  }
  if (budget.currentHealthy <= budget.desiredHealthy && budget.currentHealthy < budget.expectedPods) {
    return budget.unhealthyPodEvictionPolicy === 'AlwaysAllow'
      ? `wait until all pods of ${owner} are Ready again, and repair those that cannot be`
      : `wait until all pods of ${owner} are Ready again, and repair those that cannot be, or set unhealthyPodEvictionPolicy: AlwaysAllow on the budget`;
  }
  return `wait until the pods of ${owner} that moved are Ready elsewhere, or relax the budget`;
}

function blockedByBudget(pod: Pod, budget: Budget): BlockingPod {
  const health = `${plural(budget.currentHealthy, 'pod')} of ${budget.expectedPods} healthy, ${budget.desiredHealthy} required`;
  return {
    ...base(pod),
    reason: 'budget',
    budget: `${budget.namespace}/${budget.name}`,
    detail: `PodDisruptionBudget ${budget.namespace}/${budget.name} (${ruleOf(budget)}) allows no disruption: ${health}`,
    advice: budgetAdvice(pod, budget),
  };
}

function blockedByBudgets(pod: Pod, budgets: readonly Budget[]): BlockingPod {
  const names = budgets.map(({ namespace, name }) => `${namespace}/${name}`);
  return {
    ...base(pod),
    reason: 'moreThanOneBudget',
    ...(names.length > 0 && { budget: names.join(', ') }),
    detail: `more than one PodDisruptionBudget selects it (${names.join(', ') || 'names unknown'}), and Kubernetes evicts no such pod`,
    advice: 'change the selectors so that one budget selects the pod',
  };
}

/** Say why the settings of this run refuse to evict a pod. */
export function blockedByRefusal(pod: Pod, refusal: Refusal): BlockingPod {
  return refusal === 'unmanaged'
    ? {
        ...base(pod),
        reason: 'unmanaged',
        detail: 'no controller owns it, so nothing would create it again, and pods.unmanaged is "refuse"',
        advice: 'delete it yourself, or set pods.unmanaged to "evict"',
      }
    : {
        ...base(pod),
        reason: 'localStorage',
        detail: 'its emptyDir data would be lost, and pods.localStorage is "refuse"',
        advice: 'save the data and delete the pod, or set pods.localStorage to "evict"',
      };
}

/** Seconds by which a pod may outlast its grace period: the kubelet kills it then, and takes its volumes and network away. */
const STUCK_AFTER_SECONDS = 30;

/** True for a pod that should have stopped, and does not seem to. */
export const isStuckTerminating = ({ deletionDeadlineAt }: Pick<Pod, 'deletionDeadlineAt'>, nowAt: string): boolean =>
  deletionDeadlineAt !== undefined && Date.parse(nowAt) >= Date.parse(deletionDeadlineAt) + STUCK_AFTER_SECONDS * 1000;

/** Say that a pod was asked to stop and has not. */
export function blockedByTermination(pod: Pod, nowAt: string): BlockingPod {
  const deadlineAt = pod.deletionDeadlineAt as string;
  const isOverdue = Date.parse(deadlineAt) < Date.parse(nowAt);
  return {
    ...base(pod),
    reason: 'terminating',
    detail: isOverdue
      ? `it should have stopped by ${deadlineAt}, and has not`
      : `it is stopping, and has until ${deadlineAt} to do so`,
    advice: isOverdue
      ? 'look for a finalizer on the pod, or a kubelet that no longer answers'
      : `let drainTimeoutSeconds be longer than its grace period of ${pod.gracePeriodSeconds} s`,
  };
}

/** Say what keeps an eviction from being accepted; `undefined` when it was accepted or the pod is gone. */
export function blockedByOutcome(
  pod: Pod,
  outcome: EvictionOutcome,
  budgets: readonly Budget[],
): BlockingPod | undefined {
  const own = budgetsOf(pod, budgets);
  switch (outcome.status) {
    case 'evicted':
    case 'absent':
      return undefined;
    case 'ambiguous':
      return blockedByBudgets(pod, own);
    case 'blocked': {
      const budget = own.find(({ disruptionsAllowed }) => disruptionsAllowed === 0) ?? own[0];
      if (budget !== undefined) return blockedByBudget(pod, budget);
      // The API server ends its sentence with a full stop, and so do ours.
      const detail = outcome.message.replace(/[.\s]+$/, '');
      return { ...base(pod), reason: 'budget', detail, advice: 'relax the budget' };
    }
    case 'later':
      return {
        ...base(pod),
        reason: 'retry',
        detail: 'the Kubernetes API asked to try the eviction again later',
        advice: 'check the load on the API server if this lasts',
      };
  }
}

/** One sentence for a held pod, as the error and the report show it. */
export function describeBlockingPod(blockingPods: BlockingPod, nowAt: string): string {
  const owner = blockingPods.owner === undefined ? '' : ` (${blockingPods.owner})`;
  const minutes =
    blockingPods.sinceAt === undefined
      ? 0
      : Math.round((Date.parse(nowAt) - Date.parse(blockingPods.sinceAt)) / 60_000);
  const duration = minutes > 0 ? ` for ${plural(minutes, 'minute')}` : '';
  return `pod ${podName(blockingPods)}${owner} is held${duration}: ${blockingPods.detail}. To do: ${blockingPods.advice}.`;
}

/** Keep the instant at which each pod was first seen held. */
export function rememberSince<BlockingPodLike extends BlockingPod>(
  blockingPods: readonly BlockingPodLike[],
  before: readonly Pick<BlockingPod, 'namespace' | 'name' | 'sinceAt'>[],
  nowAt: string,
): (BlockingPodLike & { sinceAt: string })[] {
  // The earliest comes first in the list, so it is written last.
  const since = new Map([...before].reverse().map((pod) => [podName(pod), pod.sinceAt]));
  return blockingPods.map((pod) => ({ ...pod, sinceAt: since.get(podName(pod)) ?? pod.sinceAt ?? nowAt }));
}

/**
 * List every pod that would block a drain of outdated nodes, before anything is touched.
 *
 * @param pods pods bound to outdated nodes
 */
export function findBlockingPods(
  pods: readonly Pod[],
  budgets: readonly Budget[],
  settings: { drainTimeoutSeconds: number; pods: { unmanaged: string; localStorage: string } },
): BlockingPod[] {
  return pods.flatMap((pod): BlockingPod[] => {
    const own = budgetsOf(pod, budgets);
    if (own.length > 1) return [blockedByBudgets(pod, own)];
    const [budget] = own;
    if (pod.owner === undefined && settings.pods.unmanaged === 'refuse') return [blockedByRefusal(pod, 'unmanaged')];
    if (pod.hasLocalStorage && settings.pods.localStorage === 'refuse') return [blockedByRefusal(pod, 'localStorage')];
    if (budget !== undefined && holds(budget, pod)) return [blockedByBudget(pod, budget)];
    if (pod.gracePeriodSeconds > settings.drainTimeoutSeconds) {
      return [
        {
          ...base(pod),
          reason: 'gracePeriod',
          detail: `its grace period of ${pod.gracePeriodSeconds} s is longer than drainTimeoutSeconds ${settings.drainTimeoutSeconds}`,
          advice: `set drainTimeoutSeconds to ${pod.gracePeriodSeconds + 60} or more`,
        },
      ];
    }
    return [];
  });
}

/** Say that a pod comes back to a draining node, which is reported and not waited for. */
export const toleratesEveryTaint = (pod: Pod): BlockingPod => ({
  ...base(pod),
  reason: 'toleratesEveryTaint',
  detail: 'it tolerates the taint of outdated nodes, so it comes straight back after its eviction',
  advice: 'narrow its tolerations, or make it a DaemonSet; the run evicts it once and does not wait for it',
});

/**
 * Say of each pod left on a node what keeps it there.
 *
 * @param outcomes what the Eviction API answered, by pod uid, when it was asked
 */
export function diagnose(facts: {
  tick: Pick<DrainTick, 'evict' | 'leaving' | 'refused'>;
  outcomes: ReadonlyMap<string, EvictionOutcome>;
  budgets: readonly Budget[];
  nowAt: string;
}): BlockingPod[] {
  const { tick, outcomes, budgets, nowAt } = facts;
  const answered = tick.evict.flatMap((pod) => {
    const own = budgetsOf(pod, budgets);
    const presumed: EvictionOutcome =
      own.length > 1
        ? { status: 'ambiguous', message: '' }
        : { status: own.length === 1 ? 'blocked' : 'later', message: '', retryAfterSeconds: 5 };
    return blockedByOutcome(pod, outcomes.get(pod.uid) ?? presumed, budgets) ?? [];
  });
  return [
    ...answered,
    ...tick.refused.map(({ pod, refusal }) => blockedByRefusal(pod, refusal)),
    ...tick.leaving.map((pod) => blockedByTermination(pod, nowAt)),
  ];
}

/** Describe all pods that hold a node, at most `limit` of them. */
export function describeBlockingPods(blockingPods: readonly BlockingPod[], nowAt: string, limit: number): string {
  const sentences = blockingPods.slice(0, limit).map((pod) => describeBlockingPod(pod, nowAt));
  const more = blockingPods.length - sentences.length;
  return [...sentences, ...(more > 0 ? [`and ${more} more`] : [])].join(' ');
}
