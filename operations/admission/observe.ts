import type { Deps } from '../../clients/ports.ts';
import type { Observation } from '../../domain/admission/observation.ts';
import { joinMembers } from '../../domain/nodegroup/nodegroup.ts';
import { sizesOf } from '../../domain/nodegroup/original-settings.ts';
import type { WorkflowRun } from '../../domain/state.ts';
import type { AutoScalingGroup, Instance, Node } from '../../domain/types.ts';
import { readGroup } from '../nodegroup/observe-group.ts';

/** What was read of a group, each part with the instant before it was asked for. */
export interface Reading {
  readonly group: AutoScalingGroup;
  readonly groupAt: string;
  /** AMIs of the instances; one that is not listed yet is judged by its template version. */
  readonly instances: readonly Instance[];
  readonly nodes: readonly Node[];
  readonly nodesAt: string;
  /** When a watch last showed them. */
  readonly nodesSeenAt?: string;
  /** To watch the nodes from. */
  readonly nodesVersion: string;
}

/** Read a group in Auto Scaling, EC2 and Kubernetes at once. @throws {NodegroupNotFound} */
export async function readAll(deps: Deps, run: WorkflowRun): Promise<Reading> {
  const at = deps.clock.now().toISOString();
  const cluster = await deps.cluster(run.clusterName);
  const [group, instances, { nodes, resourceVersion }] = await Promise.all([
    readGroup(deps, run.autoScalingGroupName),
    deps.ec2.listInstances(run.autoScalingGroupName),
    cluster.listNodesToWatch(),
  ]);
  return { group, groupAt: at, instances, nodes, nodesAt: at, nodesVersion: resourceVersion };
}

/** Read the group again. */
export async function readGroupAgain(deps: Deps, run: WorkflowRun, before: Reading): Promise<Reading> {
  const groupAt = deps.clock.now().toISOString();
  return { ...before, group: await readGroup(deps, run.autoScalingGroupName), groupAt };
}

/** Read the nodes again. */
export async function readNodesAgain(deps: Deps, run: WorkflowRun, before: Reading): Promise<Reading> {
  const nodesAt = deps.clock.now().toISOString();
  const cluster = await deps.cluster(run.clusterName);
  const { nodes, resourceVersion } = await cluster.listNodesToWatch();
  return { ...before, nodes, nodesAt, nodesSeenAt: nodesAt, nodesVersion: resourceVersion };
}

/** The group as the reading shows it. */
export function observationOf(
  { group, groupAt, instances, nodes, nodesAt, nodesSeenAt = nodesAt }: Reading,
  run: WorkflowRun,
  launchTemplateVersion: string,
): Observation {
  const { target, requiredLabels } = run;
  return {
    at: groupAt,
    nodesAt: nodesSeenAt,
    sizes: sizesOf(group),
    members: joinMembers({ group, instances, nodes, target, launchTemplateVersion, requiredLabels }),
    nodes: new Map(nodes.flatMap((node) => (node.instanceId === undefined ? [] : [[node.instanceId, node] as const]))),
  };
}
