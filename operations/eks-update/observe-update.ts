import type { Cluster, Deps } from '../../clients/ports.ts';
import { readControl } from '../../domain/admission/control.ts';
import { rememberSince } from '../../domain/drain/blocking-pods.ts';
import { podName } from '../../domain/drain/pods.ts';
import { podsLeftOn } from '../../domain/eks-update/blocking-pods.ts';
import type { BlockedNodePods, NodegroupUpdate } from '../../domain/eks-update/eks-update.ts';
import {
  candidateNodes,
  type Departures,
  departuresOf,
  inferActiveNodes,
  inferBlockedNodes,
  isStandingStill,
  observationOf,
  outdatedMembers,
  type PodsLeft,
  phaseOf,
  type UpdateMember,
  updateMembers,
} from '../../domain/eks-update/observation.ts';
import { waitBeforeObservation } from '../../domain/eks-update/pace.ts';
import { NODEGROUP_LABEL } from '../../domain/eks-update/target.ts';
import { AlarmTriggered, NodegroupNotFound, UpgradeCancelled } from '../../domain/errors.ts';
import type { EksRun } from '../../domain/state.ts';
import type { Budget, EksUpdate } from '../../domain/types.ts';
import { ringingAlarms } from '../admission/look-at-turn.ts';
import { findControl } from '../lease/control-record.ts';
import { readGroup } from '../nodegroup/observe-group.ts';
import { STEP_SECONDS } from '../nodegroup/poll.ts';
import { failUpdate } from './explain-update.ts';

/** How long pods are watched before nodes, budgets and the update itself are looked at: three times in a step. */
const WATCH_SECONDS = 12;
/** Nodes whose pods are asked for together. */
const AT_ONCE = 10;
/**
 * Nodes without a sign whose pods are looked at while nothing moves; the next step takes others, which is late for a hold.
 *
 * @see https://docs.aws.amazon.com/eks/latest/userguide/service-quotas.html (nodes per managed node group)
 */
const MOST_SUSPECTS = 450;
/** An update that was just made may not be known everywhere yet. */
const UNKNOWN_SECONDS = 60;
const CANNOT_PAUSE = 'EKS cannot pause an update';
const MISSED = 'some pods may have left unseen: the watch of pods had to begin anew';

/**
 * Read the orders in the Lease, and the alarms.
 *
 * @returns the reason of a pause, which EKS cannot heed
 * @throws {UpgradeCancelled} {AlarmTriggered}
 */
export async function throwIfStopped(deps: Deps, run: EksRun): Promise<string | undefined> {
  const [lease, alarms] = await Promise.all([
    findControl(await deps.cluster(run.clusterName), run.autoScalingGroupName),
    ringingAlarms(deps, run.alarms),
  ]);
  if (lease?.holder !== run.executionArn) {
    throw new UpgradeCancelled('the run no longer holds the lock of this group');
  }
  const { cancel, pause } = readControl(lease);
  if (cancel !== undefined) throw new UpgradeCancelled(`cancelled by an operator: ${cancel}`);
  if (alarms.length > 0) throw new AlarmTriggered(`in ALARM: ${alarms.join(', ')}`);
  return pause;
}

/** A hold, the same for a pod that comes back under a new name. */
const holdOf = ({ instanceId, reason, owner, ...pod }: BlockedNodePods) =>
  `${instanceId} ${reason} ${reason === 'toleratesEveryTaint' && owner !== undefined ? owner : podName(pod)}`;

/** Whether EKS may delete pods by force: of an update of somebody else it does not say so. */
const mayForce = ({ force }: EksRun, { isAdopted }: NodegroupUpdate): boolean => force || isAdopted;

/** What one look needs, and what the next one in the same step goes on from. */
interface Looking {
  readonly update: NodegroupUpdate;
  /** Pods that were held at the last look, also those seen for the first time. */
  readonly holding: readonly BlockedNodePods[];
  readonly observedAt: string;
}

/** Watch pods for a while; a watch that cannot go on begins anew. */
async function watch(cluster: Cluster, { podsVersion }: NodegroupUpdate) {
  const resourceVersion = podsVersion ?? (await cluster.podsVersion());
  const seen = await cluster.watchDepartures({ resourceVersion, timeoutSeconds: WATCH_SECONDS });
  const isMissed = seen.resourceVersion === undefined;
  return { ...seen, podsVersion: seen.resourceVersion ?? (await cluster.podsVersion()), isMissed };
}

/** The update as EKS describes it. @throws {NodegroupNotFound} once EKS must know it and does not */
async function describe(
  deps: Deps,
  run: EksRun,
  { updateId, requestedAt }: NodegroupUpdate,
): Promise<EksUpdate | undefined> {
  const found = await deps.eks.findUpdate(run.clusterName, run.nodegroupName, updateId);
  const age = (deps.clock.now().getTime() - Date.parse(requestedAt)) / 1000;
  if (found === undefined && age > UNKNOWN_SECONDS) {
    throw new NodegroupNotFound(`EKS knows no update ${updateId} of node group ${run.nodegroupName}: was it deleted?`);
  }
  return found;
}

/** Look at the pods of some nodes, some nodes at a time. */
async function podsOf(
  deps: Deps,
  cluster: Cluster,
  members: readonly UpdateMember[],
  budgets: readonly Budget[],
  { update, holding }: Looking,
): Promise<Map<string, PodsLeft>> {
  const found = new Map<string, PodsLeft>();
  for (let start = 0; start < members.length; start += AT_ONCE) {
    const observation = async ({ instanceId, node }: UpdateMember) => {
      if (node === undefined) return;
      const { pods } = await cluster.listPodsOnNode(node.name);
      const nowAt = deps.clock.now().toISOString();
      const drainStartedAt = update.nodes.find((known) => known.instanceId === instanceId)?.sinceAt ?? nowAt;
      const left = podsLeftOn({ instanceId, nodeName: node.name }, pods, budgets, { drainStartedAt, nowAt });
      found.set(instanceId, {
        ...left,
        blockingPods: rememberSince(left.blockingPods, [...update.blockingPods, ...holding], nowAt),
      });
    };
    await Promise.all(members.slice(start, start + AT_ONCE).map(observation));
  }
  return found;
}

/** Find out which nodes EKS has in hand, and what is left on them. */
async function observeNodes(
  deps: Deps,
  cluster: Cluster,
  run: EksRun,
  looking: Looking,
  seen: { members: readonly UpdateMember[]; desiredCapacity: number; departures: Departures },
): Promise<{ signs: Map<string, string>; pods: Map<string, PodsLeft> }> {
  const { update: before } = looking;
  const { members, departures } = seen;
  const signs = inferActiveNodes(members, before.nodes, departures, run.parallelism);
  const outdated = outdatedMembers(members);
  const inHand = outdated.filter(({ instanceId }) => signs.has(instanceId));
  const phase = phaseOf(before.phase, members, signs.size > 0);
  const isStill = isStandingStill({ ...seen, phase, signs, run });
  const suspects = isStill ? candidateNodes(members, signs, before.checks, MOST_SUSPECTS) : [];
  const budgets = inHand.length + suspects.length === 0 ? [] : await cluster.listBudgets();
  const pods = await podsOf(deps, cluster, inHand, budgets, looking);
  const ofSuspects = await podsOf(deps, cluster, suspects, budgets, looking);
  const presumed = inferBlockedNodes(suspects, ofSuspects, Math.min(run.parallelism, outdated.length) - inHand.length);
  return {
    signs: new Map([...signs, ...presumed]),
    // A node that EKS may still be emptying is not what everything waits for.
    pods: new Map([
      ...pods,
      ...[...ofSuspects].filter(([, { left, blockingPods }]) => left > 0 && blockingPods.length >= left),
    ]),
  };
}

/** Watch pods for a while, then look at everything else once. */
async function observeOnce(deps: Deps, run: EksRun, looking: Looking): Promise<Looking & { isOver: boolean }> {
  const cluster = await deps.cluster(run.clusterName);
  const { update: before, observedAt } = looking;
  const seen = await watch(cluster, before);
  const [described, group, nodes] = await Promise.all([
    describe(deps, run, before),
    readGroup(deps, run.autoScalingGroupName),
    cluster.listNodes({ [NODEGROUP_LABEL]: run.nodegroupName }),
  ]);
  const isRunning = described === undefined || described.status === 'InProgress';
  const pause = isRunning ? await throwIfStopped(deps, run) : undefined;
  const members = updateMembers(group, nodes, run.target);
  const inHand = new Set(before.nodes.flatMap(({ nodeName }) => nodeName ?? []));
  const nodeNames = new Set([...nodes.map(({ name }) => name), ...inHand]);
  const blockingPods = new Set([...before.blockingPods, ...looking.holding].map(podName));
  const departures = departuresOf(
    seen.departures,
    nodeNames,
    mayForce(run, before) ? { inHand, blockingPods } : undefined,
  );
  const { signs, pods } = await observeNodes(deps, cluster, run, looking, {
    members,
    desiredCapacity: group.desiredCapacity,
    departures,
  });
  const nowAt = deps.clock.now().toISOString();
  const observation = observationOf({ run, before, members, group, departures, signs, pods, observedAt, nowAt });
  const warnings = [
    ...(pause === undefined ? [] : [`${CANNOT_PAUSE}: it goes on although paused by an operator (${pause})`]),
    ...(seen.isMissed ? [MISSED] : []),
  ].filter((warning) => !observation.warnings.includes(warning));
  const isSuccessful = described?.status === 'Successful';
  const update: NodegroupUpdate = {
    ...observation,
    status: isSuccessful ? 'successful' : 'inProgress',
    podsVersion: seen.podsVersion,
    warnings: [...observation.warnings, ...warnings],
  };
  if (!isRunning && !isSuccessful) await failUpdate(deps, run, described, update);
  const holding = [...pods.values()].flatMap(({ blockingPods }) => blockingPods);
  const known = new Set(before.blockingPods.map(holdOf));
  const isNewlyBlocked = update.blockingPods.some((pod) => !known.has(holdOf(pod)));
  return { update, holding, observedAt: nowAt, isOver: isSuccessful || isNewlyBlocked };
}

/**
 * Follow an update of EKS for as long as a step may take: watch pods go, and look at nodes, budgets and the update.
 *
 * Hands back early when the update has ended, or when something new holds a pod, so that the history says so in time.
 *
 * @throws {UpgradeCancelled} {AlarmTriggered} although EKS goes on; what `failUpdate` throws when EKS gave up
 */
export async function followWithinStep(deps: Deps, run: EksRun, before: NodegroupUpdate): Promise<NodegroupUpdate> {
  const endsAt = deps.clock.now().getTime() + STEP_SECONDS * 1000;
  const checks = before.checks + 1;
  const fresh = {
    ...before,
    checks,
    waitSeconds: waitBeforeObservation(checks),
    changes: [],
    evicted: [],
    evictedCount: 0,
  };
  let looking: Looking = { update: fresh, holding: [], observedAt: deps.clock.now().toISOString() };
  for (;;) {
    const found = await observeOnce(deps, run, looking);
    if (found.isOver || deps.clock.now().getTime() + WATCH_SECONDS * 1000 > endsAt) return found.update;
    looking = found;
  }
}
