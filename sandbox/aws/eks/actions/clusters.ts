import { list, required, string } from '../../input-shapes.ts';
import type { RegionState } from '../../region-state.ts';
import { type Action, action } from '../../service-from-actions.ts';
import { clusterShape } from '../responses/cluster.ts';
import { getCluster } from '../state/nodegroups.ts';
import { namesPage, pagingMembers } from './pages.ts';

/** Clusters. */
export const clusterActions = (state: RegionState): Readonly<Record<string, Action>> => ({
  ListClusters: action({ ...pagingMembers, include: list(string) }, (paging) => {
    const page = namesPage(state.scenario.clusters.map(({ name }) => name).sort(), paging);
    return { clusters: page.items, nextToken: page.nextToken };
  }),

  DescribeCluster: action({ name: required(string) }, ({ name }) => ({
    cluster: clusterShape(state, getCluster(state.scenario.clusters, name)),
  })),
});
