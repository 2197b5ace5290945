import {
  AutoScalingClient,
  type AutoScalingClientConfig,
  CreateOrUpdateTagsCommand,
  DeleteTagsCommand,
  DescribeAutoScalingGroupsCommand,
  DescribeAutoScalingInstancesCommand,
  DescribeLifecycleHooksCommand,
  type Filter,
  paginateDescribeAutoScalingGroups,
  paginateDescribeInstanceRefreshes,
  paginateDescribeScalingActivities,
  ResumeProcessesCommand,
  SuspendProcessesCommand,
  TerminateInstanceInAutoScalingGroupCommand,
  UpdateAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling';
import { UnsupportedNodegroup } from '../../domain/errors.ts';
import { launchesFrom } from '../../domain/nodegroup/launch-template.ts';
import { omitUndefined } from '../../domain/omit-undefined.ts';
import type { AutoScaling } from '../ports.ts';
import type { ServiceFailure } from '../service-failure.ts';
import { toGroup } from './auto-scaling-group.ts';
import { inBatches } from './batches.ts';
import { callAws, callAwsForPages } from './call-aws.ts';
import { launchFailuresOf } from './launch-failures.ts';
import { launchingFrom } from './launch-source.ts';
import { isForAnotherReason, type TerminationEffect, terminationEffectOf } from './terminations.ts';
import { boundedPages, requireMember } from './whole-answer.ts';

/** The most that EC2 Auto Scaling puts on a page. */
const PAGE_SIZE = 100;
const TAGS_PER_CALL = 25;
const TERMINATING = 'autoscaling:EC2_INSTANCE_TERMINATING';
const ACTIVE_REFRESH: ReadonlySet<string> = new Set([
  'Pending',
  'InProgress',
  'Cancelling',
  'RollbackInProgress',
  'Baking',
]);

/** The refusals of TerminateInstanceInAutoScalingGroup that are expected. They share a code and differ in their text. */
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

  const listGroups = (which: { Filters: Filter[] } | { IncludeInstances: false }) =>
    callAwsForPages(
      'autoscaling:DescribeAutoScalingGroups',
      paginateDescribeAutoScalingGroups({ client, pageSize: PAGE_SIZE }, which),
      ({ AutoScalingGroups }) => AutoScalingGroups?.map(toGroup),
    );

  return {
    async findGroup(name, { withInstances } = { withInstances: true }) {
      const command = new DescribeAutoScalingGroupsCommand({
        AutoScalingGroupNames: [name],
        ...(withInstances ? {} : { IncludeInstances: false }),
      });
      const [group] = await callAws('autoscaling:DescribeAutoScalingGroups', async (action) =>
        requireMember(action, (await client.send(command)).AutoScalingGroups),
      );
      return group === undefined ? undefined : toGroup(group);
    },

    listClusterGroups: (clusterName) =>
      listGroups({ Filters: [{ Name: `tag:kubernetes.io/cluster/${clusterName}`, Values: ['owned', 'shared'] }] }),

    async listFollowersOfLatest(launchTemplateId) {
      const groups = await listGroups({ IncludeInstances: false });
      return groups.flatMap((group) =>
        launchesFrom(group, { launchTemplateId, version: '$Latest' }) ? [group.name] : [],
      );
    },

    listTaggedGroups: (tagKey) => listGroups({ Filters: [{ Name: 'tag-key', Values: [tagKey] }] }),

    async findInstance(instanceId) {
      const command = new DescribeAutoScalingInstancesCommand({ InstanceIds: [instanceId] });
      const [instance] = await callAws('autoscaling:DescribeAutoScalingInstances', async (action) =>
        requireMember(action, (await client.send(command)).AutoScalingInstances),
      );
      if (instance === undefined) return undefined;
      const { AutoScalingGroupName = '', LifecycleState = '' } = instance;
      return { autoScalingGroupName: AutoScalingGroupName, lifecycleState: LifecycleState };
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
        async (action) => {
          const activity = requireMember(action, (await client.send(command)).Activity);
          return isForAnotherReason(activity, instanceId) ? ('goingAlready' as const) : ('terminating' as const);
        },
        terminationRefusal,
      );
    },

    async terminationOf(name, instanceId, since) {
      const request = {
        AutoScalingGroupName: name,
        Filters: [{ Name: 'StartTimeLowerBound', Values: [since.toISOString()] }],
      };
      const pages = paginateDescribeScalingActivities({ client, pageSize: PAGE_SIZE }, request);
      return callAws('autoscaling:DescribeScalingActivities', async (action) => {
        let found: TerminationEffect | undefined;
        for await (const { Activities } of boundedPages(action, pages)) {
          const recent = requireMember(action, Activities).filter(({ StartTime = since }) => StartTime >= since);
          const effects = recent.map((activity) => terminationEffectOf(activity, instanceId));
          // Of two requests the one with a decrement counts.
          if (effects.includes('shrank')) return 'shrank';
          found ??= effects.find((effect) => effect !== undefined);
        }
        return found;
      });
    },

    async launchFailures(name, since) {
      const request = {
        AutoScalingGroupName: name,
        Filters: [
          { Name: 'StartTimeLowerBound', Values: [since.toISOString()] },
          { Name: 'Status', Values: ['Failed', 'Cancelled'] },
        ],
      };
      const activities = await callAwsForPages(
        'autoscaling:DescribeScalingActivities',
        paginateDescribeScalingActivities({ client, pageSize: PAGE_SIZE }, request),
        ({ Activities }) => Activities,
      );
      return launchFailuresOf(activities, since);
    },

    async setTags(name, tags) {
      const all = Object.entries(tags).map(([Key, Value]) => onGroup(name, { Key, Value, PropagateAtLaunch: false }));
      for (const Tags of inBatches(all, TAGS_PER_CALL)) {
        await callAws('autoscaling:CreateOrUpdateTags', () => client.send(new CreateOrUpdateTagsCommand({ Tags })));
      }
    },

    async removeTags(name, keys) {
      const all = keys.map((Key) => onGroup(name, { Key }));
      for (const Tags of inBatches(all, TAGS_PER_CALL)) {
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

    async terminationHooks(name) {
      const command = new DescribeLifecycleHooksCommand({ AutoScalingGroupName: name });
      const hooks = await callAws('autoscaling:DescribeLifecycleHooks', async (action) =>
        requireMember(action, (await client.send(command)).LifecycleHooks),
      );
      return hooks
        .filter(({ LifecycleTransition }) => LifecycleTransition === TERMINATING)
        .map(({ LifecycleHookName = '', HeartbeatTimeout = 0 }) => ({
          name: LifecycleHookName,
          seconds: HeartbeatTimeout,
        }));
    },

    async hasActiveInstanceRefresh(name) {
      const request = { AutoScalingGroupName: name };
      const pages = paginateDescribeInstanceRefreshes({ client, pageSize: PAGE_SIZE }, request);
      return callAws('autoscaling:DescribeInstanceRefreshes', async (action) => {
        for await (const { InstanceRefreshes } of boundedPages(action, pages)) {
          if (requireMember(action, InstanceRefreshes).some(({ Status }) => ACTIVE_REFRESH.has(Status ?? '')))
            return true;
        }
        return false;
      });
    },
  };
}

export const connectAutoScaling = (config: AutoScalingClientConfig): AutoScaling =>
  createAutoScaling(new AutoScalingClient(config));
