import { awsError } from '../../aws-error.ts';
import { boolean, choice, integer, list, string, structure, within } from '../../input-shapes.ts';
import type { RegionState } from '../../region-state.ts';
import { type Action, action } from '../../service-from-actions.ts';
import { resolveLaunch } from '../simulation/launch-plan.ts';
import type { AutoScalingGroup } from '../state/group.ts';
import { type InstanceRefresh, isActive } from '../state/instance-refresh.ts';
import { getGroup, groupNameMember } from './find-group.ts';
import { autoScalingPage, pagingMembers } from './pages.ts';

const DEFAULT_MIN_HEALTHY_PERCENTAGE = 90;

const preferences = structure({
  MinHealthyPercentage: within(integer, 0, 100),
  MaxHealthyPercentage: within(integer, 100, 200),
  InstanceWarmup: within(integer, 0),
  SkipMatching: boolean,
  AutoRollback: boolean,
  ScaleInProtectedInstances: choice('Refresh', 'Ignore', 'Wait'),
  StandbyInstances: choice('Terminate', 'Ignore', 'Wait'),
});

const activeRefresh = (group: AutoScalingGroup) => group.refreshes.find(isActive);

/** The instances of a group, without those that were launched from what it launches from now. */
function outdatedIds(group: AutoScalingGroup, { launchTemplates }: RegionState): string[] {
  const { launchedTemplate } = resolveLaunch(group.source, group.members.values(), launchTemplates);
  return [...group.members.values()]
    .filter(
      (member) =>
        member.launchedTemplate?.templateId !== launchedTemplate?.templateId ||
        member.launchedTemplate?.versionNumber !== launchedTemplate?.versionNumber,
    )
    .map(({ instance }) => instance.instanceId);
}

const startInstanceRefresh = (state: RegionState) =>
  action(
    { ...groupNameMember, Strategy: choice('Rolling'), Preferences: preferences },
    ({ AutoScalingGroupName, Preferences = {} }) => {
      const group = getGroup(state, AutoScalingGroupName);
      if (activeRefresh(group) !== undefined)
        throw awsError(
          'InstanceRefreshInProgress',
          'An Instance Refresh is already in progress and blocks the execution of this Instance Refresh.',
        );
      const instanceIds = Preferences.SkipMatching ? outdatedIds(group, state) : [...group.members.keys()];
      const defaultWarmup = group.settings.DefaultInstanceWarmup ?? group.settings.HealthCheckGracePeriod;
      const refresh: InstanceRefresh = {
        id: state.nextAutoScalingId(),
        minHealthyPercentage: Preferences.MinHealthyPercentage ?? DEFAULT_MIN_HEALTHY_PERCENTAGE,
        warmupSeconds: Preferences.InstanceWarmup ?? Number(defaultWarmup),
        preferences: Preferences,
        instanceIds,
        status: 'Pending',
        remaining: instanceIds.length,
      };
      group.refreshes.unshift(refresh);
      state.autoScaling.refresh(group, refresh);
      return { InstanceRefreshId: refresh.id };
    },
  );

const percentageOf = ({ instanceIds, remaining }: InstanceRefresh) =>
  instanceIds.length === 0 ? 100 : Math.floor(((instanceIds.length - remaining) / instanceIds.length) * 100);

const refreshShape = (group: AutoScalingGroup, refresh: InstanceRefresh) => ({
  InstanceRefreshId: refresh.id,
  AutoScalingGroupName: group.name,
  Status: refresh.status,
  StatusReason: refresh.statusReason,
  StartTime: refresh.startedAt === undefined ? undefined : new Date(refresh.startedAt),
  EndTime: refresh.endedAt === undefined ? undefined : new Date(refresh.endedAt),
  PercentageComplete: refresh.startedAt === undefined ? undefined : percentageOf(refresh),
  InstancesToUpdate: refresh.startedAt === undefined ? undefined : refresh.remaining,
  Preferences: {
    ...refresh.preferences,
    MinHealthyPercentage: refresh.minHealthyPercentage,
    InstanceWarmup: refresh.warmupSeconds,
  },
});

const describeInstanceRefreshes = (state: RegionState) =>
  action(
    { ...groupNameMember, InstanceRefreshIds: list(string), ...pagingMembers },
    ({ AutoScalingGroupName, InstanceRefreshIds: ids = [], ...paging }) => {
      const group = getGroup(state, AutoScalingGroupName);
      const found = group.refreshes.filter(({ id }) => ids.length === 0 || ids.includes(id));
      const page = autoScalingPage(found, ({ id }) => id, paging);
      return {
        InstanceRefreshes: page.items.map((refresh) => refreshShape(group, refresh)),
        NextToken: page.nextToken,
      };
    },
  );

const cancelInstanceRefresh = (state: RegionState) =>
  action({ ...groupNameMember, WaitForTransitioningInstances: boolean }, ({ AutoScalingGroupName }) => {
    const refresh = activeRefresh(getGroup(state, AutoScalingGroupName));
    if (refresh === undefined || refresh.status === 'Cancelling')
      throw awsError(
        'ActiveInstanceRefreshNotFound',
        `No in progress or pending Instance Refresh found for Auto Scaling group ${AutoScalingGroupName}`,
      );
    refresh.status = 'Cancelling';
    return { InstanceRefreshId: refresh.id };
  });

/**
 * Instance refreshes.
 *
 * @see https://docs.aws.amazon.com/autoscaling/ec2/userguide/asg-instance-refresh.html
 */
export const instanceRefreshActions = (state: RegionState): Readonly<Record<string, Action>> => ({
  StartInstanceRefresh: startInstanceRefresh(state),
  DescribeInstanceRefreshes: describeInstanceRefreshes(state),
  CancelInstanceRefresh: cancelInstanceRefresh(state),
});
