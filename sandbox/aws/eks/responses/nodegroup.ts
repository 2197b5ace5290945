import type { RegionState } from '../../region-state.ts';
import type { Nodegroup } from '../state/nodegroup.ts';

/** EKS's words for the effects of taints. */
export const taintEffects = {
  NoSchedule: 'NO_SCHEDULE',
  PreferNoSchedule: 'PREFER_NO_SCHEDULE',
  NoExecute: 'NO_EXECUTE',
} as const;

/** A managed node group as EKS shows it. */
export const nodegroupShape = ({ autoScaling }: RegionState, nodegroup: Nodegroup) => {
  const { configuration } = nodegroup;
  const group = autoScaling.groups.get(nodegroup.autoScalingGroupName);
  return {
    nodegroupName: nodegroup.name,
    nodegroupArn: nodegroup.arn,
    clusterName: nodegroup.clusterName,
    version: configuration.version,
    releaseVersion: configuration.releaseVersion,
    createdAt: new Date(nodegroup.createdAt),
    modifiedAt: new Date(nodegroup.modifiedAt),
    status: nodegroup.status,
    capacityType: nodegroup.capacityType,
    scalingConfig: group && {
      minSize: group.minSize,
      maxSize: group.maxSize,
      desiredSize: group.desiredCapacity,
    },
    instanceTypes: nodegroup.instanceTypes,
    subnets: nodegroup.subnets,
    amiType: nodegroup.amiType,
    nodeRole: nodegroup.nodeRole,
    labels: nodegroup.labels,
    taints: nodegroup.taints.map(({ key, value, effect }) => ({ key, value, effect: taintEffects[effect] })),
    resources: { autoScalingGroups: [{ name: nodegroup.autoScalingGroupName }] },
    diskSize: nodegroup.diskSize,
    health: { issues: nodegroup.healthIssues },
    updateConfig: nodegroup.updateConfig,
    launchTemplate: configuration.source,
    tags: nodegroup.tags,
  };
};
