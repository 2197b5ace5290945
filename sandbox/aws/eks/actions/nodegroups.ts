import { awsError } from '../../aws-error.ts';
import { required, string } from '../../input-shapes.ts';
import { pageOf } from '../../pages.ts';
import type { RegionState } from '../../region-state.ts';
import { type Action, action } from '../../service-from-actions.ts';
import { nodegroupShape } from '../responses/nodegroup.ts';
import { createNodegroup } from '../simulation/create-nodegroup.ts';
import { deleteNodegroup } from '../simulation/delete-nodegroup.ts';
import type { Nodegroup } from '../state/nodegroup.ts';
import { getCluster } from '../state/nodegroups.ts';
import { createIdempotency } from './idempotency.ts';
import { newNodegroupMembers, readNewNodegroup } from './new-nodegroup.ts';
import { invalidToken, paging } from './pages.ts';
import { requireActiveCluster, tokenMismatch } from './version-target.ts';

const names = { clusterName: required(string), nodegroupName: required(string) };

/** Managed node groups themselves. */
export const nodegroupActions = (state: RegionState): Readonly<Record<string, Action>> => {
  const { scenario, nodegroups } = state;
  const creations = createIdempotency<Nodegroup>();
  return {
    ListNodegroups: action(
      { clusterName: required(string), ...paging },
      ({ clusterName, maxResults = 100, nextToken }) => {
        const found = nodegroups.of(getCluster(scenario.clusters, clusterName).name).map(({ name }) => name);
        const page = pageOf(found, (name) => name, { token: nextToken, size: maxResults }, invalidToken);
        return { nodegroups: page.items, nextToken: page.nextToken };
      },
    ),

    DescribeNodegroup: action(names, ({ clusterName, nodegroupName }) => {
      const { name } = getCluster(scenario.clusters, clusterName);
      return { nodegroup: nodegroupShape(state, nodegroups.get(name, nodegroupName)) };
    }),

    CreateNodegroup: action(newNodegroupMembers, ({ clientRequestToken, ...input }) => {
      const { clusterName, nodegroupName } = input;
      const cluster = getCluster(scenario.clusters, clusterName);
      const create = () => {
        requireActiveCluster(cluster);
        if (nodegroups.find(clusterName, nodegroupName) !== undefined)
          throw awsError(
            'ResourceInUseException',
            `NodeGroup already exists with name ${nodegroupName} and cluster name ${clusterName}`,
            { status: 409, members: { clusterName, nodegroupName } },
          );
        return createNodegroup(state, cluster, readNewNodegroup(state, cluster, input));
      };
      const nodegroup = creations.once(clientRequestToken, input, create, () =>
        tokenMismatch({ clusterName, name: nodegroupName }),
      );
      return { nodegroup: nodegroupShape(state, nodegroup) };
    }),

    DeleteNodegroup: action(names, ({ clusterName, nodegroupName }) => {
      getCluster(scenario.clusters, clusterName);
      const nodegroup = nodegroups.get(clusterName, nodegroupName);
      // The sentence of the service model: what EKS writes is not known.
      if (nodegroup.status === 'CREATING' || nodegroup.status === 'UPDATING')
        throw awsError('ResourceInUseException', 'The specified resource is in use.', {
          status: 409,
          members: { clusterName, nodegroupName },
        });
      if (nodegroup.status !== 'DELETING') deleteNodegroup(state, nodegroup);
      return { nodegroup: nodegroupShape(state, nodegroup) };
    }),
  };
};
