import {
  type Activity,
  AutoScalingClient,
  type AutoScalingClientConfig,
  CreateOrUpdateTagsCommand,
  DeleteTagsCommand,
  DescribeAutoScalingGroupsCommand,
  DescribeInstanceRefreshesCommand,
  DescribeScalingActivitiesCommand,
  ResumeProcessesCommand,
  type AutoScalingGroup as ServiceGroup,
  type Instance as ServiceInstance,
  SuspendProcessesCommand,
  TerminateInstanceInAutoScalingGroupCommand,
  UpdateAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling';
import { UnsupportedNodegroup } from '../../domain/errors.ts';
import type { AutoScalingGroup, GroupInstance, LaunchFailure } from '../../domain/types.ts';
import type { AutoScaling } from '../ports.ts';
import { omitUndefined } from '../present.ts';
import { callAws, type ServiceFailure } from '../service-errors.ts';
import { launchingFrom, toLaunchSource } from './launch-source.ts';
import { chunks, pages } from './pages.ts';

const TAGS_PER_CALL = 25;
const ACTIVE_REFRESH: ReadonlySet<string> = new Set([
  'Pending',
  'InProgress',
  'Cancelling',
  'RollbackInProgress',
  'Baking',
]);

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

const toGroup = (group: ServiceGroup): AutoScalingGroup =>
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

/** `Details` is a JSON text; what stands in it is not documented, so its absence is no error. */
function zoneOf({ Details = '{}' }: Activity): string | undefined {
  try {
    const zone: unknown = JSON.parse(Details)['Availability Zone'];
    return typeof zone === 'string' ? zone : undefined;
  } catch {
    return undefined;
  }
}

/** A launch can also end Cancelled: when a lifecycle hook abandons it. */
const isFailedLaunch = ({ Description = '', StatusCode, StatusMessage = '' }: Activity) =>
  Description.startsWith('Launching') &&
  (StatusCode === 'Failed' || (StatusCode === 'Cancelled' && StatusMessage.includes('Lifecycle Action')));

/** The refusals of TerminateInstanceInAutoScalingGroup that are answers. Only their texts tell them apart. */
function terminationRefusal({ message }: ServiceFailure): { answer: 'gone' | 'atMinimum' } | undefined {
  const text = message.toLowerCase();
  if (text.includes('no managed instance found') || text.includes('instance id not found')) return { answer: 'gone' };
  if (text.includes('min size constraint') || text.includes('desiredsize equals minsize')) {
    return { answer: 'atMinimum' };
  }
  return undefined;
}

/**
 * Reach EC2 Auto Scaling through the SDK.
 *
 * @see https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_Operations.html
 */
export function createAutoScaling(client: AutoScalingClient): AutoScaling {
  const onGroup = (name: string, tag: { Key: string; Value?: string; PropagateAtLaunch?: boolean }) => ({
    ResourceId: name,
    ResourceType: 'auto-scaling-group',
    ...tag,
  });

  return {
    async findGroup(name, { withInstances } = { withInstances: true }) {
      const command = new DescribeAutoScalingGroupsCommand({
        AutoScalingGroupNames: [name],
        ...(withInstances ? {} : { IncludeInstances: false }),
      });
      const { AutoScalingGroups } = await callAws('autoscaling:DescribeAutoScalingGroups', () => client.send(command));
      const group = AutoScalingGroups?.[0];
      return group === undefined ? undefined : toGroup(group);
    },

    async listClusterGroups(clusterName) {
      const ofCluster = {
        MaxRecords: 100,
        Filters: [{ Name: `tag:kubernetes.io/cluster/${clusterName}`, Values: ['owned', 'shared'] }],
      };
      const groupPages = pages((next) =>
        callAws('autoscaling:DescribeAutoScalingGroups', () =>
          client.send(new DescribeAutoScalingGroupsCommand({ ...ofCluster, ...next })),
        ),
      );
      const groups: AutoScalingGroup[] = [];
      for await (const { AutoScalingGroups = [] } of groupPages) groups.push(...AutoScalingGroups.map(toGroup));
      return groups;
    },

    async useLaunchTemplateVersion({ name, launchSource }, version) {
      if (launchSource === undefined) {
        throw new UnsupportedNodegroup(`Auto Scaling group ${name} has no launch template: move it to one first`);
      }
      const command = new UpdateAutoScalingGroupCommand({
        AutoScalingGroupName: name,
        ...launchingFrom(launchSource, version),
      });
      await callAws('autoscaling:UpdateAutoScalingGroup', () => client.send(command));
    },

    async resize(name, { minSize, maxSize, desiredCapacity }) {
      const command = new UpdateAutoScalingGroupCommand({
        AutoScalingGroupName: name,
        ...omitUndefined({ MinSize: minSize, MaxSize: maxSize, DesiredCapacity: desiredCapacity }),
      });
      await callAws('autoscaling:UpdateAutoScalingGroup', () => client.send(command));
    },

    async terminate(instanceId, { decrement }) {
      const command = new TerminateInstanceInAutoScalingGroupCommand({
        InstanceId: instanceId,
        ShouldDecrementDesiredCapacity: decrement,
      });
      return callAws(
        'autoscaling:TerminateInstanceInAutoScalingGroup',
        () => client.send(command).then(() => 'terminating' as const),
        terminationRefusal,
      );
    },

    async launchFailures(name, since) {
      const failures: LaunchFailure[] = [];
      const ofGroup = {
        AutoScalingGroupName: name,
        MaxRecords: 100,
        Filters: [
          { Name: 'StartTimeLowerBound', Values: [since.toISOString()] },
          { Name: 'Status', Values: ['Failed', 'Cancelled'] },
        ],
      };
      const activityPages = pages((next) =>
        callAws('autoscaling:DescribeScalingActivities', () =>
          client.send(new DescribeScalingActivitiesCommand({ ...ofGroup, ...next })),
        ),
      );
      for await (const { Activities = [] } of activityPages) {
        for (const activity of Activities.filter(isFailedLaunch)) {
          const { StartTime, StatusMessage, Cause, StatusCode } = activity;
          if (StartTime === undefined || StartTime < since) continue;
          failures.push(
            omitUndefined({
              startedAt: StartTime.toISOString(),
              zone: zoneOf(activity),
              message: StatusMessage ?? Cause ?? StatusCode ?? '',
            }),
          );
        }
      }
      return failures.sort((a, b) => b.startedAt.localeCompare(a.startedAt));
    },

    async setTags(name, tags) {
      const all = Object.entries(tags).map(([Key, Value]) => onGroup(name, { Key, Value, PropagateAtLaunch: false }));
      for (const Tags of chunks(all, TAGS_PER_CALL)) {
        await callAws('autoscaling:CreateOrUpdateTags', () => client.send(new CreateOrUpdateTagsCommand({ Tags })));
      }
    },

    async removeTags(name, keys) {
      const all = keys.map((Key) => onGroup(name, { Key }));
      for (const Tags of chunks(all, TAGS_PER_CALL)) {
        await callAws('autoscaling:DeleteTags', () => client.send(new DeleteTagsCommand({ Tags })));
      }
    },

    async suspendProcess(name, process) {
      const command = new SuspendProcessesCommand({ AutoScalingGroupName: name, ScalingProcesses: [process] });
      await callAws('autoscaling:SuspendProcesses', () => client.send(command));
    },

    async resumeProcess(name, process) {
      const command = new ResumeProcessesCommand({ AutoScalingGroupName: name, ScalingProcesses: [process] });
      await callAws('autoscaling:ResumeProcesses', () => client.send(command));
    },

    async hasActiveInstanceRefresh(name) {
      const refreshPages = pages((next) =>
        callAws('autoscaling:DescribeInstanceRefreshes', () =>
          client.send(new DescribeInstanceRefreshesCommand({ AutoScalingGroupName: name, MaxRecords: 100, ...next })),
        ),
      );
      for await (const { InstanceRefreshes = [] } of refreshPages) {
        if (InstanceRefreshes.some(({ Status }) => ACTIVE_REFRESH.has(Status ?? ''))) return true;
      }
      return false;
    },
  };
}

export const connectAutoScaling = (config: AutoScalingClientConfig): AutoScaling =>
  createAutoScaling(new AutoScalingClient(config));
