import type { ScenarioCluster } from '../../../world/scenario.ts';
import { awsError } from '../../aws-error.ts';
import type { Nodegroup } from './nodegroup.ts';

/** The managed node groups of a region. */
export interface Nodegroups {
  add(nodegroup: Nodegroup): void;
  remove(nodegroup: Nodegroup): void;
  /** Of one cluster, by name. */
  of(clusterName: string): Nodegroup[];
  find(clusterName: string, name: string): Nodegroup | undefined;
  /** @throws ResourceNotFoundException */
  get(clusterName: string, name: string): Nodegroup;
  ofAutoScalingGroup(name: string): Nodegroup | undefined;
}

/** Create an empty set of managed node groups. */
export function createNodegroups(): Nodegroups {
  const all = new Set<Nodegroup>();
  const find = (clusterName: string, name: string) =>
    [...all].find((nodegroup) => nodegroup.clusterName === clusterName && nodegroup.name === name);
  return {
    add: (nodegroup) => void all.add(nodegroup),
    remove: (nodegroup) => void all.delete(nodegroup),
    of: (clusterName) =>
      [...all]
        .filter((nodegroup) => nodegroup.clusterName === clusterName)
        .sort((left, right) => (left.name < right.name ? -1 : 1)),
    find,
    get(clusterName, name) {
      const nodegroup = find(clusterName, name);
      if (nodegroup !== undefined) return nodegroup;
      throw awsError('ResourceNotFoundException', `No node group found for name: ${name}.`, {
        status: 404,
        members: { clusterName, nodegroupName: name },
      });
    },
    ofAutoScalingGroup: (name) => [...all].find(({ autoScalingGroupName }) => autoScalingGroupName === name),
  };
}

/**
 * Find a cluster by name.
 *
 * @throws ResourceNotFoundException
 */
export function getCluster(clusters: readonly ScenarioCluster[], name: string): ScenarioCluster {
  const cluster = clusters.find((candidate) => candidate.name === name);
  if (cluster !== undefined) return cluster;
  throw awsError('ResourceNotFoundException', `No cluster found for name: ${name}.`, {
    status: 404,
    members: { clusterName: name },
  });
}
