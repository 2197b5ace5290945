import type { SandboxClock, Timer } from '../../world/clock.ts';
import type { EventRecorder } from '../event-recorder.ts';
import { deletePod } from '../graceful-deletion.ts';
import type { Node } from '../kinds/node.ts';
import type { Pod } from '../kinds/pod.ts';
import { isFinished, isTerminating } from '../pod-state.ts';
import type { ObjectStore } from '../store.ts';
import { covers, type Taint, type Toleration } from '../taints.ts';

/**
 * Seconds that a pod may stay on a node with these NoExecute taints: 0 = go now, Infinity = stay.
 *
 * @see https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/#taint-based-evictions
 */
function secondsTolerated(taints: readonly Taint[], tolerations: readonly Toleration[]): number {
  let seconds = Number.POSITIVE_INFINITY;
  for (const taint of taints) {
    const covering = tolerations.filter((toleration) => covers(toleration, taint));
    if (covering.length === 0) return 0;
    for (const { tolerationSeconds } of covering)
      if (tolerationSeconds !== undefined) seconds = Math.min(seconds, Math.max(0, tolerationSeconds));
  }
  return seconds;
}

/** Taints that make running pods leave. */
export const noExecuteTaintsOf = (node: Node | undefined): Taint[] =>
  (node?.spec?.taints ?? []).filter(({ effect }) => effect === 'NoExecute');

const secondsToStay = (pod: Pod, taints: readonly Taint[]): number =>
  taints.length === 0 || isFinished(pod) || isTerminating(pod)
    ? Number.POSITIVE_INFINITY
    : secondsTolerated(taints, pod.spec.tolerations ?? []);

/** Create the taint manager: it deletes the pods that do not tolerate a NoExecute taint, once their time is over. */
export function createTaintEvictions({
  clock,
  store,
  events,
}: {
  clock: SandboxClock;
  store: ObjectStore;
  events: EventRecorder;
}): {
  /** Plan or cancel the deletion of each pod of a node. */
  reconcile(nodeName: string): void;
  forget(pod: Pod): void;
} {
  const timers = new Map<string, Timer>();

  const evict = (namespace: string | undefined, name: string, uid: string) => {
    timers.delete(uid);
    const pod = store.get('pods', namespace, name);
    if (pod === undefined || pod.metadata.uid !== uid || isTerminating(pod)) return;
    events.record(pod, {
      reason: 'TaintManagerEviction',
      message: `Marking for deletion Pod ${namespace}/${name}`,
      component: 'taint-eviction-controller',
    });
    deletePod({ store, clock }, pod, {
      disruption: { reason: 'DeletionByTaintManager', message: 'Taint manager: deleting due to NoExecute taint' },
    });
  };

  const forget = ({ metadata: { uid } }: Pod) => {
    timers.get(uid)?.cancel();
    timers.delete(uid);
  };

  return {
    forget,
    reconcile(nodeName) {
      const taints = noExecuteTaintsOf(store.get('nodes', undefined, nodeName));
      for (const pod of store.podsOnNode(nodeName)) {
        const { uid, namespace, name } = pod.metadata;
        const seconds = secondsToStay(pod, taints);
        if (seconds === Number.POSITIVE_INFINITY) forget(pod);
        else if (!timers.has(uid)) {
          const timer = clock.after(seconds, () => evict(namespace, name, uid));
          timers.set(uid, timer);
        }
      }
    },
  };
}
