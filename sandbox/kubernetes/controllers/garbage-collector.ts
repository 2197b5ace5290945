import type { SandboxClock } from '../../world/clock.ts';
import { deletePod } from '../graceful-deletion.ts';
import type { ObjectStore } from '../store.ts';
import { createWorkQueue } from '../work-queue.ts';

/** Resources whose objects may be owned by an object of a kind. */
const DEPENDENTS: Readonly<Record<string, readonly string[]>> = {
  CronJob: ['jobs'],
  DaemonSet: ['pods'],
  Deployment: ['replicasets'],
  Job: ['pods'],
  ReplicaSet: ['pods'],
  StatefulSet: ['pods'],
};

/** Create the garbage collector: what a deleted object controlled goes after it, in the background. */
export function createGarbageCollector({ clock, store }: { clock: SandboxClock; store: ObjectStore }): {
  drain(): boolean;
} {
  const queue = createWorkQueue(clock, (item) => {
    const [kind = '', uid = ''] = item.split(' ');
    for (const resource of DEPENDENTS[kind] ?? []) {
      for (const dependent of store.ownedBy(resource, uid)) {
        if (resource === 'pods') deletePod({ store, clock }, dependent);
        else store.remove(resource, dependent.metadata.namespace, dependent.metadata.name);
      }
    }
  });

  store.subscribe(({ type, object }) => {
    if (type === 'DELETED' && object.kind in DEPENDENTS) queue.add(`${object.kind} ${object.metadata.uid}`);
  });

  return { drain: queue.drain };
}
