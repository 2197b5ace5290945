import type { Pod } from '../kinds/pod.ts';
import { nodeNameOf } from '../pod-state.ts';

/** Bound pods whose volume is not on their node yet, by volume. */
export interface AwaitingPods {
  add(volumeName: string, pod: Pod): void;
  remove(volumeName: string, pod: Pod): void;
  /** In the order in which they were bound. */
  of(volumeName: string): Pod[];
  /** Take out the pods on a node, which the volume is attached to. @returns their uids */
  takeOn(volumeName: string, nodeName: string): string[];
}

export function createAwaitingPods(): AwaitingPods {
  const awaiting = new Map<string, Map<string, Pod>>();
  return {
    add(volumeName, pod) {
      const pods = awaiting.get(volumeName) ?? new Map<string, Pod>();
      awaiting.set(volumeName, pods.set(pod.metadata.uid, pod));
    },
    remove(volumeName, pod) {
      awaiting.get(volumeName)?.delete(pod.metadata.uid);
    },
    of: (volumeName) => [...(awaiting.get(volumeName)?.values() ?? [])],
    takeOn(volumeName, nodeName) {
      const pods = awaiting.get(volumeName) ?? new Map<string, Pod>();
      const taken = [...pods.values()]
        .filter((pod) => nodeNameOf(pod) === nodeName)
        .map(({ metadata }) => metadata.uid);
      for (const uid of taken) pods.delete(uid);
      if (pods.size === 0) awaiting.delete(volumeName);
      return taken;
    },
  };
}
