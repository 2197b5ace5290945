import type { AutoScalingGroup as ServiceGroup, Instance as ServiceInstance } from '@aws-sdk/client-auto-scaling';
import { omitUndefined } from '../../domain/omit-undefined.ts';
import type { AutoScalingGroup, GroupInstance } from '../../domain/types.ts';
import { toLaunchSource } from './launch-source.ts';

function toGroupInstance(instance: ServiceInstance): GroupInstance {
  const version = Number(instance.LaunchTemplate?.Version);
  return omitUndefined({
    instanceId: instance.InstanceId ?? '',
    zone: instance.AvailabilityZone ?? '',
    lifecycleState: instance.LifecycleState ?? '',
    isHealthy: instance.HealthStatus?.toLowerCase() === 'healthy',
    isProtectedFromScaleIn: instance.ProtectedFromScaleIn ?? false,
    instanceType: instance.InstanceType,
    launchTemplateId: instance.LaunchTemplate?.LaunchTemplateId,
    launchTemplateVersion: Number.isInteger(version) ? version : undefined,
  });
}

/** A group as the domain sees it, from the answer of DescribeAutoScalingGroups. */
export const toGroup = (group: ServiceGroup): AutoScalingGroup =>
  omitUndefined({
    name: group.AutoScalingGroupName ?? '',
    minSize: group.MinSize ?? 0,
    maxSize: group.MaxSize ?? 0,
    desiredCapacity: group.DesiredCapacity ?? 0,
    zones: group.AvailabilityZones ?? [],
    launchSource: toLaunchSource(group),
    launchConfigurationName: group.LaunchConfigurationName,
    instances: (group.Instances ?? []).map(toGroupInstance),
    suspendedProcesses: (group.SuspendedProcesses ?? []).map(({ ProcessName = '', SuspensionReason = '' }) => ({
      name: ProcessName,
      reason: SuspensionReason,
    })),
    tags: Object.fromEntries((group.Tags ?? []).map(({ Key = '', Value = '' }) => [Key, Value])),
    hasWarmPool: group.WarmPoolConfiguration !== undefined,
    status: group.Status,
  });
