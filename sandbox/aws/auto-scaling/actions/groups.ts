import { awsError } from '../../aws-error.ts';
import { boolean, integer, list, required, string, within } from '../../input-shapes.ts';
import type { RegionState } from '../../region-state.ts';
import { type Action, action } from '../../service-from-actions.ts';
import { groupShape, warmPoolShape } from '../responses.ts';
import { causes } from '../state/activities.ts';
import type { AutoScalingGroup } from '../state/group.ts';
import { invalid } from '../validation-error.ts';
import { type Filter, filtersShape } from './filters.ts';
import { getGroup, groupNameMember } from './find-group.ts';
import { autoScalingPage, pagingMembers } from './pages.ts';
import { updateGroup, updateGroupMembers } from './update-group.ts';

/** Filters of groups: `tag:KEY` with values, `tag-key`, `tag-value`. */
const matchesTagFilters = (group: AutoScalingGroup, given: readonly Filter[]) =>
  given.every(({ Name = '', Values = [] }) => {
    if (Name === 'tag-key') return Values.some((key) => group.tags.has(key));
    if (Name === 'tag-value') return [...group.tags.values()].some(({ value }) => Values.includes(value));
    if (Name.startsWith('tag:')) return Values.includes(group.tags.get(Name.slice('tag:'.length))?.value ?? '\0');
    throw invalid(`Filter ${Name} is not supported.`);
  });

const describeGroups = (state: RegionState) =>
  action(
    { AutoScalingGroupNames: list(string), IncludeInstances: boolean, Filters: filtersShape, ...pagingMembers },
    ({ AutoScalingGroupNames: names = [], IncludeInstances = true, Filters = [], ...paging }) => {
      const found = [...state.autoScaling.groups.values()].filter(
        (group) => (names.length === 0 || names.includes(group.name)) && matchesTagFilters(group, Filters),
      );
      const page = autoScalingPage(found, ({ name }) => name, paging);
      return {
        AutoScalingGroups: page.items.map((group) => groupShape(group, state, IncludeInstances)),
        NextToken: page.nextToken,
      };
    },
  );

/** @throws ScalingActivityInProgress within the cooldown of the last activity */
function checkCooldown(group: AutoScalingGroup, now: number): void {
  const cooldownSeconds = Number(group.settings.DefaultCooldown);
  const recent = group.activities.list().find(({ endedAt }) => (endedAt ?? now) + cooldownSeconds * 1000 > now);
  if (recent !== undefined)
    throw awsError('ScalingActivityInProgress', `Activity ${recent.activityId} is in progress.`);
}

const setDesiredCapacity = (state: RegionState) =>
  action(
    { ...groupNameMember, DesiredCapacity: required(within(integer, 0)), HonorCooldown: boolean },
    ({ AutoScalingGroupName, DesiredCapacity: desired, HonorCooldown }) => {
      const { autoScaling, clock } = state;
      const group = getGroup(state, AutoScalingGroupName);
      if (desired > group.maxSize)
        throw invalid(
          `New SetDesiredCapacity value ${desired} is above max value ${group.maxSize} for the AutoScalingGroup.`,
        );
      if (desired < group.minSize)
        throw invalid(
          `New SetDesiredCapacity value ${desired} is below min value ${group.minSize} for the AutoScalingGroup.`,
        );
      if (HonorCooldown) checkCooldown(group, clock.now());
      const before = group.desiredCapacity;
      group.desiredCapacity = desired;
      autoScaling.wake(group, before === desired ? undefined : causes.desiredSet(clock.now(), before, desired));
      return {};
    },
  );

const describeWarmPool = (state: RegionState) =>
  action({ ...groupNameMember, ...pagingMembers }, ({ AutoScalingGroupName }) => ({
    WarmPoolConfiguration: warmPoolShape(getGroup(state, AutoScalingGroupName)),
    Instances: [],
  }));

/** Groups, their sizes and warm pools. */
export const groupActions = (state: RegionState): Readonly<Record<string, Action>> => ({
  DescribeAutoScalingGroups: describeGroups(state),
  UpdateAutoScalingGroup: action(updateGroupMembers, (update) => {
    updateGroup(getGroup(state, update.AutoScalingGroupName), update, state);
    return {};
  }),
  SetDesiredCapacity: setDesiredCapacity(state),
  DescribeWarmPool: describeWarmPool(state),
});
