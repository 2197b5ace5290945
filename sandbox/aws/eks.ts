import { createService, validationRefusal } from './action.ts';
import { clusterActions } from './eks/cluster-actions.ts';
import { nodegroupActions } from './eks/nodegroup-actions.ts';
import { updateActions } from './eks/update-actions.ts';
import type { RegionState } from './region-state.ts';
import type { AwsService } from './service.ts';

const routes = {
  ListClusters: 'GET /clusters',
  DescribeCluster: 'GET /clusters/{name}',
  ListNodegroups: 'GET /clusters/{clusterName}/node-groups',
  DescribeNodegroup: 'GET /clusters/{clusterName}/node-groups/{nodegroupName}',
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
    ...nodegroupActions(state),
    ...updateActions(state),
  });
