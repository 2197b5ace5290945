import { SHARES, withinBytes } from '../bounded-lists.ts';
import type { BlockingPod, Drain } from '../state.ts';
import { truncate } from '../text.ts';
import type { Budget } from '../types.ts';
import { explainObstacles, isStuckTerminating } from './blocking-pods.ts';
import { rememberSince } from './blocking-sentences.ts';
import type { DrainDecision, DrainRound, Obstacle } from './drain.ts';
import type { DrainProgress } from './drain-progress.ts';
import { sentenceOf } from './drain-sentence.ts';
import { countRemaining, type SortedPods } from './pod-filters.ts';
import { podNames } from './pods.ts';
import { blockedByVolume } from './volumes.ts';

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

type Figures = Omit<Extract<Drain, { status: 'draining' }>, 'status'>;

function figuresOf(progress: DrainProgress, { pods }: Pick<DrainRound, 'pods'>): Figures {
  const { target, memory, taintsRestored, refills, evicted, deletedCount, volumeClaims } = progress;
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
    volumeClaims,
    ignored: podNames(pods.tolerating, MOST_LISTED),
    presumedGone: podNames(pods.presumedGone, MOST_LISTED),
    waitSeconds: WAIT_FOR_STOPPING_SECONDS,
  };
}

const listed = (pods: readonly BlockingPod[]) => ({
  blockingPods: withinBytes(pods.slice(0, MOST_LISTED), SHARES.drainBlockingPods),
  blockingPodCount: pods.length,
});

/** True when a budget, or more than one, refused an eviction: their names are needed to explain it. */
export const needsBudgets = (obstacles: readonly Obstacle[]): boolean =>
  obstacles.some(
    (obstacle) =>
      obstacle.cause === 'eviction' &&
      (obstacle.outcome.status === 'blocked' || obstacle.outcome.status === 'ambiguous'),
  );

/** What the sentences about pods need: the budgets, and the time after the last wait. */
export interface ReportContext {
  /** Of the whole cluster. */
  readonly budgets: readonly Budget[];
  readonly nowAt: string;
  readonly drainTimeoutSeconds: number;
}

/** Say of each obstacle what blocks, and since when. */
function explain(
  progress: DrainProgress,
  obstacles: readonly Obstacle[],
  { budgets, nowAt, drainTimeoutSeconds }: ReportContext,
) {
  const explained = explainObstacles(obstacles, {
    budgets,
    nowAt,
    drainTimeoutSeconds,
    isTaintRemoved: progress.taintsRestored > 0,
  });
  return rememberSince(explained, progress.sightings, nowAt);
}

/** Say of each volume that is still attached whose it is, and since when it is waited for. */
function explainVolumes({ target, sightings }: DrainProgress, { attachedVolumes, nowAt }: DrainRound) {
  const explained = attachedVolumes.map((volume) => blockedByVolume(volume, target.node.name));
  return rememberSince(explained, sightings, nowAt);
}

/** Report that the node is empty; volumes that are attached at the deadline are named. */
export const reportDrained = (progress: DrainProgress, round: DrainRound): Drain => ({
  status: 'drained',
  ...figuresOf(progress, round),
  ...listed(explainVolumes(progress, round)),
});

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
  // A pod that is stopping in time blocks nothing yet, nor does one for whose eviction the step had no time left.
  const blocking = decision.obstacles.filter(
    ({ cause, pod }) => cause !== 'notAsked' && (cause !== 'terminating' || isStuckTerminating(pod, nowAt)),
  );
  return {
    status: 'draining',
    ...figuresOf(progress, round),
    ...listed([...explain(progress, blocking, context), ...explainVolumes(progress, round)]),
    waitSeconds: waitSecondsOf(progress, decision, nowAt),
  };
}

/**
 * Report what a step has done that could not go on, because the API server was away for instance: the next step goes on from it.
 *
 * @param blockingPods as told by the step before
 */
export const reportInterrupted = (
  progress: DrainProgress,
  pods: SortedPods,
  blockingPods: readonly BlockingPod[],
): Drain => ({
  status: 'draining',
  ...figuresOf(progress, { pods }),
  ...listed(blockingPods),
  waitSeconds: WAIT_FOR_BUDGET_SECONDS,
});

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
