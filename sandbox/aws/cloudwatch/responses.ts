import type { RegionState } from '../region-state.ts';
import { type Alarm, alarmStateOf } from './state.ts';

/** A metric alarm as DescribeAlarms shows it. */
export const alarmShape = (state: RegionState, alarm: Alarm) => {
  const { scenario, startedAt } = state;
  const { value, changedAt } = alarmStateOf(state, alarm);
  return {
    AlarmName: alarm.name,
    AlarmArn: `arn:aws:cloudwatch:${scenario.region}:${scenario.accountId}:alarm:${alarm.name}`,
    AlarmConfigurationUpdatedTimestamp: new Date(startedAt),
    ActionsEnabled: true,
    OKActions: [],
    AlarmActions: [],
    InsufficientDataActions: [],
    StateValue: value,
    StateReason:
      value === 'ALARM'
        ? 'Threshold Crossed: 1 datapoint was greater than the threshold.'
        : 'Unchecked: Initial alarm creation',
    StateUpdatedTimestamp: changedAt,
    StateTransitionedTimestamp: changedAt,
    MetricName: 'HTTPCode_Target_5XX_Count',
    Namespace: 'AWS/ApplicationELB',
    Statistic: 'Sum',
    Dimensions: [],
    Period: 60,
    EvaluationPeriods: 1,
    Threshold: 10,
    ComparisonOperator: 'GreaterThanThreshold',
    TreatMissingData: 'missing',
  };
};
