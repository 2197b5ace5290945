import { isoSeconds, type SandboxClock, type Timer } from '../../world/clock.ts';
import { conditionOf, withCondition } from '../conditions.ts';
import type { EventRecorder } from '../event-recorder.ts';
import { deletePod } from '../graceful-deletion.ts';
import type { Node } from '../kinds/node.ts';
import { isFinished, isReady, isTerminating, nodeNameOf } from '../pod-state.ts';
import type { ObjectStore } from '../store.ts';
import { covers, NOT_READY, type Taint, type Toleration, UNREACHABLE, UNSCHEDULABLE } from '../taints.ts';
import { createWorkQueue } from '../work-queue.ts';

/** Taints that stand for a node condition; the controller owns them and puts back what somebody removes. */
const PRESSURE_TAINTS: Readonly<Record<string, string>> = {
  MemoryPressure: 'node.kubernetes.io/memory-pressure',
  DiskPressure: 'node.kubernetes.io/disk-pressure',
  PIDPressure: 'node.kubernetes.io/pid-pressure',
};

const OWNED_KEYS = new Set([NOT_READY, UNREACHABLE, UNSCHEDULABLE, ...Object.values(PRESSURE_TAINTS)]);

/** The taints that a node's conditions and `unschedulable` call for. */
function taintsCalledFor(node: Node): Taint[] {
  const ready = conditionOf(node, 'Ready')?.status ?? 'Unknown';
  const trouble = ready === 'True' ? undefined : ready === 'False' ? NOT_READY : UNREACHABLE;
  return [
    ...(node.spec?.unschedulable === true ? [{ key: UNSCHEDULABLE, effect: 'NoSchedule' }] : []),
    ...(trouble === undefined
      ? []
      : [
          { key: trouble, effect: 'NoSchedule' },
          { key: trouble, effect: 'NoExecute' },
        ]),
    ...Object.entries(PRESSURE_TAINTS).flatMap(([type, key]) =>
      conditionOf(node, type)?.status === 'True' ? [{ key, effect: 'NoSchedule' }] : [],
    ),
  ];
}

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

const noExecuteTaintsOf = (node: Node | undefined): Taint[] =>
  (node?.spec?.taints ?? []).filter(({ effect }) => effect === 'NoExecute');

/** Create the node lifecycle controller: what happens to a node that falls silent, and to the pods on it. */
export function createNodeLifecycle({
  clock,
  store,
  events,
  nodeMonitorGraceSeconds,
  isAlive,
}: {
  clock: SandboxClock;
  store: ObjectStore;
  events: EventRecorder;
  nodeMonitorGraceSeconds: number;
  isAlive(nodeName: string): boolean;
}): { drain(): boolean; heartbeatEnded(nodeName: string): void } {
  const evictions = new Map<string, Timer>();

  const reconcileTaints = (nodeName: string) => {
    const at = isoSeconds(clock.now());
    store.change('nodes', undefined, nodeName, (node) => {
      const { taints = [], ...spec } = node.spec ?? {};
      const wanted = taintsCalledFor(node);
      const isWanted = ({ key, effect }: Taint) => wanted.some((each) => each.key === key && each.effect === effect);
      const kept = taints.filter((taint) => !OWNED_KEYS.has(taint.key) || isWanted(taint));
      const missing = wanted.filter(
        ({ key, effect }) => !kept.some((each) => each.key === key && each.effect === effect),
      );
      if (kept.length === taints.length && missing.length === 0) return node;
      const next = [...kept, ...missing.map((taint) => ({ ...taint, timeAdded: at }))];
      return { ...node, spec: next.length === 0 ? spec : { ...spec, taints: next } };
    });
  };

  const evict = (namespace: string | undefined, name: string, uid: string) => {
    evictions.delete(uid);
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

  const reconcileEvictions = (nodeName: string) => {
    const taints = noExecuteTaintsOf(store.get('nodes', undefined, nodeName));
    for (const pod of store.podsOnNode(nodeName)) {
      const { uid, namespace, name } = pod.metadata;
      const seconds =
        taints.length === 0 || isFinished(pod) || isTerminating(pod)
          ? Number.POSITIVE_INFINITY
          : secondsTolerated(taints, pod.spec.tolerations ?? []);
      if (seconds === Number.POSITIVE_INFINITY) {
        evictions.get(uid)?.cancel();
        evictions.delete(uid);
      } else if (!evictions.has(uid)) {
        evictions.set(
          uid,
          clock.after(seconds, () => evict(namespace, name, uid)),
        );
      }
    }
  };

  const queue = createWorkQueue(clock, (nodeName) => {
    reconcileTaints(nodeName);
    reconcileEvictions(nodeName);
  });

  /** Nobody runs these pods any more, so they no longer count as available. */
  const markPodsNotReady = (nodeName: string) => {
    const at = isoSeconds(clock.now());
    for (const pod of store.podsOnNode(nodeName)) {
      if (!isReady(pod)) continue;
      store.change('pods', pod.metadata.namespace, pod.metadata.name, (current) => ({
        ...current,
        status: {
          ...current.status,
          conditions: withCondition(current.status?.conditions, { type: 'Ready', status: 'False' }, at),
        },
      }));
      events.record(pod, {
        type: 'Warning',
        reason: 'NodeNotReady',
        message: 'Node is not ready',
        component: 'node-controller',
      });
    }
  };

  const becomeUnknown = (nodeName: string) => {
    if (isAlive(nodeName)) return;
    const at = isoSeconds(clock.now());
    const node = store.change('nodes', undefined, nodeName, (current) => ({
      ...current,
      status: {
        ...current.status,
        conditions: (current.status?.conditions ?? []).map((condition) => ({
          ...condition,
          status: 'Unknown',
          reason: 'NodeStatusUnknown',
          message: 'Kubelet stopped posting node status.',
          lastTransitionTime: at,
        })),
      },
    }));
    if (node === undefined) return;
    events.record(node, {
      reason: 'NodeNotReady',
      message: `Node ${nodeName} status is now: NodeNotReady`,
      component: 'node-controller',
    });
    markPodsNotReady(nodeName);
  };

  store.subscribe(({ resource, type, object, previous }) => {
    if (resource === 'nodes' && type !== 'DELETED') {
      if (previous?.spec !== object.spec || previous?.status?.conditions !== object.status?.conditions)
        queue.add(object.metadata.name);
    } else if (resource === 'pods') {
      if (type === 'DELETED') {
        evictions.get(object.metadata.uid)?.cancel();
        evictions.delete(object.metadata.uid);
        return;
      }
      const nodeName = nodeNameOf(object);
      const isNewHere = nodeName !== undefined && (previous === undefined || nodeNameOf(previous) !== nodeName);
      if (isNewHere && noExecuteTaintsOf(store.get('nodes', undefined, nodeName)).length > 0) queue.add(nodeName);
    }
  });

  return {
    drain: queue.drain,
    heartbeatEnded: (nodeName) => {
      clock.after(nodeMonitorGraceSeconds, () => becomeUnknown(nodeName));
    },
  };
}
