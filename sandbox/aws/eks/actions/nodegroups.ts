import { awsError } from '../../aws-error.ts';
import { required, string } from '../../input-shapes.ts';
import type { RegionState } from '../../region-state.ts';
import { type Action, action } from '../../service-from-actions.ts';
import { nodegroupShape } from '../responses/nodegroup.ts';
import { createNodegroup } from '../simulation/create-nodegroup.ts';
import { deleteNodegroup } from '../simulation/delete-nodegroup.ts';
import type { Nodegroup } from '../state/nodegroup.ts';
import { getCluster } from '../state/nodegroups.ts';
import { createIdempotency } from './idempotency.ts';
import { newNodegroupMembers, readNewNodegroup } from './new-nodegroup.ts';
import { namesPage, pagingMembers } from './pages.ts';
import { requireActiveCluster, tokenMismatch } from './version-target.ts';

const names = { clusterName: required(string), nodegroupName: required(string) };

const resourceInUse = (message: string, members: Readonly<Record<string, string>>) =>
  awsError('ResourceInUseException', message, { status: 409, members });

const createAction = (state: RegionState) => {
  const creations = createIdempotency<Nodegroup>();
  return action(newNodegroupMembers, ({ clientRequestToken, ...input }) => {
    const { clusterName, nodegroupName } = input;
    const cluster = getCluster(state.scenario.clusters, clusterName);
    const create = () => {
      requireActiveCluster(cluster);
      if (state.nodegroups.find(clusterName, nodegroupName) !== undefined)
        throw resourceInUse(`NodeGroup already exists with name ${nodegroupName} and cluster name ${clusterName}`, {
          clusterName,
          nodegroupName,
        });
      return createNodegroup(state, cluster, readNewNodegroup(state, cluster, input));
    };
    const nodegroup = creations.once(clientRequestToken, input, create, () =>
      tokenMismatch({ clusterName, name: nodegroupName }),
    );
    return { nodegroup: nodegroupShape(state, nodegroup) };
  });
};

const deleteAction = (state: RegionState) =>
  action(names, ({ clusterName, nodegroupName }) => {
    getCluster(state.scenario.clusters, clusterName);
    const nodegroup = state.nodegroups.get(clusterName, nodegroupName);
    // The sentence of the service model; the one that EKS writes is unknown.
    if (nodegroup.status === 'CREATING' || nodegroup.status === 'UPDATING')
      throw resourceInUse('The specified resource is in use.', { clusterName, nodegroupName });
    if (nodegroup.status !== 'DELETING') deleteNodegroup(state, nodegroup);
    return { nodegroup: nodegroupShape(state, nodegroup) };
  });

/** Managed node groups. */
export const nodegroupActions = (state: RegionState): Readonly<Record<string, Action>> => ({
  ListNodegroups: action({ clusterName: required(string), ...pagingMembers }, ({ clusterName, ...paging }) => {
    const { name: existing } = getCluster(state.scenario.clusters, clusterName);
    const page = namesPage(
      state.nodegroups.of(existing).map(({ name }) => name),
      paging,
    );
    return { nodegroups: page.items, nextToken: page.nextToken };
  }),

  DescribeNodegroup: action(names, ({ clusterName, nodegroupName }) => {
    const { name } = getCluster(state.scenario.clusters, clusterName);
    return { nodegroup: nodegroupShape(state, state.nodegroups.get(name, nodegroupName)) };
  }),

  CreateNodegroup: createAction(state),
  DeleteNodegroup: deleteAction(state),
});
