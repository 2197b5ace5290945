import type { BlockingPod, Run } from '../state.ts';
import type { Budget, Pod } from '../types.ts';
import {
  blockedByBudget,
  blockedByBudgets,
  blockedByRefusal,
  blockedByTermination,
  isStuckTerminating,
} from './blocking-pods.ts';
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
 * List the pods that should have stopped before the drain has begun, and have not.
 *
 * @param readyNodes names of Ready nodes: on another one such pods count as gone
 */
export const findStuckPods = (pods: readonly Pod[], readyNodes: ReadonlySet<string>, nowAt: string): BlockingPod[] =>
  pods.flatMap((pod) => {
    const { deletionDeadlineAt, nodeName = '' } = pod;
    const isStuck = deletionDeadlineAt !== undefined && isStuckTerminating(pod, nowAt) && readyNodes.has(nodeName);
    return isStuck ? [blockedByTermination({ ...pod, deletionDeadlineAt }, nowAt)] : [];
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
    // Nobody asks the budgets of a pod that has not started, or is stopping: not even when there are several.
    const isFree = pod.phase === 'Pending' || pod.deletionDeadlineAt !== undefined;
    const [budget, ...others] = isFree ? [] : budgetsOf(pod, budgets);
    if (budget !== undefined && others.length > 0) return [blockedByBudgets(pod, [budget, ...others])];
    const refusal = pod.deletionDeadlineAt === undefined ? refusalOf(pod, settings.pods) : undefined;
    if (refusal !== undefined) return [blockedByRefusal(pod, refusal)];
    if (budget !== undefined && forbidsEviction(budget, pod)) return [blockedByBudget(pod, budget)];
    return pod.gracePeriodSeconds > settings.drainTimeoutSeconds
      ? [blockedByGracePeriod(pod, settings.drainTimeoutSeconds)]
      : [];
  });
}
