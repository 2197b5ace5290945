import { awsError } from '../../aws-error.ts';
import { required, string } from '../../input-shapes.ts';
import { pageOf } from '../../pages.ts';
import type { RegionState } from '../../region-state.ts';
import { type Action, action } from '../../service-from-actions.ts';
import { clusterCreatedAt } from '../state/cluster-age.ts';
import { uuidOf } from '../state/nodegroup-from-scenario.ts';
import { getCluster } from '../state/nodegroups.ts';
import { invalidToken, paging } from './pages.ts';

/** The Fargate profiles that a scenario gives to its clusters; none of their pods is simulated. */
export const fargateActions = ({ scenario, network, startedAt }: RegionState): Readonly<Record<string, Action>> => {
  const { region, accountId } = scenario;
  return {
    ListFargateProfiles: action(
      { clusterName: required(string), ...paging },
      ({ clusterName, maxResults = 100, nextToken }) => {
        const names = getCluster(scenario.clusters, clusterName)
          .fargateProfiles.map(({ name }) => name)
          .sort();
        const page = pageOf(names, (name) => name, { token: nextToken, size: maxResults }, invalidToken);
        return { fargateProfileNames: page.items, nextToken: page.nextToken };
      },
    ),

    DescribeFargateProfile: action(
      { clusterName: required(string), fargateProfileName: required(string) },
      ({ clusterName, fargateProfileName }) => {
        const { fargateProfiles } = getCluster(scenario.clusters, clusterName);
        const profile = fargateProfiles.find(({ name }) => name === fargateProfileName);
        if (profile === undefined)
          throw awsError('ResourceNotFoundException', `No Fargate Profile found with name: ${fargateProfileName}.`, {
            status: 404,
            members: { clusterName, fargateProfileName },
          });
        const path = `${clusterName}/${fargateProfileName}/${uuidOf(fargateProfileName)}`;
        return {
          fargateProfile: {
            fargateProfileName,
            fargateProfileArn: `arn:aws:eks:${region}:${accountId}:fargateprofile/${path}`,
            clusterName,
            createdAt: new Date(clusterCreatedAt(startedAt)),
            podExecutionRoleArn: `arn:aws:iam::${accountId}:role/${clusterName}-fargate`,
            subnets: network.subnets.map(({ subnetId }) => subnetId),
            selectors: [{ namespace: profile.namespace, labels: profile.labels }],
            status: 'ACTIVE',
            tags: {},
            health: { issues: [] },
          },
        };
      },
    ),
  };
};
