import { launchesToCover, limitBySurge, resolveParallelism, resolveSurge, surgeOfEks } from '../admission/capacity.ts';
import { findBlockingPods, toleratesEveryTaint } from '../drain/planned-blocking-pods.ts';
import { isIgnoredByDrain } from '../drain/pod-filters.ts';
import { mayComeBack, podName } from '../drain/pods.ts';
import { withEksAdvice } from '../eks-update/blocking-pods.ts';
import { warningsOfUpdate } from '../eks-update/target.ts';
import type { UpgradeInput } from '../input/input.ts';
import { isOwned } from '../nodegroup/node-ownership.ts';
import { countByZone, type GroupNode } from '../nodegroup/nodegroup.ts';
import {
  AZ_REBALANCE,
  hasOriginalSettings,
  ORIGINAL_SETTINGS_TAGS,
  originalSizes,
  sizesOf,
} from '../nodegroup/original-settings.ts';
import type { BlockingPod, EksRun, Plan, Run, WorkflowRun } from '../state.ts';
import type { AutoScalingGroup, Budget, MachineImage, Pod } from '../types.ts';
import { estimate, estimateUpdate } from './estimate.ts';
import { standbyInstances } from './preflight.ts';

const MOST_NODES_LISTED = 100;
const MOST_BLOCKERS_LISTED = 50;

/** What the plan of either engine is made from, as it was looked up. */
interface GatheredFacts {
  readonly input: UpgradeInput;
  readonly executionArn: string;
  readonly startedAt: string;
  readonly kubernetesVersion: string;
  readonly group: AutoScalingGroup;
  readonly members: readonly GroupNode[];
  readonly instanceTypes: readonly string[];
  /** Settings of the managed node group, which the input overrides. */
  readonly nodegroupUpdateConfig?: UpgradeInput['updateConfig'] | undefined;
  readonly image: MachineImage;
  readonly amiType?: string | undefined;
  readonly targetSource: string;
  readonly imageAlias?: string | undefined;
  /** Pods bound to nodes, of the whole cluster. */
  readonly pods: readonly Pod[];
  readonly budgets: readonly Budget[];
  /** Found on the way: facts worth a sentence. */
  readonly notes: readonly string[];
}

export interface WorkflowPlanFacts extends GatheredFacts {
  readonly engine: 'workflow';
  readonly target: WorkflowRun['target'];
  readonly requiredLabels?: Readonly<Record<string, string>>;
}

export interface EksPlanFacts extends GatheredFacts {
  readonly engine: 'eks';
  readonly nodegroupName: string;
  readonly target: EksRun['target'];
  /** What EKS is asked for. */
  readonly update: EksRun['update'];
  /** EKS records for the group what it would be asked for. */
  readonly isRecorded: boolean;
}

/** Everything the plan is made from. */
export type PlanFacts = WorkflowPlanFacts | EksPlanFacts;

/** The settings of the run: the input's, else the node group's, else the defaults. */
function updateConfigOf({ input, nodegroupUpdateConfig }: PlanFacts): UpgradeInput['updateConfig'] {
  const own = input.updateConfig;
  const namesParallelism = own.maxUnavailable !== undefined || own.maxUnavailablePercentage !== undefined;
  const inherited = nodegroupUpdateConfig ?? {};
  const { updateStrategy } = inherited;
  return { ...(namesParallelism ? (updateStrategy === undefined ? {} : { updateStrategy }) : inherited), ...own };
}

function currentImages(members: readonly GroupNode[]): Plan['current'] {
  const counts = new Map<string, number>();
  for (const { imageId = 'unknown' } of members) counts.set(imageId, (counts.get(imageId) ?? 0) + 1);
  return [...counts]
    .map(([amiId, nodes]) => ({ amiId, nodes }))
    .sort((left, right) => right.nodes - left.nodes || left.amiId.localeCompare(right.amiId));
}

/** Pods that would block a drain, or come back to a draining node, on the outdated nodes. */
function plannedBlockingPodsOf(pods: readonly Pod[], facts: PlanFacts): BlockingPod[] {
  const blockingPods = findBlockingPods(pods, facts.budgets, facts.input);
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

function warningsOf(
  facts: PlanFacts,
  pods: readonly Pod[],
  isResumed: boolean,
  surge: number,
  coversZones: boolean,
): string[] {
  const { group, input, image, members, startedAt, imageAlias, notes } = facts;
  const version = group.launchSource?.version;
  const bare = pods.filter(({ owner }) => owner === undefined).length;
  const standby = standbyInstances(group);
  const notReady = members.filter(({ isReady }) => !isReady).length;
  const isDeprecated = image.deprecatedAt !== undefined && Date.parse(image.deprecatedAt) < Date.parse(startedAt);
  const isByEks = facts.engine === 'eks';
  return [
    ...notes,
    ...(facts.engine === 'workflow'
      ? []
      : warningsOfUpdate(facts.update, { amiType: facts.amiType, alarms: input.alarms, force: input.force })),
    ...(isResumed ? ['an earlier run did not finish here: this one continues from what it left'] : []),
    ...(input.nodegroupName === undefined || isByEks
      ? []
      : [
          `EKS will report the node group DEGRADED (Ec2LaunchTemplateVersionMismatch) once its Auto Scaling group launches from a template version that EKS did not set, and refuse its own updates. To reconcile afterwards: let the group launch from version ${facts.target.sourceVersion} of ${facts.target.launchTemplateId} again, then update the node group to the same release, which replaces the nodes once more (docs/managed-nodegroups.md)`,
        ]),
    ...(version === '$Default'
      ? [
          'the group follows $Default of its template: it is pinned to the new version, and $Default is left to you, since other groups may follow it',
        ]
      : []),
    ...(version === '$Latest'
      ? [
          'the group follows $Latest of its template: it is pinned to a number during the run, and follows $Latest again afterwards',
        ]
      : []),
    ...(imageAlias === undefined || isByEks
      ? []
      : [
          `the template names its AMI by ${imageAlias}: the new version names a fixed AMI, so it no longer follows the parameter`,
        ]),
    ...(isDeprecated ? [`${image.imageId} has been deprecated since ${image.deprecatedAt}`] : []),
    ...(standby.length > 0 ? [`${standby.join(', ')} in Standby: left alone, and still outdated afterwards`] : []),
    ...(notReady > 0 ? [`${notReady} of ${members.length} nodes are not Ready now`] : []),
    ...(group.suspendedProcesses.some(({ name }) => name === AZ_REBALANCE) &&
    group.tags[ORIGINAL_SETTINGS_TAGS.suspendedProcess] === undefined
      ? [
          isByEks
            ? 'AZRebalance is suspended, which EKS relies on to get a new node into every zone'
            : 'AZRebalance is suspended already, and stays so',
        ]
      : []),
    ...(surge > 0 && !coversZones
      ? [
          `a surge of ${surge} may not reach every zone with outdated nodes: pods with volumes in the others wait for a replacement there`,
        ]
      : []),
    ...(bare > 0 && input.pods.unmanaged === 'evict'
      ? [`${bare} pod${bare === 1 ? '' : 's'} without a controller will be evicted, and nothing creates them again`]
      : []),
  ];
}

const plural = (count: number, word: string) => `${count} ${word}${count === 1 ? '' : 's'}`;

function summaryOf(
  facts: PlanFacts,
  outdated: number,
  durationSeconds: number,
  blockingPodCount: number,
  nothing: boolean,
): string {
  const { members, image } = facts;
  const group = { name: facts.engine === 'workflow' ? facts.group.name : `node group ${facts.nodegroupName}` };
  if (members.length === 0 && nothing) return `${group.name} has no nodes: nothing to upgrade, nothing was changed`;
  if (nothing)
    return `${group.name} runs ${image.imageId} on ${members.length === 1 ? 'its only node' : `all ${members.length} nodes`} already: nothing was changed`;
  if (outdated === 0 && facts.engine === 'eks') {
    const { runningUpdateId } = facts.update;
    const nodes =
      members.length === 0 ? `${group.name} has no nodes` : `all nodes of ${group.name} run ${image.imageId}`;
    return runningUpdateId === undefined
      ? `${nodes}; EKS is asked to record ${members.length === 0 ? image.imageId : 'it'}`
      : `${nodes}; EKS update ${runningUpdateId} is followed to its end`;
  }
  if (outdated === 0)
    return `all nodes of ${group.name} run ${image.imageId}; what an earlier run left is put in order`;
  const blocking = blockingPodCount === 0 ? '' : `; ${plural(blockingPodCount, 'pod')} may block a drain`;
  return `${outdated} of ${plural(members.length, 'node')} of ${group.name} go to ${image.imageId} in about ${plural(Math.max(1, Math.round(durationSeconds / 60)), 'minute')}${blocking}`;
}

/** The settings of the run, in the order in which its history shows them. */
function runOf(
  facts: PlanFacts,
  {
    updateStrategy,
    ...capacity
  }: { updateStrategy: Run['updateStrategy']; parallelism: number; surge: number; coversZones: boolean },
): Run {
  const { input, group } = facts;
  const { executionArn, startedAt } = facts;
  const { nodegroupName, clusterName, canary } = input;
  const { force, drainTimeoutSeconds, cordonWaitSeconds, nodeReadyTimeoutSeconds, alarms, failurePolicy, pods } = input;
  const autoScalingGroupName = group.name;
  const waits = { force, drainTimeoutSeconds, cordonWaitSeconds, nodeReadyTimeoutSeconds, alarms };
  if (facts.engine === 'eks') {
    return {
      executionArn,
      startedAt,
      clusterName,
      nodegroupName: facts.nodegroupName,
      autoScalingGroupName,
      engine: 'eks',
      updateStrategy,
      target: facts.target,
      update: facts.update,
      ...capacity,
      originalSizes: originalSizes(group),
      ...waits,
      failurePolicy: failurePolicy ?? 'halt',
      pods,
    };
  }
  return {
    executionArn,
    startedAt,
    clusterName,
    ...(nodegroupName !== undefined && { nodegroupName }),
    autoScalingGroupName,
    engine: 'workflow',
    updateStrategy,
    target: facts.target,
    ...(facts.requiredLabels !== undefined && { requiredLabels: facts.requiredLabels }),
    ...capacity,
    originalSizes: originalSizes(group),
    ...waits,
    ...(canary !== undefined && { canary }),
    failurePolicy: failurePolicy ?? 'finish',
    pods,
  };
}

/** Make the plan of a run: the settings every later step works by, and what a person wants to know before it starts. */
export function makePlan(facts: PlanFacts): Plan {
  const { input, group, members } = facts;
  const outdated = members.filter((member) => member.isOutdated);
  const config = updateConfigOf(facts);
  const wanted = resolveParallelism(config, outdated.length);
  const counts = countByZone(members);
  const renewed = members.filter((member) => !member.isOutdated).map(({ zone }) => zone);
  const updateStrategy = config.updateStrategy ?? 'DEFAULT';
  const surge =
    facts.engine === 'workflow'
      ? resolveSurge({
          config,
          parallelism: wanted.nodes,
          outdated: outdated.length,
          zones: group.zones,
          counts,
          renewed,
        })
      : surgeOfEks({
          updateStrategy,
          parallelism: wanted.nodes,
          outdated: outdated.length,
          zones: group.zones.length,
        });
  const coversZones = facts.engine === 'eks' || surge.nodes >= launchesToCover(counts, group.zones, renewed);
  const parallelism = limitBySurge(wanted, surge, config);
  const isResumed = hasOriginalSettings(group) || members.some(({ node }) => node !== undefined && isOwned(node));
  const isUnneeded = facts.engine === 'workflow' ? !isResumed : facts.isRecorded;
  const isNothingToDo = outdated.length === 0 && isUnneeded;

  const nodeNames = new Set(outdated.flatMap(({ node }) => (node === undefined ? [] : [node.name])));
  const pods = facts.pods.filter(
    (pod) => pod.nodeName !== undefined && nodeNames.has(pod.nodeName) && !isIgnoredByDrain(pod),
  );
  const blockingPods = isNothingToDo ? [] : plannedBlockingPodsOf(pods, facts);
  // A pod that comes back is evicted once and not waited for.
  const holding = blockingPods.filter(({ reason }) => reason !== 'toleratesEveryTaint').length;
  const predict = facts.engine === 'workflow' ? estimate : estimateUpdate;
  const prediction = predict({
    outdated: outdated.length,
    parallelism: parallelism.nodes,
    surge: surge.nodes,
    updateStrategy,
    cordonWaitSeconds: input.cordonWaitSeconds,
    drainTimeoutSeconds: input.drainTimeoutSeconds,
    longestGraceSeconds: pods.reduce((longest, { gracePeriodSeconds }) => Math.max(longest, gracePeriodSeconds), 0),
  });
  return {
    status: isNothingToDo ? 'nothingToDo' : 'planned',
    isDryRun: input.dryRun,
    summary: summaryOf(facts, outdated.length, prediction.durationSeconds, holding, isNothingToDo),
    run: runOf(facts, {
      updateStrategy,
      parallelism: parallelism.nodes,
      surge: surge.nodes,
      coversZones,
    }),
    kubernetesVersion: facts.kubernetesVersion,
    group: {
      kind: input.nodegroupName === undefined ? 'self-managed' : 'managed',
      zones: [...group.zones],
      instanceTypes: [...facts.instanceTypes],
      launchTemplateVersion: group.launchSource?.version ?? 'none',
      sizes: sizesOf(group),
    },
    current: currentImages(members),
    target: {
      amiId: facts.image.imageId,
      amiName: facts.image.name,
      ...(facts.amiType !== undefined && { amiType: facts.amiType }),
      ...(facts.target.releaseVersion !== undefined && { releaseVersion: facts.target.releaseVersion }),
      source: facts.targetSource,
    },
    nodes: {
      total: members.length,
      outdated: outdated.length,
      outdatedNodes: outdated.slice(0, MOST_NODES_LISTED).map(({ instanceId, node, zone }) => ({
        instanceId,
        ...(node !== undefined && { nodeName: node.name }),
        zone,
      })),
      isListComplete: outdated.length <= MOST_NODES_LISTED,
    },
    parallelism,
    surge,
    estimate: prediction,
    warnings: warningsOf(facts, pods, isResumed, surge.nodes, coversZones),
    blockingPods: blockingPods.slice(0, MOST_BLOCKERS_LISTED),
    blockingPodCount: blockingPods.length,
  };
}
