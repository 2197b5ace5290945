import type { Drain, DrainedNode } from '../state.ts';
import type { Pod } from '../types.ts';
import type { Sighting } from './blocking-sentences.ts';
import { type DrainRound, podsAnswered } from './drain.ts';
import { refillsOf } from './node-step.ts';
import type { SortedPods } from './pod-filters.ts';
import { NO_PODS_SEEN, type PodMemory, rememberEvicted } from './returns.ts';
import { blockedByVolume, rememberClaims, type VolumeClaims } from './volumes.ts';

/** What a drain is, and until when. Instants are ISO-8601 UTC. */
export interface DrainTarget {
  readonly node: DrainedNode;
  /** When the node was taken. */
  readonly startedAt: string;
  readonly deadlineAt: string;
}

/** What has come of a drain. */
export interface DrainProgress {
  readonly target: DrainTarget;
  readonly memory: PodMemory;
  /** How often somebody had removed the taint from the node. */
  readonly taintsRestored: number;
  /** How often pods were on the node again after it had been drained. */
  readonly refills: number;
  /** In this step, by uid. */
  readonly evicted: ReadonlyMap<string, Pod>;
  /** In this step. */
  readonly deletedCount: number;
  readonly volumeClaims: VolumeClaims;
  /** Pods seen to block, the earliest sighting first. */
  readonly sightings: readonly Sighting[];
}

const ofThisStep = { evicted: new Map(), deletedCount: 0 };

/** @param before output of the previous step */
export function startProgress(target: DrainTarget, before: Drain): DrainProgress {
  if (!('firstPods' in before)) {
    return {
      ...ofThisStep,
      target,
      memory: NO_PODS_SEEN,
      taintsRestored: 0,
      refills: 0,
      volumeClaims: {},
      sightings: [],
    };
  }
  const { firstPods, evictedOwners, taintsRestored, volumeClaims, blockingPods } = before;
  return {
    ...ofThisStep,
    target,
    memory: { firstPods, evictedOwners },
    taintsRestored,
    refills: refillsOf(before),
    volumeClaims,
    sightings: blockingPods,
  };
}

/** Remember the volumes of the pods that leave the node. */
export const noteVolumes = (progress: DrainProgress, pods: SortedPods): DrainProgress => ({
  ...progress,
  volumeClaims: rememberClaims(progress.volumeClaims, pods),
});

/** Add what a round has done and seen. */
export function addRound(progress: DrainProgress, round: DrainRound): DrainProgress {
  const blocked = podsAnswered(round, 'blocked', 'ambiguous', 'later');
  const evicted = podsAnswered(round, 'evicted');
  return {
    ...progress,
    memory: rememberEvicted(progress.memory, evicted),
    evicted: new Map([...progress.evicted, ...evicted.map((pod) => [pod.uid, pod] as const)]),
    sightings: [
      ...progress.sightings,
      ...blocked.map(({ namespace, name }) => ({ namespace, name, sinceAt: round.nowAt })),
      ...round.attachedVolumes.map((volume) => ({
        ...blockedByVolume(volume, progress.target.node.name),
        sinceAt: round.nowAt,
      })),
    ],
  };
}

/** Add the pods that were deleted by force after a round. */
export const addDeleted = (progress: DrainProgress, pods: readonly Pod[]): DrainProgress => ({
  ...progress,
  memory: rememberEvicted(progress.memory, pods),
  deletedCount: progress.deletedCount + pods.length,
});
