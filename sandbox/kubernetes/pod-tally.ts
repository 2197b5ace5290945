import type { Pod } from './kinds/pod.ts';
import { controllerOf } from './object-keys.ts';
import { isReady, isTerminating } from './pod-state.ts';
import type { ObjectStore } from './store.ts';

/** How the pods of one controller stand; a pod is in exactly one of active, terminating, succeeded and failed. */
export interface PodCounts {
  readonly active: number;
  /** Of the active ones. */
  readonly ready: number;
  readonly terminating: number;
  readonly succeeded: number;
  readonly failed: number;
}

export interface PodTally {
  of(controllerUid: string): PodCounts;
}

type Count = keyof PodCounts;

const NONE: PodCounts = { active: 0, ready: 0, terminating: 0, succeeded: 0, failed: 0 };

function standingOf(pod: Pod): Count {
  const phase = pod.status?.phase;
  if (phase === 'Succeeded') return 'succeeded';
  if (phase === 'Failed') return 'failed';
  return isTerminating(pod) ? 'terminating' : 'active';
}

/** Count each controller's pods as they change, so that no controller has to walk through its pods. */
export function createPodTally(store: ObjectStore): PodTally {
  const counts = new Map<string, Record<Count, number>>();

  const add = (pod: Pod, difference: 1 | -1) => {
    const uid = controllerOf(pod)?.uid;
    if (uid === undefined) return;
    let count = counts.get(uid);
    if (count === undefined) {
      count = { ...NONE };
      counts.set(uid, count);
    }
    const standing = standingOf(pod);
    count[standing] += difference;
    if (standing === 'active' && isReady(pod)) count.ready += difference;
  };

  store.subscribe(({ resource, type, object, previous }) => {
    if (resource !== 'pods') return;
    if (previous !== undefined) add(previous, -1);
    if (type !== 'DELETED') add(object, 1);
  });

  return { of: (controllerUid) => counts.get(controllerUid) ?? NONE };
}
