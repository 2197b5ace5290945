import type { NodeReport, PlanReport } from '../model/model.ts';
import type { HistoryEvent } from './history.ts';
import { lastOutputOf, outputOf } from './outputs.ts';
import type { Observation } from './update-observations.ts';
import type { Visit } from './visits.ts';

/** US dollars a state transition of a Standard workflow in us-east-1. @see https://aws.amazon.com/step-functions/pricing/ */
export const TRANSITION_USD = 0.000025;

/** State transitions of one history: states entered, and retries, which are charged alike. */
export function transitionsOf(history: readonly HistoryEvent[], visits: readonly Visit[]): number {
  const entered = history.filter(({ type }) => type?.endsWith('StateEntered')).length;
  return entered + visits.reduce((retries, { tries }) => retries + Math.max(0, tries - 1), 0);
}

/** When each unit of the surge was asked for, epoch ms: all at once in ScaleUp, and what slow boots or the conductor asked for later. */
function surgeStarts(surge: number, visits: readonly Visit[]): number[] {
  return visits.flatMap((visit, index) => {
    const { state, enteredAt } = visit;
    if (state === 'ScaleUp') return Array.from({ length: surge }, () => enteredAt);
    if (state === 'RaiseSurgeForSlowBoots') {
      return Array.from({ length: outputOf(visit, state)?.added ?? 0 }, () => enteredAt);
    }
    if (state !== 'RaiseSurge') return [];
    const asked = lastOutputOf(visits.slice(0, index), 'UpgradeNodes')?.extraNodes ?? 0;
    return Array.from({ length: asked }, () => enteredAt);
  });
}

/**
 * Hours of instances beyond the original desired capacity: each unit of surge lives from the scale-up until a node is
 * terminated with a decrement, at the latest until the scale-down is done.
 *
 * @param observedAt epoch ms, ends what is still there
 */
export function extraInstanceHours(
  plan: PlanReport | undefined,
  visits: readonly Visit[],
  nodes: readonly NodeReport[],
  observedAt: number,
): number | undefined {
  const surge = plan?.surge.nodes;
  if (surge === undefined || plan === undefined || plan.isDryRun || plan.isNothingToDo) return undefined;
  const starts = surgeStarts(surge, visits);
  const scaledDownAt = visits.findLast(({ state }) => state === 'ScaleDown')?.exitedAt ?? observedAt;
  const decrementedAt = nodes
    .flatMap(({ attempts }) => attempts)
    .filter(({ isDecremented, outcome }) => isDecremented && outcome === 'upgraded')
    .map(({ endedAt }) => (endedAt === undefined ? observedAt : Date.parse(endedAt)))
    .sort((left, right) => left - right);
  const milliseconds = starts.map((startedAt, unit) => (decrementedAt[unit] ?? scaledDownAt) - startedAt);
  return milliseconds.reduce((sum, each) => sum + Math.max(0, each), 0) / 3_600_000;
}

/**
 * Hours of instances beyond the original desired capacity, from the desired capacity of each observation until the next.
 *
 * @param original desired capacity before the update, when it is known
 * @param observedAt epoch ms, ends what the last observation saw
 */
export function extraHoursObserved(
  observations: readonly Observation[],
  original: number | undefined,
  observedAt: number,
): number | undefined {
  const seen = observations.flatMap(({ at, update: { desiredCapacity } }) =>
    desiredCapacity === undefined ? [] : [{ at, desiredCapacity }],
  );
  if (original === undefined || seen.length === 0) return undefined;
  const milliseconds = seen.map(
    ({ at, desiredCapacity }, index) =>
      Math.max(0, desiredCapacity - original) * Math.max(0, (seen[index + 1]?.at ?? observedAt) - at),
  );
  return milliseconds.reduce((sum, each) => sum + each, 0) / 3_600_000;
}
