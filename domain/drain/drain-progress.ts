import type { BlockingPod, Drain, DrainedNode } from '../state.ts';
import { truncate } from '../text.ts';
import type { Budget, Pod } from '../types.ts';
import { explainObstacles, isStuckTerminating } from './blocking-pods.ts';
import { rememberSince, type Sighting } from './blocking-sentences.ts';
import { type DrainDecision, type DrainRound, type Obstacle, podsAnswered } from './drain.ts';
import { sentenceOf } from './drain-sentence.ts';
import { refillsOf } from './node-step.ts';
import { countRemaining, type SortedPods } from './pod-filters.ts';
import { podNames } from './pods.ts';
import { NO_PODS_SEEN, type PodMemory, rememberEvicted } from './returns.ts';

/** Before the next step when only pods that are stopping are left: the next step watches them again. */
const WAIT_FOR_STOPPING_SECONDS = 1;
/** Before the next step when a budget blocks a pod. */
const WAIT_FOR_BUDGET_SECONDS = 10;
/** Before the next step of a drain that lasts for hours, so that its history stays short. */
const WAIT_IN_LONG_DRAIN_SECONDS = 60;
const LONG_DRAIN_SECONDS = 3600;
const MOST_LISTED = 20;
/** Length of the sentence that goes into the record, with those of hundreds of other nodes. */
const MOST_CAUSE_CHARACTERS = 450;

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
  /** A pod with a persistent volume was on the node. */
  readonly awaitsVolumes: boolean;
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
      awaitsVolumes: false,
      sightings: [],
    };
  }
  const { firstPods, evictedOwners, taintsRestored, awaitsVolumes, blockingPods } = before;
  return {
    ...ofThisStep,
    target,
    memory: { firstPods, evictedOwners },
    taintsRestored,
    refills: refillsOf(before),
    awaitsVolumes,
    sightings: blockingPods,
  };
}

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

/** Add the pods that were deleted by force after a round. */
export const addDeleted = (progress: DrainProgress, pods: readonly Pod[]): DrainProgress => ({
  ...progress,
  memory: rememberEvicted(progress.memory, pods),
  deletedCount: progress.deletedCount + pods.length,
});

type Figures = Omit<Extract<Drain, { status: 'draining' }>, 'status'>;

function figuresOf(progress: DrainProgress, { pods }: DrainRound): Figures {
  const { target, memory, taintsRestored, refills, evicted, deletedCount, awaitsVolumes } = progress;
  return {
    deadlineAt: target.deadlineAt,
    node: target.node,
    firstPods: [...memory.firstPods],
    evictedOwners: memory.evictedOwners,
    taintsRestored,
    refills,
    evicted: podNames([...evicted.values()], MOST_LISTED),
    evictedCount: evicted.size,
    deletedCount,
    remainingCount: countRemaining(pods),
    blockingPods: [],
    blockingPodCount: 0,
    awaitsVolumes,
    ignored: podNames(pods.tolerating, MOST_LISTED),
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

/** What the sentences about pods need: the budgets, and the time after the last wait. */
export interface ReportContext {
  /** Of the whole cluster. */
  readonly budgets: readonly Budget[];
  readonly nowAt: string;
}

/** Say of each obstacle what blocks, and since when. */
function explain(progress: DrainProgress, obstacles: readonly Obstacle[], { budgets, nowAt }: ReportContext) {
  const explained = explainObstacles(obstacles, budgets, nowAt, progress.taintsRestored > 0);
  return rememberSince(explained, progress.sightings, nowAt);
}

function waitSecondsOf({ target }: DrainProgress, { obstacles }: DrainDecision, nowAt: string): number {
  if (Date.parse(nowAt) - Date.parse(target.startedAt) > LONG_DRAIN_SECONDS * 1000) return WAIT_IN_LONG_DRAIN_SECONDS;
  return obstacles.some(({ cause }) => cause === 'eviction') ? WAIT_FOR_BUDGET_SECONDS : WAIT_FOR_STOPPING_SECONDS;
}

/** Report that the step is over and the drain is not. */
export function reportDraining(
  progress: DrainProgress,
  round: DrainRound,
  decision: DrainDecision,
  context: ReportContext,
): Drain {
  const { nowAt } = context;
  // A pod that is stopping in time blocks nothing yet.
  const blocking = decision.obstacles.filter(
    ({ cause, pod }) => cause !== 'terminating' || isStuckTerminating(pod, nowAt),
  );
  return {
    status: 'draining',
    ...figuresOf(progress, round),
    ...listed(explain(progress, blocking, context)),
    waitSeconds: waitSecondsOf(progress, decision, nowAt),
  };
}

/** Report that the node cannot be drained now, with the sentence that names every pod left on it. */
export function reportBlocked(
  progress: DrainProgress,
  round: DrainRound,
  decision: DrainDecision,
  context: ReportContext,
): Drain {
  const { node, startedAt } = progress.target;
  const { nowAt } = context;
  const blockingPods = explain(progress, decision.obstacles, context);
  const waitedSeconds = Math.round((Date.parse(nowAt) - Date.parse(startedAt)) / 1000);
  const words = { nodeName: node.name, waitedSeconds, blockingPods, nowAt, mostPods: MOST_LISTED };
  return {
    status: 'blocked',
    ...figuresOf(progress, round),
    ...listed(blockingPods),
    error: 'PodEvictionFailure',
    cause: truncate(sentenceOf(decision, words), MOST_CAUSE_CHARACTERS),
  };
}
