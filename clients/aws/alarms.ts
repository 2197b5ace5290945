import {
  CloudWatchClient,
  type CloudWatchClientConfig,
  type DescribeAlarmsCommandInput,
  paginateDescribeAlarms,
} from '@aws-sdk/client-cloudwatch';
import type { Alarms } from '../ports.ts';
import { inBatches } from './batches.ts';
import { callAwsForPages } from './call-aws.ts';

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
      for (const AlarmNames of inBatches([...new Set(names)], NAMES_PER_CALL)) {
        // Unless both types are asked for, the answer has metric alarms alone.
        const request: DescribeAlarmsCommandInput = { AlarmNames, AlarmTypes: ['MetricAlarm', 'CompositeAlarm'] };
        const alarms = await callAwsForPages(
          'cloudwatch:DescribeAlarms',
          paginateDescribeAlarms({ client, pageSize: NAMES_PER_CALL }, request),
          ({ MetricAlarms, CompositeAlarms }) =>
            MetricAlarms || CompositeAlarms ? [...(MetricAlarms ?? []), ...(CompositeAlarms ?? [])] : undefined,
        );
        for (const { AlarmName, StateValue } of alarms) {
          if (AlarmName !== undefined && StateValue !== undefined) states[AlarmName] = StateValue;
        }
      }
      return states;
    },
  };
}

export const connectAlarms = (config: CloudWatchClientConfig): Alarms => createAlarms(new CloudWatchClient(config));
