import { isIgnoredByDrain } from '../drain/pod-filters.ts';
import { podName } from '../drain/pods.ts';
import type { PodDeparture } from '../types.ts';

/** Reason of the DisruptionTarget condition. @see https://kubernetes.io/docs/concepts/workloads/pods/disruptions/#pod-disruption-conditions */
const EVICTED = 'EvictionByEvictionAPI';

/** Pods that EKS made leave since the last observation. */
export interface Departures {
  /** namespace/name of those that are gone by an eviction. */
  readonly evicted: readonly string[];
  /** Number of those that were deleted by force. */
  readonly deletedCount: number;
  /** By node name: how many are gone in each way. A node whose pods are still going has an entry as well. */
  readonly byNode: ReadonlyMap<string, { readonly gone: number; readonly deleted: number }>;
}

/** Where a pod that goes without an eviction was deleted by force. */
export interface ForcedDeletions {
  /** Nodes that EKS was draining. */
  readonly activeNodeNames: ReadonlySet<string>;
  /** namespace/name of blocking pods, which may be on nodes without evidence. */
  readonly blockingPodNames: ReadonlySet<string>;
}

/**
 * Count the pods that left the group's nodes because they were evicted, or deleted by force.
 *
 * @param nodeNames of the group, renewed ones included: EKS drains surplus nodes as well
 * @param forced `undefined` for an update that deletes nothing by force
 */
export function countDepartures(
  departures: readonly PodDeparture[],
  nodeNames: ReadonlySet<string>,
  forced: ForcedDeletions | undefined,
): Departures {
  const evicted: string[] = [];
  let deletedCount = 0;
  const byNode = new Map<string, { gone: number; deleted: number }>();
  for (const { pod, isGone } of departures) {
    const { nodeName = '', disruption } = pod;
    const isExpected = forced?.activeNodeNames.has(nodeName) || forced?.blockingPodNames.has(podName(pod));
    const isForced = isExpected && disruption === undefined && !isIgnoredByDrain(pod);
    if (!nodeNames.has(nodeName) || (disruption !== EVICTED && !isForced)) continue;
    const ofNode = byNode.get(nodeName) ?? { gone: 0, deleted: 0 };
    byNode.set(nodeName, ofNode);
    if (!isGone) continue;
    if (disruption === EVICTED) {
      ofNode.gone += 1;
      evicted.push(podName(pod));
    } else {
      ofNode.deleted += 1;
      deletedCount += 1;
    }
  }
  return { evicted, deletedCount, byNode };
}
