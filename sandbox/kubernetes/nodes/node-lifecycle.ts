import { isoSeconds, type SandboxClock } from '../../world/clock.ts';
import { withCondition } from '../conditions.ts';
import type { EventRecorder } from '../event-recorder.ts';
import { isReady, nodeNameOf } from '../pod-state.ts';
import type { ObjectStore } from '../store.ts';
import { createWorkQueue } from '../work-queue.ts';
import { withConditionTaints } from './condition-taints.ts';
import { createTaintEvictions, noExecuteTaintsOf } from './taint-evictions.ts';

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
  const evictions = createTaintEvictions({ clock, store, events });

  const queue = createWorkQueue(clock, (nodeName) => {
    const at = isoSeconds(clock.now());
    store.change('nodes', undefined, nodeName, (node) => withConditionTaints(node, at));
    evictions.reconcile(nodeName);
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
      if (type === 'DELETED') return evictions.forget(object);
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
