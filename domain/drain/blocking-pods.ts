import { UNSCHEDULABLE_TAINT } from '../nodegroup/node-ownership.ts';
import type { BlockingPod } from '../state.ts';
import { plural } from '../text.ts';
import type { Budget, Pod } from '../types.ts';
import { budgetsOf, isPermanentlyBlocking, leavesRoomWithMore, ruleOf } from './budgets.ts';
import type { Obstacle, RefusedEviction } from './drain.ts';
import type { Refusal, TerminatingPod } from './pod-filters.ts';
import { identityOf, ownerName, podName } from './pods.ts';

/** What to do about a budget that allows nothing now. */
function budgetAdvice(pod: Pod, budget: Budget): string {
  const owner = ownerName(pod) ?? `pod ${podName(pod)}`;
  if (isPermanentlyBlocking(budget)) {
    if (!leavesRoomWithMore(budget)) {
      return 'change the budget to allow 1 unavailable; waiting or adding replicas does not help';
    }
    return budget.expectedPods <= 1
      ? `run ${owner} with 2 replicas or more, or change the budget to allow 1 unavailable; waiting does not help`
      : `give ${owner} more replicas than the budget asks for, or relax the budget; waiting does not help`;
  }
  if (budget.currentHealthy <= budget.desiredHealthy && budget.currentHealthy < budget.expectedPods) {
    const repair = `wait until all pods of ${owner} are Ready again, and repair the pods that do not become Ready`;
    return budget.unhealthyPodEvictionPolicy === 'AlwaysAllow'
      ? repair
      : `${repair}, or set unhealthyPodEvictionPolicy: AlwaysAllow on the budget`;
  }
  return `wait until the pods of ${owner} that moved are Ready elsewhere, or relax the budget`;
}

/** Say that a budget allows no disruption now. */
export function blockedByBudget(pod: Pod, budget: Budget): BlockingPod {
  const health = `${plural(budget.currentHealthy, 'pod')} of ${budget.expectedPods} healthy, ${budget.desiredHealthy} required`;
  return {
    ...identityOf(pod),
    reason: 'budget',
    budget: `${budget.namespace}/${budget.name}`,
    detail: `PodDisruptionBudget ${budget.namespace}/${budget.name} (${ruleOf(budget)}) allows no disruption: ${health}`,
    advice: budgetAdvice(pod, budget),
  };
}

/** Say that more than one budget selects a pod. */
export function blockedByBudgets(pod: Pod, budgets: readonly Budget[]): BlockingPod {
  const names = budgets.map(({ namespace, name }) => `${namespace}/${name}`);
  return {
    ...identityOf(pod),
    reason: 'moreThanOneBudget',
    ...(names.length > 0 && { budget: names.join(', ') }),
    detail: `more than one PodDisruptionBudget selects it (${names.join(', ') || 'names unknown'}), and Kubernetes never evicts such a pod`,
    advice: 'change the selectors so that one budget selects the pod',
  };
}

/** Say why the settings of this run refuse to evict a pod. */
export function blockedByRefusal(pod: Pod, refusal: Refusal): BlockingPod {
  return refusal === 'unmanaged'
    ? {
        ...identityOf(pod),
        reason: 'unmanaged',
        detail: 'no controller owns it, so nothing would create it again, and pods.unmanaged is "refuse"',
        advice: 'delete it yourself, or set pods.unmanaged to "evict"',
      }
    : {
        ...identityOf(pod),
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
export function blockedByTermination(pod: TerminatingPod, nowAt: string): BlockingPod {
  const { deletionDeadlineAt, gracePeriodSeconds } = pod;
  return Date.parse(deletionDeadlineAt) < Date.parse(nowAt)
    ? {
        ...identityOf(pod),
        reason: 'terminating',
        detail: `it should have stopped by ${deletionDeadlineAt}, and has not`,
        advice: 'check for a finalizer on the pod, or a kubelet that no longer answers',
      }
    : {
        ...identityOf(pod),
        reason: 'terminating',
        detail: `it is stopping, and has until ${deletionDeadlineAt} to do so`,
        advice: `set drainTimeoutSeconds above its grace period of ${gracePeriodSeconds} s`,
      };
}

const blockedByApi = (pod: Pod): BlockingPod => ({
  ...identityOf(pod),
  reason: 'retry',
  detail: 'the Kubernetes API asked to try the eviction again later',
  advice: 'check the load on the API server if this lasts',
});

/**
 * Say why an eviction was refused.
 *
 * @param budgets of the whole cluster
 */
export function blockedByEviction(pod: Pod, outcome: RefusedEviction, budgets: readonly Budget[]): BlockingPod {
  const own = budgetsOf(pod, budgets);
  if (outcome.status === 'ambiguous') return blockedByBudgets(pod, own);
  if (outcome.status === 'later') return blockedByApi(pod);
  const budget = own.find(({ disruptionsAllowed }) => disruptionsAllowed === 0) ?? own[0];
  if (budget !== undefined) return blockedByBudget(pod, budget);
  // The API server ends its sentence with a full stop, and so do ours.
  const detail = outcome.message.replace(/[.\s]+$/, '');
  return { ...identityOf(pod), reason: 'budget', detail, advice: 'relax the budget' };
}

/** Infer from the budgets why a pod is left whose eviction was not requested. */
function inferBlocking(pod: Pod, budgets: readonly Budget[]): BlockingPod {
  const [budget, ...others] = budgetsOf(pod, budgets);
  if (budget === undefined) return blockedByApi(pod);
  return others.length > 0 ? blockedByBudgets(pod, [budget, ...others]) : blockedByBudget(pod, budget);
}

const TAINT = UNSCHEDULABLE_TAINT.key;

/**
 * Say that a pod comes back although the taint should keep it away.
 *
 * @param isTaintRemoved the taint was missing from the node, and was put back
 */
export function blockedByReturn(pod: Pod, isTaintRemoved: boolean): BlockingPod {
  const node = pod.nodeName ?? 'the node';
  return isTaintRemoved
    ? {
        ...identityOf(pod),
        reason: 'returned',
        detail: `it came back after its evictions, because somebody removed the taint ${TAINT} from the node`,
        advice: `find out who removes it (kubectl get node ${node} -o yaml --show-managed-fields), and stop that until the upgrade has ended`,
      }
    : {
        ...identityOf(pod),
        reason: 'returned',
        detail: `it came back after its evictions, because its owner names the node (spec.nodeName), so that the taint ${TAINT} does not keep it away`,
        advice: 'let the scheduler place it, make it a DaemonSet, or scale its owner down until the upgrade has ended',
      };
}

function explainObstacle(
  obstacle: Obstacle,
  budgets: readonly Budget[],
  nowAt: string,
  isTaintRemoved: boolean,
): BlockingPod {
  switch (obstacle.cause) {
    case 'eviction':
      return blockedByEviction(obstacle.pod, obstacle.outcome, budgets);
    case 'notAsked':
      return inferBlocking(obstacle.pod, budgets);
    case 'refused':
      return blockedByRefusal(obstacle.pod, obstacle.refusal);
    case 'returned':
      return blockedByReturn(obstacle.pod, isTaintRemoved);
    case 'terminating':
      return blockedByTermination(obstacle.pod, nowAt);
  }
}

/**
 * Say of each pod left on a node what blocks its drain, and what to do.
 *
 * @param budgets        of the whole cluster
 * @param isTaintRemoved the taint was missing from the node during the drain
 */
export const explainObstacles = (
  obstacles: readonly Obstacle[],
  budgets: readonly Budget[],
  nowAt: string,
  isTaintRemoved = false,
): BlockingPod[] => obstacles.map((obstacle) => explainObstacle(obstacle, budgets, nowAt, isTaintRemoved));
