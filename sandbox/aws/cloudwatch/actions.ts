import { awsError } from '../aws-error.ts';
import { choice, integer, list, string, within } from '../input-shapes.ts';
import { pageOf } from '../pages.ts';
import type { RegionState } from '../region-state.ts';
import { type Action, action } from '../service-from-actions.ts';
import { alarmShape } from './responses.ts';

/** Reading alarms. */
export const alarmActions = (state: RegionState): Readonly<Record<string, Action>> => ({
  DescribeAlarms: action(
    {
      AlarmNames: within(list(string), 0, 100),
      AlarmNamePrefix: within(string, 1),
      AlarmTypes: list(choice('CompositeAlarm', 'MetricAlarm')),
      ChildrenOfAlarmName: string,
      ParentsOfAlarmName: string,
      StateValue: choice('OK', 'ALARM', 'INSUFFICIENT_DATA'),
      ActionPrefix: string,
      MaxRecords: within(integer, 1, 100),
      NextToken: string,
    },
    ({ AlarmNames, AlarmNamePrefix, AlarmTypes, StateValue, MaxRecords = 50, NextToken }) => {
      if (AlarmNames?.length && AlarmNamePrefix !== undefined)
        throw awsError('ValidationError', 'The parameters AlarmNames and AlarmNamePrefix cannot be used together.');
      const isAsked = AlarmTypes === undefined || AlarmTypes.length === 0 || AlarmTypes.includes('MetricAlarm');
      const found = state.scenario.alarms
        .filter(({ name }) => isAsked && (!AlarmNames?.length || AlarmNames.includes(name)))
        .filter(({ name }) => AlarmNamePrefix === undefined || name.startsWith(AlarmNamePrefix))
        .map((alarm) => alarmShape(state, alarm))
        .filter((alarm) => StateValue === undefined || alarm.StateValue === StateValue)
        .sort((left, right) => (left.AlarmName < right.AlarmName ? -1 : 1));
      const page = pageOf(
        found,
        ({ AlarmName }) => AlarmName,
        { token: NextToken, size: MaxRecords },
        () => awsError('InvalidNextToken', 'The next token specified is invalid.'),
      );
      return { CompositeAlarms: [], MetricAlarms: page.items, NextToken: page.nextToken };
    },
  ),
});
