import type { Budget, LabelSelector, Pod } from '../types.ts';

/**
 * Decide whether a label selector selects a set of labels.
 *
 * An empty selector selects everything, a missing one nothing (policy/v1).
 *
 * @see https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/
 */
export function selects(selector: LabelSelector | undefined, labels: Readonly<Record<string, string>>): boolean {
  if (selector === undefined) return false;
  const matchesLabels = Object.entries(selector.matchLabels ?? {}).every(([key, value]) => labels[key] === value);
  return (
    matchesLabels &&
    (selector.matchExpressions ?? []).every(({ key, operator, values = [] }) => {
      const value = labels[key];
      switch (operator) {
        case 'In':
          return value !== undefined && values.includes(value);
        case 'NotIn':
          return value === undefined || !values.includes(value);
        case 'Exists':
          return value !== undefined;
        case 'DoesNotExist':
          return value === undefined;
        default:
          return false;
      }
    })
  );
}

/** Budgets that select a pod. */
export const budgetsOf = (pod: Pod, budgets: readonly Budget[]): Budget[] =>
  budgets.filter((budget) => budget.namespace === pod.namespace && selects(budget.selector, pod.labels));

/** A budget's rule as it was written, e.g. `minAvailable 2`. */
export const ruleOf = (budget: Budget): string =>
  budget.minAvailable !== undefined
    ? `minAvailable ${budget.minAvailable}`
    : `maxUnavailable ${budget.maxUnavailable ?? '?'}`;

/** True when the budget allows nothing even with every pod healthy: no waiting helps. */
export const isPermanentlyBlocking = (budget: Budget): boolean =>
  // A budget that counts no pods has not been reconciled yet: it says nothing.
  budget.expectedPods > 0 && budget.desiredHealthy >= budget.expectedPods;

/** True when more replicas make room for a disruption: not when the budget asks for all of them, however many there are. */
export const leavesRoomWithMore = ({ minAvailable }: Budget): boolean =>
  minAvailable !== undefined && minAvailable !== '100%';

/**
 * True when a budget, as it stands, forbids the eviction of a pod.
 *
 * @see https://kubernetes.io/docs/tasks/run-application/configure-pdb/#unhealthy-pod-eviction-policy
 */
export function forbidsEviction(budget: Budget, pod: Pod): boolean {
  if (budget.disruptionsAllowed > 0 || pod.phase === 'Pending' || pod.deletionDeadlineAt !== undefined) return false;
  if (pod.isReady) return true;
  const hasEnough = budget.desiredHealthy > 0 && budget.currentHealthy >= budget.desiredHealthy;
  return budget.unhealthyPodEvictionPolicy === 'IfHealthyBudget' && !hasEnough;
}
