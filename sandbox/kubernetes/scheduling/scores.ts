import type { KubernetesObject } from '../objects.ts';
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
function softConstraints(pod: KubernetesObject, required: Requirements, census: PodCensus): SoftConstraint[] {
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

/** Turn costs into scores of 0–100, the lowest cost best. */
function scoresOfCosts(costs: readonly number[]): number[] {
  const most = Math.max(...costs);
  const least = Math.min(...costs);
  return costs.map((cost) => (most === 0 ? 100 : (100 * (most + least - cost)) / most));
}

/** Score feasible nodes: spread over hosts and zones, soft taints, room left. Higher is better. */
export function scoreRooms(
  pod: KubernetesObject,
  required: Requirements,
  candidates: readonly NodeRoom[],
  census: PodCensus,
): number[] {
  const constraints = softConstraints(pod, required, census);
  const zones = new Set(candidates.map(({ zone }) => zone)).size;
  const spreadCosts = candidates.map((room) =>
    constraints.reduce((cost, { topologyKey, maxSkew, census: counted }) => {
      const isHost = topologyKey === HOST_LABEL;
      const pods = isHost ? counted.onNode(room.name) : counted.inZone(room.zone);
      return cost + pods * Math.log((isHost ? candidates.length : zones) + 2) + (maxSkew - 1);
    }, 0),
  );
  const spreadScores = constraints.length === 0 ? spreadCosts : scoresOfCosts(spreadCosts);
  const { millicores, memoryBytes } = required.requests;
  return candidates.map(
    (room, index) =>
      SPREAD_WEIGHT * (spreadScores[index] as number) -
      TAINT_WEIGHT * 100 * unwelcomeTaints(room.admission, required) +
      (freeShare(room.usedMillicores, millicores, room.millicores) +
        freeShare(room.usedMemoryBytes, memoryBytes, room.memoryBytes)) /
        2,
  );
}
