import { CloudWatchClient, type CloudWatchClientConfig, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import type { Alarms } from '../ports.ts';
import { callAws } from '../service-errors.ts';
import { chunks, pages } from './pages.ts';

const NAMES_PER_CALL = 100;

/**
 * Reach CloudWatch alarms through the SDK.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html
 */
export function createAlarms(client: CloudWatchClient): Alarms {
  return {
    async states(names) {
      const states: Record<string, string> = {};
      for (const AlarmNames of chunks([...new Set(names)], NAMES_PER_CALL)) {
        // Unless asked for both, the service tells of metric alarms alone.
        const asked = {
          AlarmNames,
          AlarmTypes: ['MetricAlarm', 'CompositeAlarm'] as const,
          MaxRecords: NAMES_PER_CALL,
        };
        const alarmPages = pages((next) =>
          callAws('cloudwatch:DescribeAlarms', () =>
            client.send(new DescribeAlarmsCommand({ ...asked, AlarmTypes: [...asked.AlarmTypes], ...next })),
          ),
        );
        for await (const { MetricAlarms = [], CompositeAlarms = [] } of alarmPages) {
          for (const { AlarmName, StateValue } of [...MetricAlarms, ...CompositeAlarms]) {
            if (AlarmName !== undefined && StateValue !== undefined) states[AlarmName] = StateValue;
          }
        }
      }
      return states;
    },
  };
}

export const connectAlarms = (config: CloudWatchClientConfig): Alarms => createAlarms(new CloudWatchClient(config));
