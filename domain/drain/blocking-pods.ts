import { UNSCHEDULABLE_TAINT } from '../nodegroup/node-ownership.ts';
import type { BlockingPod } from '../state.ts';
import { plural, truncateMiddle, withoutFullStop } from '../text.ts';
import type { Budget, Pod } from '../types.ts';
import { adviceWhenNotComputed, budgetAdvice } from './budget-advice.ts';
import { budgetsOf, ruleOf, whyNotComputed } from './budgets.ts';
import { adviceForDeferral, saysNothing } from './deferrals.ts';
import type { Obstacle, RefusedEviction } from './drain.ts';
import type { Refusal, TerminatingPod } from './pod-filters.ts';
import { identityOf } from './pods.ts';
import { adviceForRefusal } from './refusals.ts';

/** Say that a budget allows no disruption now. */
export function blockedByBudget(pod: Pod, budget: Budget): BlockingPod {
  const named = `PodDisruptionBudget ${budget.namespace}/${budget.name} (${ruleOf(budget)}) allows no disruption`;
  const why = whyNotComputed(budget);
  const health = `${plural(budget.currentHealthy, 'pod')} of ${budget.expectedPods} healthy, ${budget.desiredHealthy} required`;
  return {
    ...identityOf(pod),
    reason: 'budget',
    budget: `${budget.namespace}/${budget.name}`,
    detail: why === undefined ? `${named}: ${health}` : `${named}, as Kubernetes cannot compute it: ${why}`,
    advice: why === undefined ? budgetAdvice(pod, budget) : adviceWhenNotComputed(budget),
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

/**
 * Say that a pod was asked to stop and has not.
 *
 * @param drainTimeoutSeconds how long the drain may take; absent where somebody else drains
 */
export function blockedByTermination(pod: TerminatingPod, nowAt: string, drainTimeoutSeconds?: number): BlockingPod {
  const { deletionDeadlineAt, gracePeriodSeconds } = pod;
  if (Date.parse(deletionDeadlineAt) < Date.parse(nowAt)) {
    return {
      ...identityOf(pod),
      reason: 'terminating',
      detail: `it should have stopped by ${deletionDeadlineAt}, and has not`,
      advice: 'check for a finalizer on the pod, or a kubelet that no longer answers',
    };
  }
  return {
    ...identityOf(pod),
    reason: 'terminating',
    detail: `it is stopping, and has until ${deletionDeadlineAt} to do so`,
    // A pod that was let go late needs no more time than another drain gives it.
    advice:
      drainTimeoutSeconds !== undefined && drainTimeoutSeconds > gracePeriodSeconds
        ? `start the upgrade again once it has stopped: its eviction was allowed too late for a drain of ${drainTimeoutSeconds} s`
        : `set drainTimeoutSeconds above its grace period of ${gracePeriodSeconds} s`,
  };
}

/** So that what to do about them is not cut off behind them. */
const MOST_QUOTED_CHARACTERS = 150;
const MOST_QUOTED_OF_A_REFUSAL = 200;

/** Say that an eviction is put off, in the words of whoever does so. */
function blockedByDeferral(pod: Pod, message = ''): BlockingPod {
  const said = truncateMiddle(withoutFullStop(message), MOST_QUOTED_CHARACTERS);
  if (saysNothing(said)) {
    return {
      ...identityOf(pod),
      reason: 'retry',
      detail: 'the Kubernetes API asked to try the eviction again later',
      advice: 'check the load on the API server if this lasts',
    };
  }
  return {
    ...identityOf(pod),
    reason: 'retry',
    detail: `its eviction is put off: "${said}"`,
    advice: adviceForDeferral(said),
  };
}

/** Say that an admission webhook or policy refuses an eviction or a deletion, or that the API server does for good. */
const blockedByAdmission = (pod: Pod, what: 'eviction' | 'deletion', message: string): BlockingPod => ({
  ...identityOf(pod),
  reason: 'admission',
  detail: `its ${what} is refused: ${truncateMiddle(withoutFullStop(message), MOST_QUOTED_OF_A_REFUSAL)}`,
  advice: adviceForRefusal(what, message),
});

/**
 * Say why an eviction was refused.
 *
 * @param budgets of the whole cluster
 */
export function blockedByEviction(pod: Pod, outcome: RefusedEviction, budgets: readonly Budget[]): BlockingPod {
  const own = budgetsOf(pod, budgets);
  if (outcome.status === 'ambiguous') return blockedByBudgets(pod, own);
  if (outcome.status === 'later') return blockedByDeferral(pod, outcome.message);
  if (outcome.status === 'refused') return blockedByAdmission(pod, 'eviction', outcome.message);
  const budget = own.find(({ disruptionsAllowed }) => disruptionsAllowed === 0) ?? own[0];
  if (budget !== undefined) return blockedByBudget(pod, budget);
  return { ...identityOf(pod), reason: 'budget', detail: withoutFullStop(outcome.message), advice: 'relax the budget' };
}

/** Infer from the budgets why a pod is left whose eviction was not requested. */
function inferBlocking(pod: Pod, budgets: readonly Budget[]): BlockingPod {
  const [budget, ...others] = budgetsOf(pod, budgets);
  if (budget === undefined) return blockedByDeferral(pod);
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

/** What the sentences depend on besides the pods. */
export interface Circumstances {
  /** Of the whole cluster. */
  readonly budgets: readonly Budget[];
  readonly nowAt: string;
  readonly drainTimeoutSeconds?: number;
  /** The taint was missing from the node during the drain. */
  readonly isTaintRemoved?: boolean;
}

function explainObstacle(
  obstacle: Obstacle,
  { budgets, nowAt, drainTimeoutSeconds, isTaintRemoved = false }: Circumstances,
): BlockingPod {
  switch (obstacle.cause) {
    case 'eviction':
      return blockedByEviction(obstacle.pod, obstacle.outcome, budgets);
    case 'notAsked':
      return inferBlocking(obstacle.pod, budgets);
    case 'refused':
      return blockedByRefusal(obstacle.pod, obstacle.refusal);
    case 'undeletable':
      return blockedByAdmission(obstacle.pod, 'deletion', obstacle.message);
    case 'returned':
      return blockedByReturn(obstacle.pod, isTaintRemoved);
    case 'terminating':
      return blockedByTermination(obstacle.pod, nowAt, drainTimeoutSeconds);
  }
}

/** Say of each pod left on a node what blocks its drain, and what to do. */
export const explainObstacles = (obstacles: readonly Obstacle[], circumstances: Circumstances): BlockingPod[] =>
  obstacles.map((obstacle) => explainObstacle(obstacle, circumstances));
