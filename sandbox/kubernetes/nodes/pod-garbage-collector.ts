import { isoSeconds, type SandboxClock } from '../../world/clock.ts';
import { withCondition } from '../conditions.ts';
import { deletePod } from '../graceful-deletion.ts';
import { isFinished, nodeNameOf } from '../pod-state.ts';
import type { ObjectStore } from '../store.ts';

/**
 * Create the collector of pods whose node no longer exists: nothing else can remove them.
 *
 * It checks a node's pods one period after the node was deleted, not all pods every period.
 */
export function createPodGarbageCollector({
  clock,
  store,
  periodSeconds,
}: {
  clock: SandboxClock;
  store: ObjectStore;
  periodSeconds: number;
}): void {
  const awaited = new Set<string>();

  const collect = (nodeName: string) => {
    awaited.delete(nodeName);
    if (store.get('nodes', undefined, nodeName) !== undefined) return;
    for (const pod of store.podsOnNode(nodeName)) {
      const { namespace, name } = pod.metadata;
      const failed = store.change('pods', namespace, name, (current) => ({
        ...current,
        status: {
          ...current.status,
          phase: isFinished(current) ? current.status?.phase : 'Failed',
          conditions: withCondition(
            current.status?.conditions,
            {
              type: 'DisruptionTarget',
              status: 'True',
              reason: 'DeletionByPodGC',
              message: 'PodGC: node no longer exists',
            },
            isoSeconds(clock.now()),
          ),
        },
      }));
      deletePod({ store, clock }, failed ?? pod, { graceSeconds: 0 });
    }
  };

  const collectLater = (nodeName: string) => {
    if (awaited.has(nodeName)) return;
    awaited.add(nodeName);
    clock.after(periodSeconds, () => collect(nodeName));
  };

  store.subscribe(({ resource, type, object, previous }) => {
    if (resource === 'nodes' && type === 'DELETED') collectLater(object.metadata.name);
    if (resource !== 'pods' || type === 'DELETED') return;
    const nodeName = nodeNameOf(object);
    const isNewHere = nodeName !== undefined && (previous === undefined || nodeNameOf(previous) !== nodeName);
    if (isNewHere && store.get('nodes', undefined, nodeName) === undefined) collectLater(nodeName);
  });
}
