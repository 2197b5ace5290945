import type { SandboxClock } from '../../world/clock.ts';
import { keyOf, splitKey } from '../object-keys.ts';
import { claimNamesOf, isTerminating } from '../pod-state.ts';
import type { ObjectStore } from '../store.ts';
import { createWorkQueue } from '../work-queue.ts';

/**
 * Create what deletes volumes that are no longer needed: a deleted claim is removed once no pod mounts it, and its volume after it.
 *
 * @see https://kubernetes.io/docs/concepts/storage/persistent-volumes/#storage-object-in-use-protection
 */
export function createVolumeReclaim({ clock, store }: { clock: SandboxClock; store: ObjectStore }): {
  drain(): boolean;
} {
  /** Uids of the pods that mount a claim, by the claim's key. */
  const users = new Map<string, Set<string>>();

  const queue = createWorkQueue(clock, (key) => {
    const [namespace, name] = splitKey(key);
    const claim = store.get('persistentvolumeclaims', namespace, name);
    if (claim === undefined || !isTerminating(claim) || (users.get(key)?.size ?? 0) > 0) return;
    store.remove('persistentvolumeclaims', namespace, name);
    const volume = store.get('persistentvolumes', undefined, claim.spec?.volumeName ?? '');
    if (volume?.spec?.persistentVolumeReclaimPolicy === 'Delete')
      store.remove('persistentvolumes', undefined, volume.metadata.name);
  });

  store.subscribe(({ resource, type, object }) => {
    if (resource === 'persistentvolumeclaims') {
      if (type === 'MODIFIED' && isTerminating(object)) queue.add(keyOf(object));
    } else if (resource === 'pods' && type !== 'MODIFIED') {
      for (const claimName of claimNamesOf(object)) {
        const key = `${object.metadata.namespace}/${claimName}`;
        const uids = users.get(key) ?? new Set();
        if (type === 'ADDED') uids.add(object.metadata.uid);
        else uids.delete(object.metadata.uid);
        if (uids.size > 0) users.set(key, uids);
        else users.delete(key);
        if (type === 'DELETED') queue.add(key);
      }
    }
  });

  return { drain: queue.drain };
}
