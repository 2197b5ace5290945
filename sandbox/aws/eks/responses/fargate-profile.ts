import type { ScenarioCluster } from '../../../world/scenario.ts';
import type { RegionState } from '../../region-state.ts';
import { clusterCreatedAt } from '../state/cluster-age.ts';
import { uuidOf } from '../state/nodegroup-from-scenario.ts';

/** A Fargate profile as DescribeFargateProfile shows it. */
export const fargateProfileShape = (
  { scenario: { region, accountId }, network, startedAt }: RegionState,
  clusterName: string,
  { name, namespace, labels }: ScenarioCluster['fargateProfiles'][number],
) => ({
  fargateProfileName: name,
  fargateProfileArn: `arn:aws:eks:${region}:${accountId}:fargateprofile/${clusterName}/${name}/${uuidOf(name)}`,
  clusterName,
  createdAt: new Date(clusterCreatedAt(startedAt)),
  podExecutionRoleArn: `arn:aws:iam::${accountId}:role/${clusterName}-fargate`,
  subnets: network.subnets.map(({ subnetId }) => subnetId),
  selectors: [{ namespace, labels }],
  status: 'ACTIVE',
  tags: {},
  health: { issues: [] },
});
