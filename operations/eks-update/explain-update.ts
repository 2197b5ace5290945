import type { Deps } from '../../clients/ports.ts';
import { rememberSince } from '../../domain/drain/blocking-sentences.ts';
import { podsLeftOn } from '../../domain/eks-update/blocking-pods.ts';
import type { NodegroupUpdate } from '../../domain/eks-update/eks-update.ts';
import {
  describeEnd,
  describeNodeLeft,
  diagnosesOf,
  failedNodesOf,
  nameOfFailure,
} from '../../domain/eks-update/failure.ts';
import { NODEGROUP_LABEL } from '../../domain/eks-update/target.ts';
import { ERROR_CLASSES } from '../../domain/errors.ts';
import { joinGroup } from '../../domain/nodegroup/nodegroup.ts';
import type { EksRun } from '../../domain/state.ts';
import type { EksUpdate } from '../../domain/types.ts';
import { readGroup } from '../nodegroup/observe-group.ts';

const MOST_NODES_DESCRIBED = 20;
const MOST_INSTANCES_NAMED = 10;

/** Describe, for each node that EKS names, which pods are left on it and what blocks them. */
async function describeNodesLeft(
  deps: Deps,
  run: EksRun,
  update: EksUpdate,
  before: NodegroupUpdate,
): Promise<string[]> {
  const cluster = await deps.cluster(run.clusterName);
  const [nodes, budgets] = [
    await cluster.listNodes({ [NODEGROUP_LABEL]: run.nodegroupName }),
    await cluster.listBudgets(),
  ];
  const nowAt = deps.clock.now().toISOString();
  const named = new Set(failedNodesOf(update));
  const left = nodes.filter(
    ({ name, instanceId }) => named.has(name) || (instanceId !== undefined && named.has(instanceId)),
  );
  const described = [];
  for (const { name: nodeName, instanceId = nodeName } of left.slice(0, MOST_NODES_DESCRIBED)) {
    const known = before.nodes.find((node) => node.instanceId === instanceId);
    const { pods } = await cluster.listPodsOnNode(nodeName);
    const drainStartedAt = known?.sinceAt ?? before.requestedAt;
    const found = podsLeftOn({ instanceId, nodeName }, pods, budgets, { drainStartedAt, nowAt });
    described.push(
      describeNodeLeft(
        nodeName,
        { ...found, blockingPods: rememberSince(found.blockingPods, before.blockingPods, nowAt) },
        nowAt,
      ),
    );
  }
  return described;
}

/** Describe the last launch that failed since the update began, and name the instances that did not join. */
async function describeLaunches(deps: Deps, run: EksRun, before: NodegroupUpdate): Promise<string[]> {
  const { autoScalingGroupName, target } = run;
  const nodes = await (await deps.cluster(run.clusterName)).listNodes();
  const group = await readGroup(deps, autoScalingGroupName);
  const members = joinGroup({ group, instances: [], nodes, target });
  const late = members.filter(({ isReady, isOutdated }) => !isReady && !isOutdated).map(({ instanceId }) => instanceId);
  const [latest] = await deps.autoScaling.launchFailures(autoScalingGroupName, new Date(before.requestedAt));
  const zone = latest?.zone === undefined ? '' : ` (${latest.zone})`;
  return [
    latest === undefined
      ? 'The Auto Scaling group reports no failed launch.'
      : `Last failed launch${zone}: ${latest.message.replace(/[.\s]+$/, '')}.`,
    ...(late.length === 0
      ? []
      : [`Not Ready or not registered: ${late.slice(0, MOST_INSTANCES_NAMED).join(', ')}: check their kubelet.`]),
  ];
}

/**
 * End the run because EKS's update ended without success, with EKS's words and what can be seen from outside.
 *
 * @throws {PodEvictionFailure} {NodeCreationFailure} {AccessDenied} {ClusterUnreachable} {UpgradeCancelled}
 *   {NotConverging}
 */
export async function failUpdate(deps: Deps, run: EksRun, update: EksUpdate, before: NodegroupUpdate): Promise<never> {
  const name = nameOfFailure(update);
  const seen =
    name === 'PodEvictionFailure'
      ? await describeNodesLeft(deps, run, update, before)
      : name === 'NodeCreationFailure'
        ? await describeLaunches(deps, run, before)
        : [];
  throw new ERROR_CLASSES[name]([describeEnd(update), ...diagnosesOf(update), ...seen].join(' '));
}
