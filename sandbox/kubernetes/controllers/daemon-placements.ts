import type { Pod } from '../kinds/pod.ts';
import { intendedNodeOf } from './daemon-pods.ts';

/** Pods of one DaemonSet by the node they are meant for, and the nodes that are to have one. */
export interface Placements {
  readonly podsByNode: Map<string, Set<string>>;
  readonly eligible: Set<string>;
}

/** Record that a pod of a DaemonSet came or went. */
export function followPod({ podsByNode }: Placements, pod: Pod, isGone: boolean): void {
  const nodeName = intendedNodeOf(pod);
  if (nodeName === undefined) return;
  const names = podsByNode.get(nodeName) ?? new Set();
  if (isGone) names.delete(pod.metadata.name);
  else names.add(pod.metadata.name);
  if (names.size === 0) podsByNode.delete(nodeName);
  else podsByNode.set(nodeName, names);
}

/** Nodes that have a pod and are not to have one. */
export function countMisplaced({ podsByNode, eligible }: Placements): number {
  let misplaced = 0;
  if (podsByNode.size > eligible.size)
    for (const nodeName of podsByNode.keys()) if (!eligible.has(nodeName)) misplaced += 1;
  return misplaced;
}
