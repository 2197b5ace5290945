import type { Pod } from '../kinds/pod.ts';
import { unwelcomeTaints } from './filters.ts';
import { HOST_LABEL, type NodeRoom, ZONE_LABEL } from './node-room.ts';
import type { Census, PodCensus } from './pod-census.ts';
import type { Requirements } from './requirements.ts';

/** Weights of the default scheduler profile: https://kubernetes.io/docs/reference/scheduling/config/ */
const SPREAD_WEIGHT = 2;
const TAINT_WEIGHT = 3;

interface SoftConstraint {
  readonly topologyKey: string;
  readonly maxSkew: number;
  readonly census: Census;
}

/** Constraints that only steer; pods of a controller without any are spread by the scheduler's defaults. */
function softConstraints(pod: Pod, required: Requirements, census: PodCensus): SoftConstraint[] {
  if (required.defaultSpreadOwner !== undefined) {
    const own = census.ofController(required.defaultSpreadOwner);
    return [
      { topologyKey: HOST_LABEL, maxSkew: 3, census: own },
      { topologyKey: ZONE_LABEL, maxSkew: 5, census: own },
    ];
  }
  return required.spread
    .filter(
      ({ whenUnsatisfiable, topologyKey }) =>
        whenUnsatisfiable === 'ScheduleAnyway' && (topologyKey === HOST_LABEL || topologyKey === ZONE_LABEL),
    )
    .map(({ topologyKey, maxSkew, labelSelector }) => ({
      topologyKey,
      maxSkew,
      census: census.matching(pod.metadata.namespace ?? '', labelSelector, 'staying'),
    }));
}

/** Share of a node that stays free with the pod on it, 0–100. */
const freeShare = (used: number, requested: number, offered: number) =>
  offered === 0 ? 0 : (Math.max(0, offered - used - requested) * 100) / offered;

/** Cost of each candidate under the constraints: pods of the kind in its domains, weighed by how many domains there are. */
function spreadCosts(candidates: readonly NodeRoom[], constraints: readonly SoftConstraint[]): Float64Array {
  const costs = new Float64Array(candidates.length);
  const zones = new Set(candidates.map(({ zone }) => zone)).size;
  for (const { topologyKey, maxSkew, census } of constraints) {
    const isHost = topologyKey === HOST_LABEL;
    const weight = Math.log((isHost ? candidates.length : zones) + 2);
    candidates.forEach((room, index) => {
      const pods = isHost ? census.onNode(room.name) : census.inZone(room.zone);
      costs[index] = (costs[index] ?? 0) + pods * weight + maxSkew - 1;
    });
  }
  return costs;
}

/**
 * Score feasible nodes: spread over hosts and zones, soft taints, room left. Higher is better.
 *
 * Each part is brought to 0–100 before it is weighed, as the scheduler framework does.
 */
export function scoreRooms(
  pod: Pod,
  required: Requirements,
  candidates: readonly NodeRoom[],
  census: PodCensus,
): Float64Array {
  const { millicores, memoryBytes } = required.requests;
  const costs = spreadCosts(candidates, softConstraints(pod, required, census));
  let most = 0;
  let least = Number.POSITIVE_INFINITY;
  for (const cost of costs) {
    most = Math.max(most, cost);
    least = Math.min(least, cost);
  }
  return Float64Array.from(candidates, (room, index) => {
    const cost = costs[index] ?? 0;
    const spreadScore = most === 0 ? 100 : (100 * (most + least - cost)) / most;
    const freeScore =
      (freeShare(room.usedMillicores, millicores, room.millicores) +
        freeShare(room.usedMemoryBytes, memoryBytes, room.memoryBytes)) /
      2;
    return SPREAD_WEIGHT * spreadScore - TAINT_WEIGHT * 100 * unwelcomeTaints(room.admission, required) + freeScore;
  });
}
