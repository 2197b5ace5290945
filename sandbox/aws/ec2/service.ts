import type { AwsService } from '../aws-service.ts';
import { ec2Refusal } from '../input-refusals.ts';
import type { RegionState } from '../region-state.ts';
import { createService } from '../service-from-actions.ts';
import { createClientTokens } from './actions/client-tokens.ts';
import { imageActions } from './actions/images.ts';
import { instanceTypeActions } from './actions/instance-types.ts';
import { instanceActions } from './actions/instances.ts';
import { launchTemplateVersionActions } from './actions/launch-template-versions.ts';
import { launchTemplateActions } from './actions/launch-templates.ts';
import { networkActions } from './actions/network.ts';
import { tagActions } from './actions/tags.ts';
import { volumeActions } from './actions/volumes.ts';
import { elementNames } from './responses/element-names.ts';

/**
 * Amazon EC2.
 *
 * @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/Welcome.html
 */
export function createEc2Service(state: RegionState): AwsService {
  const once = createClientTokens();
  return createService(
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
      ...instanceTypeActions,
      ...imageActions(state),
      ...launchTemplateActions(state, once),
      ...launchTemplateVersionActions(state, once),
      ...networkActions(state),
      ...volumeActions(state),
      ...tagActions(state),
    },
  );
}
