import type { BlockingPod, Drain } from '../state.ts';
import { truncate } from '../text.ts';
import type { Budget, Pod } from '../types.ts';
import { explainObstacles, isStuckTerminating } from './blocking-pods.ts';
import { rememberSince, type Sighting } from './blocking-sentences.ts';
import { type DrainDecision, type DrainRound, type Obstacle, podsAnswered } from './drain.ts';
import { sentenceOf } from './drain-sentence.ts';
import { countRemaining, type SortedPods } from './pod-filters.ts';
import { podNames } from './pods.ts';

/** Before the next step when only pods that are stopping are left: the next step watches them again. */
const WAIT_FOR_STOPPING_SECONDS = 1;
/** Before the next step when a budget blocks a pod. */
const WAIT_FOR_BUDGET_SECONDS = 10;
const MOST_LISTED = 20;
/** Length of the sentence that goes into the results of a wave, of up to 500 nodes. */
const MOST_CAUSE_CHARACTERS = 450;

/** What a drain is, and until when. Instants are ISO-8601 UTC. */
export interface DrainTarget {
  readonly nodeName: string;
  readonly startedAt: string;
  readonly deadlineAt: string;
}

/** What has come of a drain since its step began. */
export interface DrainProgress {
  readonly target: DrainTarget;
  /** By uid. */
  readonly evicted: ReadonlyMap<string, Pod>;
  readonly deletedCount: number;
  /** A pod with a persistent volume was on the node. */
  readonly awaitsVolumes: boolean;
  /** Pods seen to block, the earliest sighting first. */
  readonly sightings: readonly Sighting[];
}

/** @param before output of the previous step */
export const startProgress = (target: DrainTarget, before: Drain): DrainProgress => ({
  target,
  evicted: new Map(),
  deletedCount: 0,
  awaitsVolumes: before.awaitsVolumes,
  sightings: before.blockingPods,
});

/**
 * Remember whether a pod with a persistent volume leaves the node.
 *
 * @param isFirstList whether anything was on the node before this list is unknown: an empty node may have had such a pod
 */
export const noteVolumes = (progress: DrainProgress, pods: SortedPods, isFirstList: boolean): DrainProgress => ({
  ...progress,
  awaitsVolumes:
    progress.awaitsVolumes ||
    [...pods.evict, ...pods.terminating].some(({ volumeClaims }) => volumeClaims.length > 0) ||
    (isFirstList && countRemaining(pods) === 0),
});

/** Add what a round has done and seen. */
export function addRound(progress: DrainProgress, round: DrainRound): DrainProgress {
  const blocked = podsAnswered(round, 'blocked', 'ambiguous');
  return {
    ...progress,
    evicted: new Map([...progress.evicted, ...podsAnswered(round, 'evicted').map((pod) => [pod.uid, pod] as const)]),
    sightings: [
      ...progress.sightings,
      ...blocked.map(({ namespace, name }) => ({ namespace, name, sinceAt: round.nowAt })),
    ],
  };
}

type Figures = Omit<Extract<Drain, { status: 'drained' }>, 'status'>;

function figuresOf({ target, evicted, deletedCount, awaitsVolumes }: DrainProgress, { pods }: DrainRound): Figures {
  return {
    deadlineAt: target.deadlineAt,
    evicted: podNames([...evicted.values()], MOST_LISTED),
    evictedCount: evicted.size,
    deletedCount,
    remainingCount: countRemaining(pods),
    blockingPods: [],
    blockingPodCount: 0,
    awaitsVolumes,
    ignored: podNames(pods.returned, MOST_LISTED),
    waitSeconds: WAIT_FOR_STOPPING_SECONDS,
  };
}

const listed = (pods: readonly BlockingPod[]) => ({
  blockingPods: pods.slice(0, MOST_LISTED),
  blockingPodCount: pods.length,
});

/** True when a budget, or more than one, refused an eviction: their names are needed to explain it. */
export const needsBudgets = (obstacles: readonly Obstacle[]): boolean =>
  obstacles.some((obstacle) => obstacle.cause === 'eviction' && obstacle.outcome.status !== 'later');

/** Report that the node is empty. */
export const reportDrained = (progress: DrainProgress, round: DrainRound): Drain => ({
  status: 'drained',
  ...figuresOf(progress, round),
});

/**
 * Report that the step is over and the drain is not.
 *
 * @param nowAt ISO-8601 UTC, after the last wait
 */
export function reportDraining(
  progress: DrainProgress,
  round: DrainRound,
  { obstacles }: DrainDecision,
  { budgets, nowAt }: { budgets: readonly Budget[]; nowAt: string },
): Drain {
  // A pod that is stopping in time blocks nothing yet.
  const blocking = obstacles.filter(({ cause, pod }) => cause !== 'terminating' || isStuckTerminating(pod, nowAt));
  const pods = rememberSince(explainObstacles(blocking, budgets, nowAt), progress.sightings, nowAt);
  const isRefused = obstacles.some(({ cause }) => cause === 'eviction');
  return {
    status: 'draining',
    ...figuresOf(progress, round),
    ...listed(pods),
    waitSeconds: isRefused ? WAIT_FOR_BUDGET_SECONDS : WAIT_FOR_STOPPING_SECONDS,
  };
}

/** Report that the node cannot be drained now, with the sentence that names every pod left on it. */
export function reportBlocked(
  progress: DrainProgress,
  round: DrainRound,
  decision: DrainDecision,
  { budgets, nowAt }: { budgets: readonly Budget[]; nowAt: string },
): Drain {
  const { nodeName, startedAt } = progress.target;
  const blockingPods = rememberSince(explainObstacles(decision.obstacles, budgets, nowAt), progress.sightings, nowAt);
  const waitedSeconds = Math.round((Date.parse(nowAt) - Date.parse(startedAt)) / 1000);
  const cause = sentenceOf(decision, { nodeName, waitedSeconds, blockingPods, nowAt, mostPods: MOST_LISTED });
  return {
    status: 'blocked',
    ...figuresOf(progress, round),
    ...listed(blockingPods),
    error: 'PodEvictionFailure',
    cause: truncate(cause, MOST_CAUSE_CHARACTERS),
  };
}
