import type { Cluster, Deps } from '../../clients/ports.ts';
import { countBlocked, haltsTheRun, readControl, withControl } from '../../domain/admission/control.ts';
import { describeBlockingPods, diagnose, isStuckTerminating, rememberSince } from '../../domain/drain/blocking-pods.ts';
import { type DrainTick, decideDrain, podNames } from '../../domain/drain/drain.ts';
import {
  EXCLUDE_LABEL,
  executionNameOf,
  isTainted,
  OWNERSHIP_ANNOTATIONS,
  park,
  startDraining,
} from '../../domain/nodegroup/node-ownership.ts';
import type { BlockingPod, Drain, Turn, WaveNode, WorkflowRun } from '../../domain/state.ts';
import type { EvictionOutcome, Node, Pod } from '../../domain/types.ts';
import { changeControl } from '../lease/control-record.ts';
import { changeNode } from '../nodegroup/change-node.ts';
import { STEP_SECONDS } from '../nodegroup/poll.ts';

/** How often a held pod's eviction is asked for again. @see kubectl drain, which takes 5 s as well */
const RETRY_SECONDS = 5;
/** Between two turns when only pods that are stopping are left: the next turn watches them again. */
const WAIT_FOR_STOPPING_SECONDS = 1;
/** Between two turns when a budget holds a pod. */
const WAIT_FOR_BUDGET_SECONDS = 10;
const MOST_LISTED = 20;
/** Length of the sentence that goes into the wave's results, which hold up to 500 of them. */
const MOST_CAUSE_CHARACTERS = 450;
/** How long a deleted pod may outlast its grace period before the instance is terminated all the same. */
const FORCE_LEEWAY_SECONDS = 60;

/** The node being drained, and since when. */
export interface DrainTarget {
  readonly run: WorkflowRun;
  readonly nodeName: string;
  readonly startedAt: string;
  readonly deadlineAt: string;
}

/** One look at the node's pods, and what the Eviction API answered for those that were to go. */
interface Pass {
  readonly tick: DrainTick;
  readonly outcomes: ReadonlyMap<string, EvictionOutcome>;
  readonly resourceVersion: string;
  readonly hasVolumes: boolean;
}

async function evictOnce(cluster: Cluster, target: DrainTarget): Promise<Pass> {
  const { pods, resourceVersion } = await cluster.listPodsOnNode(target.nodeName);
  const tick = decideDrain(pods, target.startedAt, target.run.pods);
  const answers = await Promise.all(tick.evict.map(async (pod) => [pod.uid, await cluster.evict(pod)] as const));
  const moving = [...tick.evict, ...tick.leaving];
  return {
    tick,
    outcomes: new Map(answers),
    resourceVersion,
    hasVolumes: moving.some(({ volumeClaims }) => volumeClaims.length > 0),
  };
}

/** The same pass, once its last pod has been seen to leave. */
const emptied = ({ tick, ...pass }: Pass): Pass => ({
  ...pass,
  outcomes: new Map(),
  tick: { ...tick, isEmpty: true, evict: [], leaving: [], refused: [] },
});

const withStatus = (pass: Pass, ...statuses: EvictionOutcome['status'][]): Pod[] =>
  pass.tick.evict.filter(({ uid }) => statuses.includes(pass.outcomes.get(uid)?.status as EvictionOutcome['status']));

/** Nothing on the node will move by waiting: what is left is refused by our settings or has more than one budget. */
const isStuck = (pass: Pass): boolean =>
  pass.tick.leaving.length === 0 &&
  withStatus(pass, 'evicted', 'absent', 'blocked', 'later').length === 0 &&
  !pass.tick.isEmpty;

async function volumesLeft(cluster: Cluster, nodeName: string): Promise<number> {
  const attachments = await cluster.listVolumeAttachments();
  return attachments.filter((attachment) => attachment.nodeName === nodeName).length;
}

/** Delete what the graceful attempt has left. Pods keep their own grace period. */
async function deleteRest(cluster: Cluster, { tick }: Pass): Promise<number> {
  const rest = [...tick.evict, ...tick.refused.map(({ pod }) => pod)];
  await Promise.all(rest.map((pod) => cluster.deletePod(pod)));
  return rest.length;
}

const isPast = (deps: Deps, instantAt: string, leewaySeconds = 0): boolean =>
  deps.clock.now().getTime() >= Date.parse(instantAt) + leewaySeconds * 1000;

/** Everything that is still stopping has had its time. */
const hasOutlastedGrace = (deps: Deps, { tick }: Pass): boolean =>
  tick.evict.length + tick.refused.length === 0 &&
  tick.leaving.every(({ deletionDeadlineAt }) => isPast(deps, deletionDeadlineAt as string, FORCE_LEEWAY_SECONDS));

/**
 * Wait for pods that are stopping to be gone, or for a budget to allow something, within what the step may take.
 *
 * @returns true when the watch has seen the last pod leave, so that the node need not be listed again
 */
async function waitForChange(
  deps: Deps,
  cluster: Cluster,
  target: DrainTarget,
  pass: Pass,
  stepEndsAt: number,
): Promise<boolean> {
  const now = deps.clock.now().getTime();
  const leftSeconds = Math.min(stepEndsAt - now, Math.max(1000, Date.parse(target.deadlineAt) - now)) / 1000;
  const stopping = [...pass.tick.leaving, ...withStatus(pass, 'evicted')].map(({ uid }) => uid);
  const isBlocked = withStatus(pass, 'blocked', 'later', 'ambiguous').length > 0;
  const timeoutSeconds = Math.max(1, Math.floor(isBlocked ? Math.min(RETRY_SECONDS, leftSeconds) : leftSeconds));
  if (stopping.length === 0) {
    await deps.clock.sleep(timeoutSeconds);
    return false;
  }
  const { resourceVersion } = pass;
  const isEmpty = await cluster.waitForPodsGone(target.nodeName, { uids: stopping, resourceVersion, timeoutSeconds });
  return isEmpty && !isBlocked;
}

type Hold = Pick<BlockingPod, 'namespace' | 'name' | 'sinceAt'>;

async function blockingPods(deps: Deps, cluster: Cluster, pass: Pass, before: readonly Hold[]): Promise<BlockingPod[]> {
  const nowAt = deps.clock.now().toISOString();
  const isAnyBlocked = withStatus(pass, 'blocked', 'ambiguous').length > 0;
  const budgets = isAnyBlocked ? await cluster.listBudgets() : [];
  const blockingPods = diagnose({ tick: pass.tick, outcomes: pass.outcomes, budgets, nowAt });
  return rememberSince(blockingPods, before, nowAt);
}

/**
 * Drain a node for as long as a step may take: evict, wait for pods to be gone, look again.
 *
 * @param before the previous turn's output
 * @returns this turn's output; `blocked` and `drained` are final
 */
export async function drainWithinStep(deps: Deps, target: DrainTarget, before: Drain): Promise<Drain> {
  const cluster = await deps.cluster(target.run.clusterName);
  const stepEndsAt = deps.clock.now().getTime() + STEP_SECONDS * 1000;
  const evicted = new Map<string, Pod>();
  let deletedCount = 0;
  let { awaitsVolumes } = before;
  let known: Pass | undefined;
  const holds: Hold[] = [...before.blockingPods];
  for (;;) {
    const pass = known ?? (await evictOnce(cluster, target));
    for (const pod of withStatus(pass, 'evicted')) evicted.set(pod.uid, pod);
    const seenAt = deps.clock.now().toISOString();
    holds.push(
      ...withStatus(pass, 'blocked', 'ambiguous').map(({ namespace, name }) => ({ namespace, name, sinceAt: seenAt })),
    );
    // A first look that finds the node empty cannot know what was on it.
    awaitsVolumes ||= pass.hasVolumes || (before.status === 'pending' && known === undefined && pass.tick.isEmpty);
    const isExpired = isPast(deps, target.deadlineAt) || isStuck(pass);
    const report = (status: Drain['status'], more: Partial<Drain> = {}): Drain => ({
      status,
      deadlineAt: target.deadlineAt,
      evicted: podNames([...evicted.values()], MOST_LISTED),
      evictedCount: evicted.size,
      deletedCount,
      remainingCount: pass.tick.evict.length + pass.tick.leaving.length + pass.tick.refused.length,
      blockingPods: [],
      blockingPodCount: 0,
      awaitsVolumes,
      ignored: podNames(pass.tick.returned, MOST_LISTED),
      waitSeconds: WAIT_FOR_STOPPING_SECONDS,
      ...more,
    });

    if (pass.tick.isEmpty) {
      const volumes = awaitsVolumes ? await volumesLeft(cluster, target.nodeName) : 0;
      if (volumes === 0 || isPast(deps, target.deadlineAt)) return report('drained');
    } else if (isExpired && target.run.force) {
      if (hasOutlastedGrace(deps, pass)) return report('drained');
      deletedCount += await deleteRest(cluster, pass);
    } else if (isExpired) {
      return report('blocked', await explain(deps, target, pass, await blockingPods(deps, cluster, pass, holds)));
    }

    if (pass.tick.isEmpty) {
      known = pass;
      await deps.clock.sleep(RETRY_SECONDS);
    } else {
      known = (await waitForChange(deps, cluster, target, pass, stepEndsAt)) ? emptied(pass) : undefined;
    }
    const isJustEmptied = known !== undefined && !pass.tick.isEmpty;
    if (!isJustEmptied && deps.clock.now().getTime() + RETRY_SECONDS * 1000 > stepEndsAt) {
      // A pod that is stopping holds nothing up yet.
      const nowAt = deps.clock.now().toISOString();
      const leaving = pass.tick.leaving.filter((pod) => isStuckTerminating(pod, nowAt));
      const stillBlocking = await blockingPods(deps, cluster, { ...pass, tick: { ...pass.tick, leaving } }, holds);
      const isBlocked = withStatus(pass, 'blocked', 'later', 'ambiguous').length > 0;
      return report('draining', {
        blockingPods: stillBlocking.slice(0, MOST_LISTED),
        blockingPodCount: stillBlocking.length,
        waitSeconds: isBlocked ? WAIT_FOR_BUDGET_SECONDS : WAIT_FOR_STOPPING_SECONDS,
      });
    }
  }
}

function explain(deps: Deps, target: DrainTarget, pass: Pass, blockingPods: readonly BlockingPod[]): Partial<Drain> {
  const nowAt = deps.clock.now().toISOString();
  const waited = Math.round((Date.parse(nowAt) - Date.parse(target.startedAt)) / 1000);
  const intro = isStuck(pass) ? 'cannot be drained' : `was not drained within ${waited} s`;
  const cause = `node ${target.nodeName} ${intro}: ${describeBlockingPods(blockingPods, nowAt, MOST_LISTED)}`;
  return {
    blockingPods: blockingPods.slice(0, MOST_LISTED),
    blockingPodCount: blockingPods.length,
    error: 'PodEvictionFailure',
    cause: cause.length > MOST_CAUSE_CHARACTERS ? `${cause.slice(0, MOST_CAUSE_CHARACTERS - 1)}…` : cause,
  };
}

/**
 * Take a node out of the load balancers, and under MINIMAL close it to new pods.
 *
 * @param facts what AwaitTurn saw of the node a moment ago, which spares reading it again
 */
export async function beginDrain(
  deps: Deps,
  run: WorkflowRun,
  nodeName: string,
  facts: Turn['facts'],
): Promise<Node | 'absent'> {
  const cluster = await deps.cluster(run.clusterName);
  const by = executionNameOf(run.executionArn);
  if (run.updateStrategy === 'DEFAULT' && facts?.isExcluded === false) {
    return (await cluster.patchNode(nodeName, {
      labels: { [EXCLUDE_LABEL]: 'true' },
      annotations: { [OWNERSHIP_ANNOTATIONS.excluded]: by },
    })) as Node | 'absent';
  }
  const node = await cluster.findNode(nodeName);
  if (node === undefined) return 'absent';
  return changeNode(cluster, node, (seen) => startDraining(seen, by, { taint: run.updateStrategy === 'MINIMAL' }));
}

/** Set a blocked node aside, and halt the run when that looks systemic or the input says so. */
export async function parkNode(deps: Deps, run: WorkflowRun, node: WaveNode, startedAt: string): Promise<void> {
  const cluster = await deps.cluster(run.clusterName);
  const by = executionNameOf(run.executionArn);
  const nodes = await cluster.listNodes();
  const own = nodes.find(({ name }) => name === node.nodeName);
  if (own !== undefined) {
    await changeNode(cluster, own, (seen) =>
      park(seen, by, { untaint: run.updateStrategy === 'MINIMAL', sinceAt: startedAt }),
    );
  }
  const outdatedLeft = nodes.filter(isTainted).length;
  await changeControl(cluster, run, (lease) => {
    const before = readControl(lease);
    const blocked = countBlocked(before.blocked, outdatedLeft);
    // The second attempt of a parked node is the end of its story, not a sign of a systemic fault.
    if (before.halt !== undefined || node.attempt > 1 || !haltsTheRun(blocked, run))
      return withControl(lease, { blocked });
    const cause =
      run.failurePolicy === 'halt'
        ? 'the first one stops the run, as failurePolicy "halt" says'
        : `${blocked.count} in a row, so the run stopped before it tried the others`;
    return withControl(lease, { blocked, halt: { error: 'PodEvictionFailure', cause } });
  });
}
