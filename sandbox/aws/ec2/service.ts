import type { AwsService } from '../aws-service.ts';
import type { RegionState } from '../region-state.ts';
import { createService, ec2Refusal } from '../service-from-actions.ts';
import { imageActions } from './actions/images.ts';
import { instanceActions } from './actions/instances.ts';
import { launchTemplateActions } from './actions/launch-templates.ts';
import { networkActions } from './actions/network.ts';
import { elementNames } from './responses/element-names.ts';

/**
 * Amazon EC2.
 *
 * @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/Welcome.html
 */
export const createEc2Service = (state: RegionState): AwsService =>
  createService(
    'ec2',
    {
      protocol: 'ec2-query',
      version: '2016-11-15',
      xmlNamespace: 'http://ec2.amazonaws.com/doc/2016-11-15/',
      elementNames,
    },
    ec2Refusal,
    {
      ...instanceActions(state),
      ...imageActions(state),
      ...launchTemplateActions(state),
      ...networkActions(state),
    },
  );
