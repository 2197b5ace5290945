import { awsError } from '../../aws-error.ts';
import { required, string } from '../../input-shapes.ts';
import type { RegionState } from '../../region-state.ts';
import { type Action, action } from '../../service-from-actions.ts';
import { updateShape } from '../responses/update.ts';
import { getCluster } from '../state/nodegroups.ts';
import type { Update } from '../state/update.ts';
import { namesPage, pagingMembers } from './pages.ts';

/** What was updated. */
const subject = { nodegroupName: string, addonName: string, capabilityName: string };

/** Updates of a group, or of the cluster itself, which has none here. */
function updatesOf(
  { scenario, nodegroups }: RegionState,
  clusterName: string,
  nodegroupName: string | undefined,
): readonly Update[] {
  getCluster(scenario.clusters, clusterName);
  return nodegroupName === undefined ? [] : nodegroups.get(clusterName, nodegroupName).updates;
}

/** Updates of managed node groups. */
export const updateActions = (state: RegionState): Readonly<Record<string, Action>> => ({
  DescribeUpdate: action(
    { name: required(string), updateId: required(string), ...subject },
    ({ name, updateId, nodegroupName }) => {
      const update = updatesOf(state, name, nodegroupName).find(({ id }) => id === updateId);
      if (update !== undefined) return { update: updateShape(update) };
      throw awsError('ResourceNotFoundException', `No update found for ID: ${updateId}`, {
        status: 404,
        members: { clusterName: name, ...(nodegroupName !== undefined && { nodegroupName }) },
      });
    },
  ),

  ListUpdates: action(
    { name: required(string), ...subject, ...pagingMembers },
    ({ name, nodegroupName, ...paging }) => {
      const page = namesPage(
        updatesOf(state, name, nodegroupName).map(({ id }) => id),
        paging,
      );
      return { updateIds: page.items, nextToken: page.nextToken };
    },
  ),
});
