import { budgetsOf } from '../drain/budgets.ts';
import { isIgnoredByDrain } from '../drain/pod-filters.ts';
import type { Budget, Pod } from '../types.ts';

/** What the drain of a node asks of the budgets. */
export interface Demand {
  /** Pods that must leave the node. */
  readonly pods: number;
  /** How many of them each budget covers, by namespace/name. */
  readonly byBudget: ReadonlyMap<string, number>;
}

/** Name of a budget with its namespace. */
const budgetName = ({ namespace, name }: Budget): string => `${namespace}/${name}`;

/** Count what the pods of a node ask of the budgets. */
export function demandOf(pods: readonly Pod[], budgets: readonly Budget[]): Demand {
  const moving = pods.filter((pod) => !isIgnoredByDrain(pod) && pod.deletionDeadlineAt === undefined);
  const byBudget = new Map<string, number>();
  for (const budget of moving.flatMap((pod) => budgetsOf(pod, budgets))) {
    byBudget.set(budgetName(budget), (byBudget.get(budgetName(budget)) ?? 0) + 1);
  }
  return { pods: moving.length, byBudget };
}

/**
 * Find the budgets that would let something go were it not for our own drains.
 *
 * A budget that lets nothing go even with every pod healthy is not among them: others waiting for it would wait for ever.
 *
 * @param draining demands of the nodes that are being drained
 * @param parkedBy budgets that have blocked a node until its time was over: they hold back no other
 */
export function contendedBudgets(
  budgets: readonly Budget[],
  draining: readonly Demand[],
  parkedBy: ReadonlySet<string>,
): Set<string> {
  const contended = budgets.filter((budget) => {
    const room = budget.expectedPods - budget.desiredHealthy;
    const asked = draining.reduce((sum, { byBudget }) => sum + (byBudget.get(budgetName(budget)) ?? 0), 0);
    // What was evicted and is not healthy elsewhere yet uses the same room as what is still to be evicted.
    const used = Math.max(asked, budget.expectedPods - budget.currentHealthy);
    return room >= 1 && room - used < 1 && !parkedBy.has(budgetName(budget));
  });
  return new Set(contended.map(budgetName));
}
