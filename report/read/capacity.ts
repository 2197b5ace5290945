import type { Capacity, CapacityPoint } from '../model/model.ts';
import { EARLIER_GROUP_STATES } from './earlier-versions.ts';
import { groupOutputOf } from './outputs.ts';
import { UPDATE_STATES } from './update-observations.ts';
import type { Visit } from './visits.ts';

/** States whose `readyNodes` counts the whole group. */
const GROUP_WIDE: ReadonlySet<string> = new Set([
  'CheckNewNodes',
  'UpgradeNodes',
  'ScaleDown',
  ...EARLIER_GROUP_STATES,
  ...UPDATE_STATES,
]);

/**
 * Collect the numbers of Ready nodes that steps returned, in order of time. Of equal numbers in a row, the first and the
 * last are kept.
 *
 * @param visits of the run and of all its nodes' executions
 */
export function capacityOf(visits: readonly Visit[], originalDesired: number | undefined): Capacity {
  const seen = visits
    .filter(({ state }) => GROUP_WIDE.has(state))
    .flatMap((visit) => {
      const { readyNodes } = groupOutputOf(visit);
      return readyNodes === undefined ? [] : [{ at: visit.exitedAt ?? visit.enteredAt, readyNodes }];
    })
    .sort((left, right) => left.at - right.at);
  const points = seen
    .filter(
      ({ readyNodes }, index) =>
        seen[index - 1]?.readyNodes !== readyNodes || seen[index + 1]?.readyNodes !== readyNodes,
    )
    .map(({ at, readyNodes }) => ({ at: new Date(at).toISOString(), readyNodes }));
  const extreme = (isBetter: (left: number, right: number) => boolean): CapacityPoint | undefined =>
    points.reduce<CapacityPoint | undefined>(
      (best, point) => (best === undefined || isBetter(point.readyNodes, best.readyNodes) ? point : best),
      undefined,
    );
  const lowest = extreme((left, right) => left < right);
  const highest = extreme((left, right) => left > right);
  return {
    ...(originalDesired === undefined ? {} : { originalDesired }),
    points,
    ...(lowest === undefined ? {} : { lowest }),
    ...(highest === undefined ? {} : { highest }),
  };
}
