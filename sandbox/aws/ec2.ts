import { createService, ec2Refusal } from './action.ts';
import { elementNames } from './ec2/element-names.ts';
import { imageActions } from './ec2/image-actions.ts';
import { instanceActions } from './ec2/instance-actions.ts';
import { launchTemplateActions } from './ec2/launch-template-actions.ts';
import { networkActions } from './ec2/network-actions.ts';
import type { RegionState } from './region-state.ts';
import type { AwsService } from './service.ts';

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
