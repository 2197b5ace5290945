import type { AwsService } from '../aws-service.ts';
import { validationRefusal } from '../input-refusals.ts';
import type { RegionState } from '../region-state.ts';
import { createService } from '../service-from-actions.ts';
import { addonActions } from './actions/addons.ts';
import { clusterVersionActions } from './actions/cluster-versions.ts';
import { clusterActions } from './actions/clusters.ts';
import { fargateActions } from './actions/fargate-profiles.ts';
import { nodegroupActions } from './actions/nodegroups.ts';
import { updateConfigActions } from './actions/update-config.ts';
import { updateVersionActions } from './actions/update-version.ts';
import { updateActions } from './actions/updates.ts';

const routes = {
  ListClusters: 'GET /clusters',
  DescribeCluster: 'GET /clusters/{name}',
  DescribeClusterVersions: 'GET /cluster-versions',
  ListAddons: 'GET /clusters/{clusterName}/addons',
  DescribeAddon: 'GET /clusters/{clusterName}/addons/{addonName}',
  ListFargateProfiles: 'GET /clusters/{clusterName}/fargate-profiles',
  DescribeFargateProfile: 'GET /clusters/{clusterName}/fargate-profiles/{fargateProfileName}',
  ListNodegroups: 'GET /clusters/{clusterName}/node-groups',
  DescribeNodegroup: 'GET /clusters/{clusterName}/node-groups/{nodegroupName}',
  CreateNodegroup: 'POST /clusters/{clusterName}/node-groups',
  DeleteNodegroup: 'DELETE /clusters/{clusterName}/node-groups/{nodegroupName}',
  UpdateNodegroupConfig: 'POST /clusters/{clusterName}/node-groups/{nodegroupName}/update-config',
  UpdateNodegroupVersion: 'POST /clusters/{clusterName}/node-groups/{nodegroupName}/update-version',
  DescribeUpdate: 'GET /clusters/{name}/updates/{updateId}',
  ListUpdates: 'GET /clusters/{name}/updates',
};

/**
 * Amazon EKS.
 *
 * @see https://docs.aws.amazon.com/eks/latest/APIReference/Welcome.html
 */
export const createEksService = (state: RegionState): AwsService =>
  createService('eks', { protocol: 'rest-json', routes }, validationRefusal('InvalidParameterException'), {
    ...clusterActions(state),
    ...clusterVersionActions(state),
    ...addonActions(state),
    ...fargateActions(state),
    ...nodegroupActions(state),
    ...updateVersionActions(state),
    ...updateConfigActions(state),
    ...updateActions(state),
  });
