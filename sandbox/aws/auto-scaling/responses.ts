import type { RegionState } from '../region-state.ts';
import type { Activity } from './state/activities.ts';
import type {
  AutoScalingGroup,
  LaunchSource,
  LifecycleHook,
  Member,
  Override,
  TemplateSpecification,
} from './state/group.ts';

const templateShape = ({ templateId, templateName, version }: TemplateSpecification) => ({
  LaunchTemplateId: templateId,
  LaunchTemplateName: templateName,
  Version: version,
});

const overrideShape = ({ instanceType, weightedCapacity, template, imageId }: Override) => ({
  InstanceType: instanceType,
  WeightedCapacity: weightedCapacity,
  LaunchTemplateSpecification: template && templateShape(template),
  ImageId: imageId,
});

const sourceShape = (source: LaunchSource): Record<string, unknown> => {
  if (source.kind === 'launch-configuration') return { LaunchConfigurationName: source.name };
  if (source.kind === 'launch-template') return { LaunchTemplate: templateShape(source.template) };
  return {
    MixedInstancesPolicy: {
      LaunchTemplate: {
        LaunchTemplateSpecification: templateShape(source.template),
        Overrides: source.overrides.map(overrideShape),
      },
      InstancesDistribution: source.distribution,
    },
  };
};

/** An instance as both DescribeAutoScalingGroups and DescribeAutoScalingInstances show it. */
const memberShape = (member: Member, { network }: RegionState) => ({
  InstanceId: member.instance.instanceId,
  InstanceType: member.instance.instanceType.name,
  AvailabilityZone: member.instance.availabilityZone,
  AvailabilityZoneId: network.subnetOf(member.instance.availabilityZone).availabilityZoneId,
  LifecycleState: member.lifecycleState,
  LaunchConfigurationName: member.launchConfigurationName,
  LaunchTemplate: member.launchedTemplate && {
    LaunchTemplateId: member.launchedTemplate.templateId,
    LaunchTemplateName: member.launchedTemplate.templateName,
    Version: String(member.launchedTemplate.versionNumber),
  },
  ProtectedFromScaleIn: member.isProtected,
  WeightedCapacity: member.hasWeight ? String(member.weight) : undefined,
});

/** Tags of a group, in the order of their keys. */
export const tagShapes = (group: AutoScalingGroup) =>
  [...group.tags]
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([Key, { value, isPropagated }]) => ({
      ResourceId: group.name,
      ResourceType: 'auto-scaling-group',
      Key,
      Value: value,
      PropagateAtLaunch: isPropagated,
    }));

const warmPool = { MinSize: 0, PoolState: 'Stopped' };

/** A warm pool as DescribeWarmPool shows it. */
export const warmPoolShape = (group: AutoScalingGroup) => (group.hasWarmPool ? warmPool : undefined);

/** A group as DescribeAutoScalingGroups shows it. */
export const groupShape = (group: AutoScalingGroup, state: RegionState, hasInstances: boolean) => ({
  AutoScalingGroupName: group.name,
  AutoScalingGroupARN: group.arn,
  ...sourceShape(group.source),
  MinSize: group.minSize,
  MaxSize: group.maxSize,
  DesiredCapacity: group.desiredCapacity,
  ...group.settings,
  AvailabilityZones: group.zones,
  AvailabilityZoneIds: group.zones.map((zone) => state.network.subnetOf(zone).availabilityZoneId),
  VPCZoneIdentifier: group.zones.map((zone) => state.network.subnetOf(zone).subnetId).join(','),
  LoadBalancerNames: [],
  TargetGroupARNs: [],
  Instances: hasInstances
    ? [...group.members.values()].map((member) => ({
        ...memberShape(member, state),
        HealthStatus: member.isHealthy ? 'Healthy' : 'Unhealthy',
      }))
    : [],
  CreatedTime: new Date(group.createdAt),
  SuspendedProcesses: [...group.suspended].map(([ProcessName, SuspensionReason]) => ({
    ProcessName,
    SuspensionReason,
  })),
  EnabledMetrics: [],
  Tags: tagShapes(group),
  TerminationPolicies: group.terminationPolicies,
  NewInstancesProtectedFromScaleIn: group.protectsNewInstances,
  WarmPoolConfiguration: warmPoolShape(group),
  WarmPoolSize: group.hasWarmPool ? 0 : undefined,
  TrafficSources: [],
});

/** An instance as DescribeAutoScalingInstances shows it. */
export const instanceShape = (group: AutoScalingGroup, member: Member, state: RegionState) => ({
  ...memberShape(member, state),
  AutoScalingGroupName: group.name,
  HealthStatus: member.isHealthy ? 'HEALTHY' : 'UNHEALTHY',
});

/** A scaling activity. */
export const activityShape = (group: AutoScalingGroup, activity: Activity) => ({
  ActivityId: activity.activityId,
  AutoScalingGroupName: group.name,
  Description: activity.description,
  Cause: activity.cause,
  StartTime: new Date(activity.startedAt),
  EndTime: activity.endedAt === undefined ? undefined : new Date(activity.endedAt),
  StatusCode: activity.status,
  StatusMessage: activity.statusMessage,
  Progress: activity.progress,
  Details: activity.details,
  AutoScalingGroupARN: group.arn,
});

const LONGEST_HOLD_SECONDS = 172_800;

/** A lifecycle hook. */
export const hookShape = (group: AutoScalingGroup, hook: LifecycleHook) => ({
  LifecycleHookName: hook.name,
  AutoScalingGroupName: group.name,
  LifecycleTransition: hook.transition,
  HeartbeatTimeout: hook.heartbeatSeconds,
  GlobalTimeout: Math.min(LONGEST_HOLD_SECONDS, hook.heartbeatSeconds * 100),
  DefaultResult: hook.defaultResult,
});
