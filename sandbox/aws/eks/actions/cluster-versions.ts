import { boolean, choice, type InputOf, list, string } from '../../input-shapes.ts';
import type { RegionState } from '../../region-state.ts';
import { type Action, action } from '../../service-from-actions.ts';
import { clusterVersionShape } from '../responses/cluster-version.ts';
import { kubernetesVersions } from '../state/cluster-versions.ts';
import { eksPage, pagingMembers } from './pages.ts';

const input = {
  clusterType: string,
  defaultOnly: boolean,
  includeAll: boolean,
  clusterVersions: list(string),
  status: choice('unsupported', 'standard-support', 'extended-support'),
  versionStatus: choice('UNSUPPORTED', 'STANDARD_SUPPORT', 'EXTENDED_SUPPORT'),
  ...pagingMembers,
};

/** Unsupported versions are shown only to those who ask for them in some way. */
const isAsked = (
  version: ReturnType<typeof clusterVersionShape>,
  { clusterType, defaultOnly, includeAll, clusterVersions, status, versionStatus }: InputOf<typeof input>,
) => {
  const asksByName = status !== undefined || versionStatus !== undefined || clusterVersions !== undefined;
  return (
    (clusterVersions === undefined || clusterVersions.includes(version.clusterVersion)) &&
    (clusterType === undefined || clusterType === version.clusterType) &&
    (defaultOnly !== true || version.defaultVersion) &&
    (status === undefined || status === version.status) &&
    (versionStatus === undefined || versionStatus === version.versionStatus) &&
    (asksByName || includeAll === true || version.versionStatus !== 'UNSUPPORTED')
  );
};

/** Kubernetes versions. */
export const clusterVersionActions = (state: RegionState): Readonly<Record<string, Action>> => ({
  DescribeClusterVersions: action(input, (given) => {
    const found = kubernetesVersions(state)
      .map(clusterVersionShape)
      .filter((version) => isAsked(version, given));
    const page = eksPage(found, ({ clusterVersion }) => clusterVersion, given);
    return { clusterVersions: page.items, nextToken: page.nextToken };
  }),
});
