import type { AwsService } from '../aws-service.ts';
import { validationRefusal } from '../input-refusals.ts';
import type { RegionState } from '../region-state.ts';
import { createService } from '../service-from-actions.ts';
import { activityActions } from './actions/activities.ts';
import { groupActions } from './actions/groups.ts';
import { instanceRefreshActions } from './actions/instance-refreshes.ts';
import { instanceActions } from './actions/instances.ts';
import { lifecycleHookActions } from './actions/lifecycle-hooks.ts';
import { processActions } from './actions/processes.ts';
import { scheduledActionActions } from './actions/scheduled-actions.ts';
import { standbyActions } from './actions/standby.ts';
import { tagActions } from './actions/tags.ts';

/**
 * Amazon EC2 Auto Scaling.
 *
 * @see https://docs.aws.amazon.com/autoscaling/ec2/APIReference/Welcome.html
 */
export const createAutoScalingService = (state: RegionState): AwsService =>
  createService(
    'autoscaling',
    {
      protocol: 'aws-query',
      version: '2011-01-01',
      xmlNamespace: 'http://autoscaling.amazonaws.com/doc/2011-01-01/',
    },
    validationRefusal('ValidationError'),
    {
      ...groupActions(state),
      ...instanceActions(state),
      ...activityActions(state),
      ...tagActions(state),
      ...processActions(state),
      ...lifecycleHookActions(state),
      ...instanceRefreshActions(state),
      ...scheduledActionActions(state),
      ...standbyActions(state),
    },
  );
