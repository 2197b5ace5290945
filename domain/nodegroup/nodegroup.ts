/*
 * Words of this folder:
 *
 * member                 an instance of the group with its Node, once the kubelet has registered
 * outdated               (a member) without the target's AMI, template version or labels
 * leaving                (a member) shut down, detached or in standby: it is no capacity and is not replaced
 * Ready                  (a member) in service, its Node Ready, without a start-up taint
 * ownership annotation   names the execution that made a change of a node: only such changes are ever removed
 * original settings      tags with sizes and template version of the group from before the run
 * surge                  nodes that the run adds to the desired capacity; surplus is what is left of them at the end
 * retire                 to drain a surplus node and terminate it with a decrement
 * clean up               to remove owned changes from nodes and group, after a success and after a failure
 */

import type { AutoScalingGroup, GroupInstance, Instance, Node } from '../types.ts';

/** A member of the group, from both sides: the instance and its Node. */
export interface GroupNode {
  readonly instanceId: string;
  readonly zone: string;
  readonly lifecycleState: string;
  readonly isProtectedFromScaleIn: boolean;
  readonly imageId?: string;
  /** Absent until the kubelet has registered. */
  readonly node?: Node;
  readonly isOutdated: boolean;
  /** InService, the Node's condition Ready is True, and no start-up taint is left. */
  readonly isReady: boolean;
}

/** Taints that say a node is not open for pods yet. */
const STARTUP_TAINTS = [
  'node.kubernetes.io/not-ready',
  'node.kubernetes.io/unreachable',
  'node.kubernetes.io/network-unavailable',
  'node.cloudprovider.kubernetes.io/uninitialized',
];

/** True when pods may be scheduled to the node as far as its own health goes. */
export const isNodeReady = (node: Node): boolean =>
  node.isReady && !node.taints.some((taint) => STARTUP_TAINTS.includes(taint.key));

/** True for an instance that is on its way out, or set aside by an operator: neither capacity nor a target. */
export const isLeaving = (lifecycleState: string): boolean =>
  /^(Terminat|Detach|EnteringStandby|Standby|Warmed)/.test(lifecycleState);

/** True when a node carries every one of these labels. */
export const hasLabels = (node: Node, labels: Readonly<Record<string, string>>): boolean =>
  Object.entries(labels).every(([key, value]) => node.labels[key] === value);

/** What the newest nodes of a group have; a node without it is outdated. */
export interface Newest {
  readonly amiId: string;
  readonly launchTemplateVersion?: string | undefined;
  /** Nodes of another template version are outdated, not those with another AMI. */
  readonly comparesVersion?: boolean;
  /** Versions of another template are other versions. */
  readonly launchTemplateId: string;
  /** Engine eks. */
  readonly renewedLabels?: Readonly<Record<string, string>>;
}

/**
 * Decide whether an instance is outdated.
 *
 * For EKS by the labels of its Node, as EKS does; one that has not registered yet is judged by its AMI. Otherwise by AMI, so
 * that nodes renewed by an earlier run are recognised whatever version they came from; by template version when the target
 * is a version. An instance that EC2 does not list yet (eventual consistency) is judged by its version.
 */
export function isOutdated(instance: GroupInstance, imageId: string | undefined, target: Newest, node?: Node): boolean {
  if (target.renewedLabels !== undefined) {
    return node === undefined
      ? imageId !== undefined && imageId !== target.amiId
      : !hasLabels(node, target.renewedLabels);
  }
  if (target.comparesVersion || imageId === undefined) {
    const { launchTemplateId = target.launchTemplateId, launchTemplateVersion } = instance;
    return (
      launchTemplateId !== target.launchTemplateId || String(launchTemplateVersion) !== target.launchTemplateVersion
    );
  }
  return imageId !== target.amiId;
}

/** What Auto Scaling, EC2 and Kubernetes say about a group. */
interface GroupFacts {
  readonly group: AutoScalingGroup;
  readonly instances: readonly Instance[];
  readonly nodes: readonly Node[];
  readonly target: Newest;
  /** Number of the target version, once it is known. */
  readonly launchTemplateVersion?: string | undefined;
  /** Labels without which a new node is not Ready. */
  readonly requiredLabels?: Readonly<Record<string, string>> | undefined;
}

/** Join what Auto Scaling, EC2 and Kubernetes say about a group's members, those that are leaving included. */
export function joinMembers(facts: GroupFacts): GroupNode[] {
  const imageIds = new Map(facts.instances.map(({ instanceId, imageId }) => [instanceId, imageId]));
  const nodes = new Map(
    facts.nodes.flatMap((node) => (node.instanceId === undefined ? [] : [[node.instanceId, node]])),
  );
  const target = {
    ...facts.target,
    launchTemplateVersion: facts.launchTemplateVersion ?? facts.target.launchTemplateVersion,
  };
  return facts.group.instances.map((instance) => {
    const node = nodes.get(instance.instanceId);
    const imageId = imageIds.get(instance.instanceId);
    const isOld = isOutdated(instance, imageId, target, node);
    const isLabelled = isOld || node === undefined || hasLabels(node, facts.requiredLabels ?? {});
    return {
      instanceId: instance.instanceId,
      zone: instance.zone,
      lifecycleState: instance.lifecycleState,
      isProtectedFromScaleIn: instance.isProtectedFromScaleIn,
      ...(imageId !== undefined && { imageId }),
      ...(node !== undefined && { node }),
      isOutdated: isOld,
      isReady: instance.lifecycleState === 'InService' && node !== undefined && isNodeReady(node) && isLabelled,
    };
  });
}

/** Join what Auto Scaling, EC2 and Kubernetes say about a group's members. Leaving ones are left out. */
export const joinGroup = (facts: GroupFacts): GroupNode[] =>
  joinMembers(facts).filter(({ lifecycleState }) => !isLeaving(lifecycleState));

/** Number of members by zone. */
export function countByZone(members: readonly { zone: string }[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { zone } of members) counts.set(zone, (counts.get(zone) ?? 0) + 1);
  return counts;
}

/** The last instant, milliseconds since the epoch, at which the group moved forward: a node turned Ready. */
export const lastProgress = (members: readonly GroupNode[], sinceAt: string): number =>
  Math.max(
    Date.parse(sinceAt),
    ...members.flatMap(({ isReady, node }) =>
      isReady && node?.readyChangedAt !== undefined ? [Date.parse(node.readyChangedAt)] : [],
    ),
  );
