import type { Machine } from '../world/machines.ts';
import type { AutoScalingGroup, Member } from './auto-scaling/state/group.ts';
import { kubeletVersionOf, osImageOf } from './ec2/state/images.ts';
import { configurationOf, nodeLabels } from './eks/state/nodegroup.ts';
import type { RegionState } from './region-state.ts';

/**
 * Describe an instance to its cluster.
 *
 * @param kubeletVersionFrom the `nodeVersion` of a scenario's group is about the nodes that it starts with
 */
export function announcedMachine(
  { groupProfiles, nodegroups }: Pick<RegionState, 'groupProfiles' | 'nodegroups'>,
  { name }: AutoScalingGroup,
  { instance, launchedTemplate }: Member,
  kubeletVersionFrom: 'group' | 'image',
): Machine {
  const group = groupProfiles.get(name);
  if (group === undefined) throw new Error(`the group ${name} has no profile`);
  const nodegroup = nodegroups.ofAutoScalingGroup(name);
  const nodeVersion = kubeletVersionFrom === 'group' ? group.nodeVersion : undefined;
  return {
    instanceId: instance.instanceId,
    autoScalingGroupName: name,
    instanceType: instance.instanceType.name,
    availabilityZone: instance.availabilityZone,
    privateDnsName: instance.privateDnsName,
    privateIpAddress: instance.privateIpAddress,
    imageId: instance.image.id,
    architecture: instance.instanceType.architecture,
    kubeletVersion: nodeVersion ?? kubeletVersionOf(instance.image),
    osImage: osImageOf(instance.image),
    boots: instance.image.boots === 'launch-fails' ? 'ready' : instance.image.boots,
    labels:
      nodegroup === undefined ? group.labels : nodeLabels(nodegroup, configurationOf(nodegroup, launchedTemplate)),
    taints: nodegroup?.taints ?? group.taints,
    capacity: group.capacity,
  };
}
