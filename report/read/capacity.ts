import type { Capacity, CapacityPoint } from '../model/model.ts';
import { numberOf, objectOf } from './fields.ts';
import type { Visit } from './history.ts';
import { UPDATE_STATES } from './update-observations.ts';

/** States whose `readyNodes` counts the whole group. */
const GROUP_WIDE = new Set(['CheckNewNodes', 'SelectNodes', 'AwaitTurn', 'ScaleDown', ...UPDATE_STATES]);

/**
 * Collect what every step said about Ready nodes, in order of time; runs of equal figures keep their first and last
 * point.
 *
 * @param visits of the parent and of all children
 */
export function capacityOf(visits: readonly Visit[], originalDesired: number | undefined): Capacity {
  const seen = visits
    .filter(({ state }) => GROUP_WIDE.has(state))
    .flatMap(({ output, exitedAt, enteredAt }) => {
      const readyNodes = numberOf(objectOf(output).readyNodes);
      return readyNodes === undefined ? [] : [{ at: exitedAt ?? enteredAt, readyNodes }];
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
