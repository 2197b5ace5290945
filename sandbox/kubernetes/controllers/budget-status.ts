import { withCondition } from '../conditions.ts';
import type { PodDisruptionBudget } from '../kinds/disruption-budget.ts';
import type { Budget } from './budgeted-pods.ts';
import { assessBudget } from './disruption-budget.ts';

/** An eviction that was granted counts as under way for this long, even if its pod is still there. */
const DISRUPTION_TIMEOUT_SECONDS = 2 * 60;

type Status = NonNullable<PodDisruptionBudget['status']>;

/** Granted evictions whose pods are still there and not terminating yet, and when the first of them expires. */
function disruptionsUnderWay({ status }: PodDisruptionBudget, budget: Budget, now: number) {
  const granted: Record<string, string> = {};
  let recheckAt = Number.POSITIVE_INFINITY;
  for (const [podName, grantedAt] of Object.entries(status?.disruptedPods ?? {})) {
    const pod = budget.pods.get(podName);
    if (pod === undefined || pod.isTerminating) continue;
    const expiresAt = Date.parse(grantedAt) + DISRUPTION_TIMEOUT_SECONDS * 1000;
    if (expiresAt <= now) continue;
    granted[podName] = grantedAt;
    recheckAt = Math.min(recheckAt, expiresAt);
  }
  return { granted, recheckAt };
}

/**
 * Work out the status of a budget.
 *
 * @param now milliseconds since the epoch
 * @param at  the same instant, RFC 3339 UTC, seconds
 * @returns also when to work it out again, milliseconds since the epoch; infinity: when something changes
 */
export function budgetStatus(
  object: PodDisruptionBudget,
  budget: Budget,
  controllersScale: number,
  { now, at }: { readonly now: number; readonly at: string },
): { readonly status: Status; readonly recheckAt: number } {
  const { minAvailable, maxUnavailable } = object.spec;
  const { granted, recheckAt } = disruptionsUnderWay(object, budget, now);
  const disruptedHealthyPods = Object.keys(granted).filter((podName) => budget.pods.get(podName)?.isHealthy).length;
  const counts = assessBudget(
    { minAvailable, maxUnavailable },
    { pods: budget.pods.size, healthyPods: budget.healthyPods - disruptedHealthyPods, controllersScale },
  );
  const isAllowed = counts.disruptionsAllowed > 0;
  const { disruptedPods: _, ...others } = object.status ?? {};
  const conditions = withCondition(
    others.conditions,
    {
      type: 'DisruptionAllowed',
      status: isAllowed ? 'True' : 'False',
      reason: isAllowed ? 'SufficientPods' : 'InsufficientPods',
      message: '',
      observedGeneration: object.metadata.generation,
    },
    at,
  );
  const status = {
    ...others,
    ...counts,
    ...(Object.keys(granted).length > 0 ? { disruptedPods: granted } : {}),
    observedGeneration: object.metadata.generation,
    conditions,
  };
  return { status, recheckAt };
}

/** The status of a budget that cannot be worked out; evictions are refused then. */
export const failedStatus = ({ status }: PodDisruptionBudget, message: string, at: string): Status => ({
  disruptionsAllowed: 0,
  conditions: withCondition(
    status?.conditions,
    {
      type: 'DisruptionAllowed',
      status: 'False',
      reason: 'SyncFailed',
      message,
      observedGeneration: status?.observedGeneration ?? 0,
    },
    at,
  ),
});
