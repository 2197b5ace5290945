import type { BlockingPod, Run } from '../state.ts';
import type { Budget, Pod } from '../types.ts';
import { blockedByBudget, blockedByBudgets, blockedByRefusal } from './blocking-pods.ts';
import { budgetsOf, forbidsEviction } from './budgets.ts';
import { refusalOf } from './pod-filters.ts';
import { identityOf } from './pods.ts';

/** Say that a pod may stop for longer than its drain may last. */
const blockedByGracePeriod = (pod: Pod, drainTimeoutSeconds: number): BlockingPod => ({
  ...identityOf(pod),
  reason: 'gracePeriod',
  detail: `its grace period of ${pod.gracePeriodSeconds} s is longer than drainTimeoutSeconds ${drainTimeoutSeconds}`,
  advice: `set drainTimeoutSeconds to ${pod.gracePeriodSeconds + 60} or more`,
});

/** Say that a pod comes back to a draining node, which is reported and not waited for. */
export const toleratesEveryTaint = (pod: Pod): BlockingPod => ({
  ...identityOf(pod),
  reason: 'toleratesEveryTaint',
  detail: 'it tolerates the taint of outdated nodes, so it returns right after its eviction',
  advice: 'narrow its tolerations, or make it a DaemonSet; the run evicts it a few times and then does not wait for it',
});

/**
 * List every pod that would block a drain of outdated nodes, before anything is touched.
 *
 * @param pods pods bound to outdated nodes
 */
export function findBlockingPods(
  pods: readonly Pod[],
  budgets: readonly Budget[],
  settings: Pick<Run, 'drainTimeoutSeconds' | 'pods'>,
): BlockingPod[] {
  return pods.flatMap((pod): BlockingPod[] => {
    const [budget, ...others] = budgetsOf(pod, budgets);
    if (budget !== undefined && others.length > 0) return [blockedByBudgets(pod, [budget, ...others])];
    const refusal = refusalOf(pod, settings.pods);
    if (refusal !== undefined) return [blockedByRefusal(pod, refusal)];
    if (budget !== undefined && forbidsEviction(budget, pod)) return [blockedByBudget(pod, budget)];
    return pod.gracePeriodSeconds > settings.drainTimeoutSeconds
      ? [blockedByGracePeriod(pod, settings.drainTimeoutSeconds)]
      : [];
  });
}
