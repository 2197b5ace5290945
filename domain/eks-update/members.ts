import { EXCLUDE_LABEL, isTainted } from '../nodegroup/node-ownership.ts';
import type { GroupNode } from '../nodegroup/nodegroup.ts';
import { hasLabels, isNodeReady } from '../nodegroup/nodegroup.ts';
import type { EksRun } from '../state.ts';
import type { AutoScalingGroup, Node } from '../types.ts';

/** A member of the group, leaving ones included. */
export interface UpdateMember extends Pick<GroupNode, 'instanceId' | 'zone' | 'lifecycleState' | 'isOutdated'> {
  readonly node?: Node;
}

/** An outdated member that EKS has still to terminate: only a Node's labels say that it is outdated. */
export type OutdatedMember = UpdateMember & { readonly node: Node };

export const isTerminating = ({ lifecycleState }: UpdateMember): boolean => lifecycleState.startsWith('Terminat');

export const isInService = ({ lifecycleState }: UpdateMember): boolean => lifecycleState === 'InService';

/** True for a node that takes no new pods, as EKS closes outdated nodes once the new ones are Ready. */
export const isClosed = (node: Node): boolean =>
  node.isUnschedulable || isTainted(node) || node.labels[EXCLUDE_LABEL] !== undefined;

/** Join what Auto Scaling and Kubernetes say about the group. An instance without a Node has just been launched. */
export function joinMembers(
  group: AutoScalingGroup,
  nodes: readonly Node[],
  { renewedLabels }: Pick<EksRun['target'], 'renewedLabels'>,
): UpdateMember[] {
  const byInstance = new Map(nodes.map((node) => [node.instanceId, node]));
  return group.instances.map(({ instanceId, zone, lifecycleState }) => {
    const node = byInstance.get(instanceId);
    const isOutdated = node !== undefined && !hasLabels(node, renewedLabels);
    return { instanceId, zone, lifecycleState, isOutdated, ...(node !== undefined && { node }) };
  });
}

/** Outdated members that EKS has still to terminate. */
export const outdatedMembers = (members: readonly UpdateMember[]): OutdatedMember[] =>
  members.filter(
    (member): member is OutdatedMember => member.isOutdated && member.node !== undefined && !isTerminating(member),
  );

/** Number of Ready nodes of the group, draining ones included. */
export const countReady = (members: readonly UpdateMember[]): number =>
  members.filter((member) => isInService(member) && member.node !== undefined && isNodeReady(member.node)).length;
