import type { AwsService } from '../aws-service.ts';
import { validationRefusal } from '../input-refusals.ts';
import type { RegionState } from '../region-state.ts';
import { createService } from '../service-from-actions.ts';
import { alarmActions } from './actions.ts';

/**
 * CloudWatch: metric alarms whose state comes from the scenario.
 *
 * Today's SDKs speak AWS JSON 1.0 to it, older ones the query protocol; both are served.
 */
export const createCloudWatchService = (state: RegionState): AwsService =>
  createService(
    'cloudwatch',
    {
      protocol: 'aws-query',
      version: '2010-08-01',
      xmlNamespace: 'http://monitoring.amazonaws.com/doc/2010-08-01/',
      targetPrefix: 'GraniteServiceVersion20100801',
    },
    validationRefusal('ValidationError'),
    alarmActions(state),
  );
