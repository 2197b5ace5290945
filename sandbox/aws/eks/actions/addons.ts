import { awsError } from '../../aws-error.ts';
import { required, string } from '../../input-shapes.ts';
import type { RegionState } from '../../region-state.ts';
import { type Action, action } from '../../service-from-actions.ts';
import { addonShape } from '../responses/addon.ts';
import { getCluster } from '../state/nodegroups.ts';
import { namesPage, pagingMembers } from './pages.ts';

/** The add-ons that a scenario gives to its clusters. */
export const addonActions = (state: RegionState): Readonly<Record<string, Action>> => ({
  ListAddons: action({ clusterName: required(string), ...pagingMembers }, ({ clusterName, ...paging }) => {
    const { addons } = getCluster(state.scenario.clusters, clusterName);
    const page = namesPage(addons.map(({ name }) => name).sort(), paging);
    return { addons: page.items, nextToken: page.nextToken };
  }),

  DescribeAddon: action(
    { clusterName: required(string), addonName: required(string) },
    ({ clusterName, addonName }) => {
      const { addons } = getCluster(state.scenario.clusters, clusterName);
      const addon = addons.find(({ name }) => name === addonName);
      if (addon === undefined)
        throw awsError('ResourceNotFoundException', `No addon: ${addonName} found in cluster: ${clusterName}`, {
          status: 404,
          members: { clusterName, addonName },
        });
      return { addon: addonShape(state, clusterName, addon) };
    },
  ),
});
