import pMap from 'p-map';
import type { Cluster, Deps } from '../../clients/ports.ts';
import { type DrainDecision, type DrainRound, decideDrainRound } from '../../domain/drain/drain.ts';
import {
  addDeletions,
  addRound,
  addVolumes,
  type DrainProgress,
  type DrainTarget,
  hasMovedPods,
  noteVolumes,
  startProgress,
} from '../../domain/drain/drain-progress.ts';
import {
  needsBudgets,
  type ReportContext,
  reportBlocked,
  reportDrained,
  reportDraining,
  reportInterrupted,
} from '../../domain/drain/drain-report.ts';
import { countRemaining, withoutLeft } from '../../domain/drain/pod-filters.ts';
import { podNames } from '../../domain/drain/pods.ts';
import { isTransient } from '../../domain/errors.ts';
import type { Drain, WorkflowRun } from '../../domain/state.ts';
import { STEP_SECONDS } from '../nodegroup/poll.ts';
import { type DrainStep, evictOnce, type Listing, MOST_AT_ONCE } from './evict-once.ts';
import { listVolumesToDetach } from './list-volumes.ts';

/** How often the eviction of a blocked pod is asked for again. @see kubectl drain, which waits 5 s as well */
const RETRY_SECONDS = 5;
/** Between two watches, however early the first has ended. */
const PAUSE_SECONDS = 5;

/** Read what a round needs besides the pods: the time, and on an empty node the volumes that are still attached. */
async function completeRound(
  step: DrainStep,
  { target, volumeClaims, deletionsRefused }: DrainProgress,
  { pods, answers }: Listing,
): Promise<DrainRound> {
  // A kubelet that is silent detaches nothing: the end of the instance does.
  const mayDetach = countRemaining(pods) === 0 && pods.presumedGone.length === 0;
  const attachedVolumes = mayDetach ? await listVolumesToDetach(step, target.node.name, volumeClaims, pods) : [];
  return { nowAt: step.clock.now().toISOString(), pods, answers, attachedVolumes, deletionsRefused };
}

/**
 * Wait for pods that are stopping to be gone, or for a budget to allow something, within what the step may take.
 *
 * @returns true when the watch has seen the last pod leave, so that the node need not be listed again
 */
async function waitForChange(
  deps: Deps,
  cluster: Cluster,
  { node, deadlineAt }: DrainTarget,
  { obstacles, stopping }: DrainDecision,
  { resourceVersion, stepEndsAt }: { resourceVersion: string; stepEndsAt: number },
): Promise<boolean> {
  const now = deps.clock.now().getTime();
  const leftSeconds = Math.min(stepEndsAt - now, Math.max(1000, Date.parse(deadlineAt) - now)) / 1000;
  const isRefused = obstacles.some(({ cause }) => cause === 'eviction');
  const timeoutSeconds = Math.max(1, Math.floor(isRefused ? Math.min(RETRY_SECONDS, leftSeconds) : leftSeconds));
  if (stopping.length === 0) {
    await deps.clock.sleep(timeoutSeconds);
    return false;
  }
  const uids = stopping.map(({ uid }) => uid);
  const areGone = await cluster.waitForPodsGone(node.name, { uids, resourceVersion, timeoutSeconds });
  // A watch that ends at once would be followed by a list, and another watch, without a pause.
  const lasted = (deps.clock.now().getTime() - now) / 1000;
  if (!areGone && lasted < Math.min(PAUSE_SECONDS, timeoutSeconds)) await deps.clock.sleep(PAUSE_SECONDS - lasted);
  return areGone && !isRefused;
}

/** Wait for what the decision says. Returns the listing of the next round where that is known without another list. */
async function waitForNextRound(
  deps: Deps,
  cluster: Cluster,
  target: DrainTarget,
  decision: DrainDecision,
  { listing, stepEndsAt }: { listing: Listing; stepEndsAt: number },
): Promise<Listing | undefined> {
  if (decision.status === 'waitForVolumes') {
    await deps.clock.sleep(RETRY_SECONDS);
    return listing;
  }
  if (decision.status === 'listAgain') return undefined;
  const { resourceVersion } = listing;
  const isEmptied = await waitForChange(deps, cluster, target, decision, { resourceVersion, stepEndsAt });
  return isEmptied ? { pods: withoutLeft(listing.pods), answers: new Map(), resourceVersion } : undefined;
}

/** Delete what the evictions have left. Pods keep their own grace period. */
async function deleteRest(cluster: Cluster, progress: DrainProgress, { rest }: DrainDecision): Promise<DrainProgress> {
  const outcomes = await pMap(rest, async (pod) => [pod, await cluster.deletePod(pod)] as const, {
    concurrency: MOST_AT_ONCE,
  });
  return addDeletions(progress, outcomes);
}

/** Say on the Node which of its pods count as gone, although nobody has seen them stop. */
async function tellPresumedGone(cluster: Cluster, { node }: DrainTarget, { pods }: Listing): Promise<void> {
  const names = podNames(pods.presumedGone);
  if (names.length === 0) return;
  await cluster.recordNodeEvent(node, {
    type: 'Warning',
    reason: 'NodeUpgradePodsPresumedGone',
    message: `The node is not Ready, and these pods have outlasted their grace period, so they count as gone: ${names.join(', ')}`,
  });
}

/** What the explanation of a decision needs besides the round. */
async function readContext({ clock, cluster, run }: DrainStep, { obstacles }: DrainDecision): Promise<ReportContext> {
  const nowAt = clock.now().toISOString();
  const budgets = needsBudgets(obstacles) ? await cluster.listBudgets() : [];
  return { budgets, nowAt, drainTimeoutSeconds: run.drainTimeoutSeconds };
}

/** How far a step has come, also when it is interrupted. */
interface Course {
  progress: DrainProgress;
  /** Of the last round. */
  listing?: Listing;
}

/** Drain round by round until the step is over. */
async function drainInRounds(deps: Deps, step: DrainStep, course: Course): Promise<Drain> {
  const { cluster, run, endsAt: stepEndsAt } = step;
  const { target } = course.progress;
  let known: Listing | undefined;
  let previous: DrainDecision['status'] | undefined;
  for (;;) {
    const evicted = known === undefined ? await evictOnce(step, course.progress) : { ...course, listing: known };
    const { listing } = evicted;
    const noted = noteVolumes(evicted.progress, listing.pods);
    course.listing = listing;
    course.progress = addRound(noted, { ...listing, nowAt: deps.clock.now().toISOString() });
    const round = await completeRound(step, course.progress, listing);
    course.progress = addVolumes(course.progress, round);
    const decision = decideDrainRound(round, target.deadlineAt, run);
    if (decision.status === 'drained') {
      await tellPresumedGone(cluster, target, listing);
      return reportDrained(course.progress, round);
    }
    if (decision.status === 'blocked') {
      return reportBlocked(course.progress, round, decision, await readContext(step, decision));
    }
    if (decision.status === 'deleteRest') course.progress = await deleteRest(cluster, course.progress, decision);
    if (decision.status === 'listAgain' && previous === 'listAgain') await deps.clock.sleep(RETRY_SECONDS);
    previous = decision.status;
    known = await waitForNextRound(deps, cluster, target, decision, { listing, stepEndsAt });
    const isJustEmptied = known !== undefined && decision.status !== 'waitForVolumes';
    if (!isJustEmptied && deps.clock.now().getTime() + RETRY_SECONDS * 1000 > stepEndsAt) {
      return reportDraining(course.progress, round, decision, await readContext(step, decision));
    }
  }
}

/**
 * Drain a node for as long as a step may take: evict, wait for pods to be gone, list again.
 *
 * @param before the previous step's output
 * @returns this step's output; `blocked` and `drained` are final
 */
export async function drainWithinStep(
  deps: Deps,
  run: WorkflowRun,
  target: DrainTarget,
  before: Drain,
): Promise<Drain> {
  const cluster = await deps.cluster(run.clusterName);
  const endsAt = deps.clock.now().getTime() + STEP_SECONDS * 1000;
  const { clock } = deps;
  const step: DrainStep = { clock, cluster, run, returnedUids: new Set(), claimOfVolume: new Map(), endsAt };
  const course: Course = { progress: startProgress(target, before) };
  try {
    return await drainInRounds(deps, step, course);
  } catch (thrown) {
    // A step that is repeated could not tell any more which pods this one has moved.
    const { progress, listing } = course;
    if (listing === undefined || !isTransient(thrown) || !hasMovedPods(progress)) throw thrown;
    return reportInterrupted(progress, listing.pods, 'firstPods' in before ? before.blockingPods : []);
  }
}
