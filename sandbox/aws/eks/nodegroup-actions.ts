import { type Action, action } from '../action.ts';
import { pageOf } from '../paging.ts';
import type { RegionState } from '../region-state.ts';
import { required, string } from '../shapes.ts';
import { nodegroupShape } from './nodegroup-shape.ts';
import { getCluster } from './nodegroups.ts';
import { invalidToken, paging } from './pages.ts';

/** What there is to see of managed node groups. */
export const nodegroupActions = (state: RegionState): Readonly<Record<string, Action>> => {
  const { scenario, nodegroups } = state;
  return {
    ListNodegroups: action(
      { clusterName: required(string), ...paging },
      ({ clusterName, maxResults = 100, nextToken }) => {
        const names = nodegroups.of(getCluster(scenario.clusters, clusterName).name).map(({ name }) => name);
        const page = pageOf(names, (name) => name, { token: nextToken, size: maxResults }, invalidToken);
        return { nodegroups: page.items, nextToken: page.nextToken };
      },
    ),
    DescribeNodegroup: action(
      { clusterName: required(string), nodegroupName: required(string) },
      ({ clusterName, nodegroupName }) => {
        const { name } = getCluster(scenario.clusters, clusterName);
        return { nodegroup: nodegroupShape(state, nodegroups.get(name, nodegroupName)) };
      },
    ),
  };
};
