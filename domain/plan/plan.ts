/*
 * Words of this folder:
 *
 * survey        everything that is looked up before a run, in AWS and Kubernetes; it changes nothing
 * target        the AMI a run goes to, and where it came from
 * plan          the settings of a run, and what a person wants to know before it starts
 * outdated      (a node) not on the target
 * resumed       (a run) that continues what an earlier run has left
 * capacity      parallelism, the nodes replaced at a time, and surge, the nodes added for that
 * estimate      predicted duration and cost, with the assumptions behind them
 * warning       a sentence about something that does not stop the run
 * blocking pod  a pod that would block a drain as things are now
 * refused       (a group) that cannot be upgraded: the error says why and what to do
 */

import { SHARES, withinBytes } from '../bounded-lists.ts';
import { findBlockingPods, findStuckPods, toleratesEveryTaint } from '../drain/planned-blocking-pods.ts';
import { mayComeBack, podName } from '../drain/pods.ts';
import { withEksAdvice } from '../eks-update/blocking-pods.ts';
import { isOwned } from '../nodegroup/node-ownership.ts';
import type { GroupNode } from '../nodegroup/nodegroup.ts';
import { hasOriginalSettings, sizesOf } from '../nodegroup/original-settings.ts';
import { outdatedInScope } from '../nodegroup/scope.ts';
import type { BlockingPod, Plan } from '../state.ts';
import { truncate } from '../text.ts';
import type { Pod } from '../types.ts';
import { admissionNote, refusedDryRuns } from './admission.ts';
import { estimate, estimateUpdate } from './estimate.ts';
import type { PlanFacts, WorkflowPlanFacts } from './facts.ts';
import { type PlannedCapacity, planCapacity } from './planned-capacity.ts';
import { podsToMove } from './pods-to-move.ts';
import { runOf } from './run-settings.ts';
import { summaryOf } from './summary.ts';
import { warningsOf } from './warnings.ts';

const MOST_NODES_LISTED = 100;
const MOST_PODS_LISTED = 50;
const MOST_WARNING_CHARACTERS = 1000;

function currentImages(members: readonly GroupNode[]): Plan['current'] {
  const counts = new Map<string, number>();
  for (const { imageId = 'unknown' } of members) counts.set(imageId, (counts.get(imageId) ?? 0) + 1);
  return [...counts]
    .map(([amiId, nodes]) => ({ amiId, nodes }))
    .sort((left, right) => right.nodes - left.nodes || left.amiId.localeCompare(right.amiId));
}

/** Pods that would block a drain, or come back to a draining node, on the outdated nodes. */
function plannedBlockingPodsOf(pods: readonly Pod[], facts: PlanFacts): BlockingPod[] {
  const ready = new Set(facts.nodes.filter(({ isReady }) => isReady).map(({ name }) => name));
  const stuck = findStuckPods(pods, ready, facts.startedAt);
  const blockingPods = [...findBlockingPods(pods, facts.budgets, facts.input), ...stuck];
  const known = new Set(blockingPods.map(podName));
  blockingPods.push(...refusedDryRuns(pods, facts.admission, facts.budgets, known));
  const named = new Set(blockingPods.map(podName));
  const returning = pods.filter((pod) => mayComeBack(pod) && !named.has(podName(pod)));
  const all = [...blockingPods, ...returning.map(toleratesEveryTaint)];
  return (facts.engine === 'workflow' ? all : all.map(withEksAdvice)).sort(
    (left, right) =>
      left.reason.localeCompare(right.reason) ||
      left.namespace.localeCompare(right.namespace) ||
      left.name.localeCompare(right.name),
  );
}

const longestGraceOf = (pods: readonly Pod[]): number =>
  pods.reduce((longest, { gracePeriodSeconds }) => Math.max(longest, gracePeriodSeconds), 0);

function estimateOf(
  { engine, input }: PlanFacts,
  { updateStrategy, parallelism, surge }: PlannedCapacity,
  outdated: number,
  longestGraceSeconds: number,
): Plan['estimate'] {
  const predict = engine === 'workflow' ? estimate : estimateUpdate;
  return predict({
    outdated,
    parallelism: parallelism.nodes,
    surge: surge.nodes,
    updateStrategy,
    cordonWaitSeconds: input.cordonWaitSeconds,
    drainTimeoutSeconds: input.drainTimeoutSeconds,
    longestGraceSeconds,
  });
}

/** The group as it is now, and where it goes. */
function describeGroup(facts: PlanFacts, outdated: readonly GroupNode[]) {
  const { input, group, members, image, amiType, target } = facts;
  const nodes = outdated.slice(0, MOST_NODES_LISTED).map(({ instanceId, node, zone }) => ({
    instanceId,
    ...(node !== undefined && { nodeName: node.name }),
    zone,
  }));
  const listed = withinBytes(nodes, SHARES.outdatedNodes);
  return {
    kubernetesVersion: facts.kubernetesVersion,
    group: {
      kind: input.nodegroupName === undefined ? ('self-managed' as const) : ('managed' as const),
      zones: [...group.zones],
      instanceTypes: [...facts.instanceTypes],
      launchTemplateVersion: group.launchSource?.version ?? 'none',
      sizes: sizesOf(group),
    },
    current: currentImages(members),
    target: {
      amiId: image.imageId,
      amiName: image.name,
      ...(amiType !== undefined && { amiType }),
      ...(target.releaseVersion !== undefined && { releaseVersion: target.releaseVersion }),
      source: facts.targetSource,
    },
    nodes: {
      total: members.length,
      outdated: outdated.length,
      outdatedNodes: listed,
      isListComplete: listed.length === outdated.length,
    },
  };
}

/** True when a run before this one has left tags on the group or annotations on its nodes. */
const isLeftUnfinished = ({ group, members }: PlanFacts): boolean =>
  hasOriginalSettings(group) || members.some(({ node }) => node !== undefined && isOwned(node));

/** Whether the next node that the group launches is on the target. A scope is about the nodes there are. */
const launchesWhatIsWanted = ({ launchesTarget, scope }: WorkflowPlanFacts): boolean =>
  launchesTarget || scope !== undefined;

/** Make the plan of a run: the settings every later step works by, and what a person wants to know before it starts. */
export function makePlan(facts: PlanFacts): Plan {
  const outdated = outdatedInScope(facts.members, facts.scope?.instanceIds);
  const pods = podsToMove(facts);
  const longestGraceSeconds = longestGraceOf(pods);
  const capacity = planCapacity(facts, longestGraceSeconds);
  const { parallelism, surge, coversZones } = capacity;
  const isResumed = isLeftUnfinished(facts);
  const isUnneeded = facts.engine === 'workflow' ? !isResumed && launchesWhatIsWanted(facts) : facts.isRecorded;
  const isNothingToDo = outdated.length === 0 && isUnneeded;
  const blockingPods = isNothingToDo ? [] : plannedBlockingPodsOf(pods, facts);
  const prediction = estimateOf(facts, capacity, outdated.length, longestGraceSeconds);
  return {
    status: isNothingToDo ? 'nothingToDo' : 'planned',
    isDryRun: facts.input.dryRun,
    summary: summaryOf(facts, {
      outdated: outdated.length,
      durationSeconds: prediction.durationSeconds,
      // A pod that comes back is evicted once and not waited for.
      blocking: blockingPods.filter(({ reason }) => reason !== 'toleratesEveryTaint').length,
      isNothingToDo,
      isResumed,
    }),
    run: runOf(facts, { ...capacity, parallelism: parallelism.nodes, surge: surge.nodes }),
    ...describeGroup(facts, outdated),
    parallelism,
    surge,
    estimate: prediction,
    warnings: withinBytes(
      warningsOf(facts, { pods, isResumed, surge: surge.nodes, coversZones }).map((text) =>
        truncate(text, MOST_WARNING_CHARACTERS),
      ),
      SHARES.warnings,
    ),
    ...(pods.length > 0 && { admission: admissionNote(pods, facts.admission) }),
    blockingPods: withinBytes(blockingPods.slice(0, MOST_PODS_LISTED), SHARES.plannedBlockingPods),
    blockingPodCount: blockingPods.length,
  };
}
