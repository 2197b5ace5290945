import { awsError } from '../aws-error.ts';
import type { AwsService } from '../aws-service.ts';
import { choice, integer, list, string, within } from '../input-shapes.ts';
import { pageOf } from '../pages.ts';
import type { RegionState } from '../region-state.ts';
import { action, createService, validationRefusal } from '../service-from-actions.ts';

/**
 * CloudWatch: metric alarms whose state the scenario says.
 *
 * Today's SDKs speak AWS JSON 1.0 to it, older ones the query protocol; both are served.
 */
export function createCloudWatchService({ scenario, clock, startedAt }: RegionState): AwsService {
  const alarmShape = ({ name, state, changes }: (typeof scenario.alarms)[number]) => {
    const passed = [...changes]
      .sort((left, right) => left.atSeconds - right.atSeconds)
      .filter(({ atSeconds }) => startedAt + atSeconds * 1000 <= clock.now());
    const last = passed.at(-1);
    const changedAt = new Date(startedAt + (last?.atSeconds ?? 0) * 1000);
    const value = last?.state ?? state;
    return {
      AlarmName: name,
      AlarmArn: `arn:aws:cloudwatch:${scenario.region}:${scenario.accountId}:alarm:${name}`,
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

  return createService(
    'cloudwatch',
    {
      protocol: 'aws-query',
      version: '2010-08-01',
      xmlNamespace: 'http://monitoring.amazonaws.com/doc/2010-08-01/',
      targetPrefix: 'GraniteServiceVersion20100801',
    },
    validationRefusal('ValidationError'),
    {
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
          const found = scenario.alarms
            .filter(({ name }) => isAsked && (!AlarmNames?.length || AlarmNames.includes(name)))
            .filter(({ name }) => AlarmNamePrefix === undefined || name.startsWith(AlarmNamePrefix))
            .map(alarmShape)
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
    },
  );
}
