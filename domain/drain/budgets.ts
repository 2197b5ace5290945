import { meets } from '../label-requirements.ts';
import { withoutFullStop } from '../text.ts';
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
  return matchesLabels && (selector.matchExpressions ?? []).every((each) => meets(each, labels) === true);
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
  // A budget that counts no pods has not been reconciled yet, or cannot be: its figures say nothing.
  whyNotComputed(budget) === undefined && budget.expectedPods > 0 && budget.desiredHealthy >= budget.expectedPods;

/**
 * The smallest number of pods under the budget with which it lets one go; `undefined` when it asks for all of them, however
 * many there are.
 *
 * A share is rounded up to whole pods: of `80%`, 5 pods are the first that leave room, as 4 of 4 are required.
 */
export function podsForRoom({ minAvailable }: Budget): number | undefined {
  if (minAvailable === undefined) return undefined;
  if (!minAvailable.endsWith('%')) return Number(minAvailable) + 1;
  const percent = Number.parseInt(minAvailable, 10);
  return percent >= 100 ? undefined : Math.ceil(100 / (100 - percent));
}

/**
 * Why no number of a budget's status can be trusted, in a few words; `undefined` when it was computed.
 *
 * @see https://github.com/kubernetes/kubernetes/blob/master/pkg/controller/disruption/disruption.go
 */
export function whyNotComputed({ syncFailure, isStatusOld, expectedPods, currentHealthy }: Budget): string | undefined {
  if (syncFailure !== undefined) return withoutFullStop(syncFailure) || 'SyncFailed';
  if (isStatusOld) return 'its status is that of an older specification';
  return expectedPods === 0 && currentHealthy > 0 ? 'no controller owns the pods that it selects' : undefined;
}

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
