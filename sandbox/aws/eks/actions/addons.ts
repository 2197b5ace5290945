import { awsError } from '../../aws-error.ts';
import { required, string } from '../../input-shapes.ts';
import { pageOf } from '../../pages.ts';
import type { RegionState } from '../../region-state.ts';
import { type Action, action } from '../../service-from-actions.ts';
import { clusterCreatedAt } from '../state/cluster-age.ts';
import { uuidOf } from '../state/nodegroup-from-scenario.ts';
import { getCluster } from '../state/nodegroups.ts';
import { invalidToken, paging } from './pages.ts';

/** The add-ons that a scenario gives to its clusters. */
export const addonActions = ({ scenario, startedAt }: RegionState): Readonly<Record<string, Action>> => {
  const { region, accountId } = scenario;
  return {
    ListAddons: action({ clusterName: required(string), ...paging }, ({ clusterName, maxResults = 100, nextToken }) => {
      const names = getCluster(scenario.clusters, clusterName)
        .addons.map(({ name }) => name)
        .sort();
      const page = pageOf(names, (name) => name, { token: nextToken, size: maxResults }, invalidToken);
      return { addons: page.items, nextToken: page.nextToken };
    }),

    DescribeAddon: action(
      { clusterName: required(string), addonName: required(string) },
      ({ clusterName, addonName }) => {
        const addon = getCluster(scenario.clusters, clusterName).addons.find(({ name }) => name === addonName);
        if (addon === undefined)
          throw awsError('ResourceNotFoundException', `No addon: ${addonName} found in cluster: ${clusterName}`, {
            status: 404,
            members: { clusterName, addonName },
          });
        const createdAt = new Date(clusterCreatedAt(startedAt));
        return {
          addon: {
            addonName,
            clusterName,
            status: addon.status,
            addonVersion: addon.version,
            health: { issues: [] },
            addonArn: `arn:aws:eks:${region}:${accountId}:addon/${clusterName}/${addonName}/${uuidOf(addonName)}`,
            createdAt,
            modifiedAt: createdAt,
            tags: {},
          },
        };
      },
    ),
  };
};
