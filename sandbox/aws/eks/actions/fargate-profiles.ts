import { awsError } from '../../aws-error.ts';
import { required, string } from '../../input-shapes.ts';
import type { RegionState } from '../../region-state.ts';
import { type Action, action } from '../../service-from-actions.ts';
import { fargateProfileShape } from '../responses/fargate-profile.ts';
import { getCluster } from '../state/nodegroups.ts';
import { namesPage, pagingMembers } from './pages.ts';

/** The Fargate profiles that a scenario gives to its clusters; none of their pods is simulated. */
export const fargateActions = (state: RegionState): Readonly<Record<string, Action>> => ({
  ListFargateProfiles: action({ clusterName: required(string), ...pagingMembers }, ({ clusterName, ...paging }) => {
    const { fargateProfiles } = getCluster(state.scenario.clusters, clusterName);
    const page = namesPage(fargateProfiles.map(({ name }) => name).sort(), paging);
    return { fargateProfileNames: page.items, nextToken: page.nextToken };
  }),

  DescribeFargateProfile: action(
    { clusterName: required(string), fargateProfileName: required(string) },
    ({ clusterName, fargateProfileName }) => {
      const { fargateProfiles } = getCluster(state.scenario.clusters, clusterName);
      const profile = fargateProfiles.find(({ name }) => name === fargateProfileName);
      if (profile === undefined)
        throw awsError('ResourceNotFoundException', `No Fargate Profile found with name: ${fargateProfileName}.`, {
          status: 404,
          members: { clusterName, fargateProfileName },
        });
      return { fargateProfile: fargateProfileShape(state, clusterName, profile) };
    },
  ),
});
