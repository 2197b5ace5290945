import type { Drain, DrainedNode } from '../state.ts';
import type { DeletionOutcome, Pod } from '../types.ts';
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
  /** Deletions that were refused in this step when they were asked for last, by uid, in the words of the API server. */
  readonly deletionsRefused: ReadonlyMap<string, string>;
  readonly volumeClaims: VolumeClaims;
  /** Pods seen to block, the earliest sighting first. */
  readonly sightings: readonly Sighting[];
}

const ofThisStep = { evicted: new Map(), deletedCount: 0, deletionsRefused: new Map() };

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

/** Add what a round has done, and the pods that it has seen to block. */
export function addRound(
  progress: DrainProgress,
  round: Pick<DrainRound, 'nowAt' | 'pods' | 'answers'>,
): DrainProgress {
  const blocked = podsAnswered(round, 'blocked', 'ambiguous', 'refused', 'later');
  const evicted = podsAnswered(round, 'evicted');
  return {
    ...progress,
    memory: rememberEvicted(progress.memory, evicted),
    evicted: new Map([...progress.evicted, ...evicted.map((pod) => [pod.uid, pod] as const)]),
    sightings: [
      ...progress.sightings,
      ...blocked.map(({ namespace, name }) => ({ namespace, name, sinceAt: round.nowAt })),
    ],
  };
}

/** Add the volumes that keep an empty node waiting. */
export const addVolumes = (
  progress: DrainProgress,
  { attachedVolumes, nowAt }: Pick<DrainRound, 'attachedVolumes' | 'nowAt'>,
): DrainProgress => ({
  ...progress,
  sightings: [
    ...progress.sightings,
    ...attachedVolumes.map((volume) => ({ ...blockedByVolume(volume, progress.target.node.name), sinceAt: nowAt })),
  ],
});

/** Add what became of the pods that were to be deleted by force after a round. */
export function addDeletions(
  progress: DrainProgress,
  outcomes: readonly (readonly [pod: Pod, outcome: DeletionOutcome])[],
): DrainProgress {
  const deleted = outcomes.flatMap(([pod, outcome]) => (typeof outcome === 'string' ? [pod] : []));
  const refused = outcomes.flatMap(([{ uid }, outcome]) =>
    typeof outcome === 'string' ? [] : ([[uid, outcome.refused]] as const),
  );
  return {
    ...progress,
    memory: rememberEvicted(progress.memory, deleted),
    deletedCount: progress.deletedCount + deleted.length,
    deletionsRefused: new Map(refused),
  };
}

/** True when pods have been evicted or deleted in this step. */
export const hasMovedPods = ({ evicted, deletedCount }: DrainProgress): boolean => evicted.size + deletedCount > 0;
