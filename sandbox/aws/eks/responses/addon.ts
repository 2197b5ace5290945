import type { ScenarioCluster } from '../../../world/scenario.ts';
import type { RegionState } from '../../region-state.ts';
import { clusterCreatedAt } from '../state/cluster-age.ts';
import { uuidOf } from '../state/nodegroup-from-scenario.ts';

/** An add-on as DescribeAddon shows it. */
export const addonShape = (
  { scenario: { region, accountId }, startedAt }: RegionState,
  clusterName: string,
  { name, status, version }: ScenarioCluster['addons'][number],
) => {
  const createdAt = new Date(clusterCreatedAt(startedAt));
  return {
    addonName: name,
    clusterName,
    status,
    addonVersion: version,
    health: { issues: [] },
    addonArn: `arn:aws:eks:${region}:${accountId}:addon/${clusterName}/${name}/${uuidOf(name)}`,
    createdAt,
    modifiedAt: createdAt,
    tags: {},
  };
};
