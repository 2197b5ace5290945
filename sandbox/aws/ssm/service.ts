import type { AwsService } from '../aws-service.ts';
import { validationRefusal } from '../input-refusals.ts';
import type { RegionState } from '../region-state.ts';
import { createService } from '../service-from-actions.ts';
import { parameterActions } from './actions.ts';

/**
 * SSM Parameter Store: the public parameters of the scenario's AMIs, and the scenario's own.
 *
 * @see https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-public-parameters.html
 */
export const createSsmService = (state: RegionState): AwsService =>
  createService(
    'ssm',
    { protocol: 'aws-json', targetPrefix: 'AmazonSSM' },
    validationRefusal('ValidationException'),
    parameterActions(state),
  );
