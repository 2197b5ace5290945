import type { Timer } from '../../world/clock.ts';
import type { Pod } from '../kinds/pod.ts';
import { keyOf } from '../object-keys.ts';

/** One pod on a kubelet, from its acceptance until its containers have stopped. */
export interface PodRun {
  readonly key: string;
  readonly uid: string;
  readonly nodeName: string;
  /** `waiting` for its volumes. */
  stage: 'waiting' | 'starting' | 'started' | 'stopping' | 'stopped';
  /** When its containers stop, in milliseconds since the epoch; Infinity while nobody asked for it. */
  stopsAt: number;
  timer?: Timer;
}

export const newPodRun = (pod: Pod, nodeName: string, stage: PodRun['stage']): PodRun => ({
  key: keyOf(pod),
  uid: pod.metadata.uid,
  nodeName,
  stage,
  stopsAt: Number.POSITIVE_INFINITY,
});
