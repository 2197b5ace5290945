import type { Cluster, Deps } from '../../clients/ports.ts';
import { podName } from '../../domain/drain/pods.ts';
import { contradictedSince, describeContradiction } from '../../domain/eks-update/contradiction.ts';
import { countDepartures } from '../../domain/eks-update/departures.ts';
import type { NodegroupUpdate, UpdateBlockingPod } from '../../domain/eks-update/eks-update.ts';
import { joinMembers } from '../../domain/eks-update/members.ts';
import { nextObservation } from '../../domain/eks-update/observation.ts';
import { secondsUntilObservation } from '../../domain/eks-update/pace.ts';
import { NODEGROUP_LABEL } from '../../domain/eks-update/target.ts';
import { isGone, unknownSince, updateGone } from '../../domain/eks-update/unknown.ts';
import { NotConverging } from '../../domain/errors.ts';
import type { EksRun } from '../../domain/state.ts';
import type { Node } from '../../domain/types.ts';
import { readGroup } from '../nodegroup/observe-group.ts';
import { STEP_SECONDS } from '../nodegroup/poll.ts';
import { failUpdate } from './explain-update.ts';
import { observeNodes, type RoundStart } from './observe-nodes.ts';
import { throwIfStopped } from './throw-if-stopped.ts';

/** How long a round watches pods before it reads nodes, budgets and the update itself: three rounds fit into a step. */
const WATCH_SECONDS = 12;
const PODS_MISSED = 'some pods may have left unseen: the watch of pods had to begin anew';

/** What blocks a node: the same for a pod that comes back under a new name. */
const blockKey = ({ instanceId, reason, owner, ...pod }: UpdateBlockingPod) =>
  `${instanceId} ${reason} ${reason === 'toleratesEveryTaint' && owner !== undefined ? owner : podName(pod)}`;

/**
 * Watch pods for a while; a watch that cannot go on begins anew. A round takes its time also when the server ends every watch at
 * once: the next watch begins where this one ended, so nothing is missed by waiting.
 */
async function watchPods(deps: Deps, cluster: Cluster, before: NodegroupUpdate) {
  const startedAt = deps.clock.now().getTime();
  const resourceVersion = before.podsVersion ?? (await cluster.podsVersion());
  const seen = await cluster.watchDepartures({ resourceVersion, timeoutSeconds: WATCH_SECONDS });
  const isMissed = seen.resourceVersion === undefined;
  const podsVersion = seen.resourceVersion ?? (await cluster.podsVersion());
  const left = WATCH_SECONDS - (deps.clock.now().getTime() - startedAt) / 1000;
  if (left > 0) await deps.clock.sleep(left);
  return { ...seen, podsVersion, isMissed };
}

type Watched = Awaited<ReturnType<typeof watchPods>>;

/** The update as EKS describes it, and since when it does not. @throws {NodegroupNotFound} when it has not for long */
async function findUpdate(deps: Deps, run: EksRun, before: NodegroupUpdate) {
  const { clusterName, nodegroupName } = run;
  const described = await deps.eks.findUpdate(clusterName, nodegroupName, before.updateId);
  const nowAt = deps.clock.now().toISOString();
  const since = unknownSince(described !== undefined, before, nowAt);
  if (!isGone(since, nowAt)) return { described, since };
  const nodegroup = await deps.eks.findNodegroup(clusterName, nodegroupName);
  throw updateGone(before.updateId, nodegroupName, nodegroup !== undefined);
}

/** Count the pods that EKS made leave. An adopted update may delete by force: EKS does not say whether it does. */
function departuresFrom(
  { departures }: Watched,
  run: EksRun,
  nodes: readonly Node[],
  { update, blockingPods }: RoundStart,
) {
  const activeNodeNames = new Set(update.nodes.flatMap(({ nodeName }) => nodeName ?? []));
  const nodeNames = new Set([...nodes.map(({ name }) => name), ...activeNodeNames]);
  const blockingPodNames = new Set([...update.blockingPods, ...blockingPods].map(podName));
  const mayForce = run.force || update.isAdopted;
  return countDepartures(departures, nodeNames, mayForce ? { activeNodeNames, blockingPodNames } : undefined);
}

/** Warnings of a round that the observation has not given yet. */
function newWarnings(pause: string | undefined, { isMissed }: Watched, { warnings }: NodegroupUpdate): string[] {
  return [
    ...(pause === undefined ? [] : [`EKS cannot pause an update; the update continues (pause requested: ${pause})`]),
    ...(isMissed ? [PODS_MISSED] : []),
  ].filter((warning) => !warnings.includes(warning));
}

/** Watch pods for a while, then observe everything else once. */
async function observeRound(deps: Deps, run: EksRun, start: RoundStart): Promise<RoundStart & { isOver: boolean }> {
  const cluster = await deps.cluster(run.clusterName);
  const { update: before, observedAt } = start;
  const watched = await watchPods(deps, cluster, before);
  const [{ described, since }, group, nodes] = await Promise.all([
    findUpdate(deps, run, before),
    readGroup(deps, run.autoScalingGroupName),
    cluster.listNodes({ [NODEGROUP_LABEL]: run.nodegroupName }),
  ]);
  const isRunning = described === undefined || described.status === 'InProgress';
  const pause = isRunning ? await throwIfStopped(deps, run) : undefined;
  const members = joinMembers(group, nodes, run.target);
  const departures = departuresFrom(watched, run, nodes, start);
  const seen = { members, desiredCapacity: group.desiredCapacity, departures };
  const { active, pods } = await observeNodes(deps, cluster, run, start, seen);
  const nowAt = deps.clock.now().toISOString();
  const observation = nextObservation({ before, run, members, group, departures, active, pods, observedAt, nowAt });
  const contradictedAt = contradictedSince(described, before, observation.outdatedCount, nowAt);
  const isSuccessful = described?.status === 'Successful' && contradictedAt === undefined;
  const { contradictedAt: _, unknownSince: __, ...consistent } = observation;
  const update: NodegroupUpdate = {
    ...consistent,
    ...(since !== undefined && { unknownSince: since }),
    ...(contradictedAt !== undefined && { contradictedAt }),
    status: isSuccessful ? 'successful' : 'inProgress',
    podsVersion: watched.podsVersion,
    warnings: [...observation.warnings, ...newWarnings(pause, watched, observation)],
  };
  const contradiction = describeContradiction(update, nowAt);
  if (contradiction !== undefined) throw new NotConverging(contradiction);
  if (described?.status !== 'Successful' && !isRunning) await failUpdate(deps, run, described, update);
  const known = new Set(before.blockingPods.map(blockKey));
  const isNewlyBlocked = update.blockingPods.some((pod) => !known.has(blockKey(pod)));
  const blockingPods = [...pods.values()].flatMap((left) => left.blockingPods);
  return { update, blockingPods, observedAt: nowAt, isOver: isSuccessful || isNewlyBlocked };
}

/**
 * Follow an update of EKS for as long as a step may take: watch pods leave, and observe nodes, budgets and the update.
 *
 * Returns early when the update has ended, or when a pod newly blocks, so that the history says so in time.
 *
 * @throws {UpgradeCancelled} {AlarmTriggered} although EKS continues; what `failUpdate` throws when EKS gave up;
 *   {NotConverging} when EKS calls the update Successful and nodes stay outdated
 */
export async function followWithinStep(deps: Deps, run: EksRun, before: NodegroupUpdate): Promise<NodegroupUpdate> {
  const endsAt = deps.clock.now().getTime() + STEP_SECONDS * 1000;
  const checks = before.checks + 1;
  const update = {
    ...before,
    checks,
    waitSeconds: secondsUntilObservation(checks),
    changes: [],
    evicted: [],
    evictedCount: 0,
    deletedCount: 0,
  };
  let start: RoundStart = { update, blockingPods: [], observedAt: deps.clock.now().toISOString() };
  for (;;) {
    const round = await observeRound(deps, run, start);
    if (round.isOver || deps.clock.now().getTime() + WATCH_SECONDS * 1000 > endsAt) return round.update;
    start = round;
  }
}
