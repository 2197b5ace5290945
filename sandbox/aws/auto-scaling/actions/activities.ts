import { boolean, list, string } from '../../input-shapes.ts';
import type { RegionState } from '../../region-state.ts';
import { type Action, action } from '../../service-from-actions.ts';
import { activityShape } from '../responses.ts';
import { invalid } from '../validation-error.ts';
import { type Filter, filtersShape } from './filters.ts';
import { getGroup } from './find-group.ts';
import { autoScalingPage, pagingMembers } from './pages.ts';

/** Filters of activities: when they started, and their status. */
function activityMatcher(given: readonly Filter[]) {
  const tests = given.map(({ Name = '', Values = [] }) => {
    const instants = Values.map((value) => Date.parse(value));
    if (Name === 'Status') return (_startedAt: number, status: string) => Values.includes(status);
    if ((Name === 'StartTimeLowerBound' || Name === 'StartTimeUpperBound') && instants.some(Number.isNaN))
      throw invalid(`The value of filter ${Name} is not an ISO-8601 instant`);
    if (Name === 'StartTimeLowerBound') return (startedAt: number) => instants.every((instant) => startedAt >= instant);
    if (Name === 'StartTimeUpperBound') return (startedAt: number) => instants.every((instant) => startedAt <= instant);
    throw invalid(`Filter ${Name} is not supported.`);
  });
  return (startedAt: number, status: string) => tests.every((test) => test(startedAt, status));
}

/** What groups did, and why. */
export const activityActions = (state: RegionState): Readonly<Record<string, Action>> => ({
  DescribeScalingActivities: action(
    {
      ActivityIds: list(string),
      AutoScalingGroupName: string,
      IncludeDeletedGroups: boolean,
      Filters: filtersShape,
      ...pagingMembers,
    },
    ({ ActivityIds: ids, AutoScalingGroupName: name, Filters = [], ...paging }) => {
      const groups = name === undefined ? [...state.autoScaling.groups.values()] : [getGroup(state, name)];
      const matches = activityMatcher(Filters);
      const found = groups
        .flatMap((group) => group.activities.list().map((activity) => ({ group, activity })))
        .filter(({ activity }) => ids === undefined || ids.length === 0 || ids.includes(activity.activityId))
        .filter(({ activity }) => matches(activity.startedAt, activity.status));
      const page = autoScalingPage(found, ({ activity }) => activity.activityId, paging, { preset: 100 });
      return {
        Activities: page.items.map(({ group, activity }) => activityShape(group, activity)),
        NextToken: page.nextToken,
      };
    },
  ),
});
