import type { IntOrPercentage } from '../kinds/workloads.ts';

/**
 * Resolve a count or percentage against a total.
 *
 * @param rounding Kubernetes rounds budgets' and surges' percentages up, a Deployment's maxUnavailable down
 */
export function resolveCount(value: IntOrPercentage, total: number, rounding: 'up' | 'down'): number {
  if (typeof value === 'number') return value;
  const match = /^(\d+)%$/.exec(value);
  if (match === null) return Number(value);
  const exact = (Number(match[1]) * total) / 100;
  return rounding === 'up' ? Math.ceil(exact) : Math.floor(exact);
}

/** What a budget asks for. */
export interface BudgetSpec {
  readonly minAvailable?: IntOrPercentage | undefined;
  readonly maxUnavailable?: IntOrPercentage | undefined;
}

/** What a budget's pods are like now. */
export interface BudgetFacts {
  /** Pods that the selector matches. */
  readonly pods: number;
  /** Ready pods that are neither terminating nor about to be evicted. */
  readonly healthyPods: number;
  /** Sum of the scales of the controllers behind the pods; a pod without a controller adds nothing. */
  readonly controllersScale: number;
}

export interface BudgetStatus {
  readonly expectedPods: number;
  readonly currentHealthy: number;
  readonly desiredHealthy: number;
  readonly disruptionsAllowed: number;
}

/**
 * Work out how many pods a budget lets go.
 *
 * Percentages of either kind round up, so a percentage needs the controllers' scale; so does a count of maxUnavailable.
 * Only a count of minAvailable takes the pods as they are, which is why pods without a controller need one.
 *
 * @see https://kubernetes.io/docs/tasks/run-application/configure-pdb/#rounding-logic-when-specifying-percentages
 */
export function assessBudget({ minAvailable, maxUnavailable }: BudgetSpec, facts: BudgetFacts): BudgetStatus {
  const { pods, healthyPods, controllersScale } = facts;
  let expectedPods = 0;
  let desiredHealthy = 0;
  if (maxUnavailable !== undefined) {
    expectedPods = controllersScale;
    desiredHealthy = Math.max(0, expectedPods - resolveCount(maxUnavailable, expectedPods, 'up'));
  } else if (typeof minAvailable === 'number') {
    expectedPods = pods;
    desiredHealthy = minAvailable;
  } else if (minAvailable !== undefined) {
    expectedPods = controllersScale;
    desiredHealthy = resolveCount(minAvailable, expectedPods, 'up');
  }
  const spare = healthyPods - desiredHealthy;
  return {
    expectedPods,
    currentHealthy: healthyPods,
    desiredHealthy,
    disruptionsAllowed: expectedPods <= 0 || spare <= 0 ? 0 : spare,
  };
}
