import type { SandboxClock } from '../../world/clock.ts';
import { deletePod } from '../graceful-deletion.ts';
import type { ResourceName } from '../kinds/kinds.ts';
import type { ObjectStore } from '../store.ts';
import { createWorkQueue } from '../work-queue.ts';

/** The resource whose objects may be owned by an object of a kind. */
const DEPENDENTS: Readonly<Record<string, ResourceName>> = {
  CronJob: 'jobs',
  DaemonSet: 'pods',
  Deployment: 'replicasets',
  Job: 'pods',
  ReplicaSet: 'pods',
  StatefulSet: 'pods',
};

/** Create the garbage collector: what a deleted object controlled goes after it, in the background. */
export function createGarbageCollector({ clock, store }: { clock: SandboxClock; store: ObjectStore }): {
  drain(): boolean;
} {
  const queue = createWorkQueue(clock, (item) => {
    const [kind = '', uid = ''] = item.split(' ');
    const resource = DEPENDENTS[kind];
    if (resource === 'pods') for (const pod of store.ownedBy('pods', uid)) deletePod({ store, clock }, pod);
    else if (resource !== undefined)
      for (const { metadata } of store.ownedBy(resource, uid))
        store.remove(resource, metadata.namespace, metadata.name);
  });

  store.subscribe(({ type, object }) => {
    if (type === 'DELETED' && object.kind in DEPENDENTS) queue.add(`${object.kind} ${object.metadata.uid}`);
  });

  return { drain: queue.drain };
}
