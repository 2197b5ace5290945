import { InvalidInput, NodegroupNotFound } from '../errors.ts';
import { nearest } from '../input/nearest.ts';
import type { AutoScalingGroup } from '../types.ts';
import type { NodegroupPlan } from './cluster.ts';

/** A group of a cluster that a run may be asked to upgrade. */
export interface ClusterGroup {
  readonly name: string;
  readonly kind: NodegroupPlan['kind'];
  /** Number of its instances. */
  readonly instances: number;
}

/** Tag by which EKS marks the Auto Scaling group of a managed node group. */
export const MANAGED_TAG = 'eks:nodegroup-name';

/** An Auto Scaling group that belongs to no managed node group. */
export const selfManaged = ({ name, instances }: AutoScalingGroup): ClusterGroup => ({
  name,
  kind: 'self-managed',
  instances: instances.length,
});

/** The groups of a cluster, sorted by name: managed node groups, as EKS lists them, and the other Auto Scaling groups. */
export const groupsOf = (nodegroupNames: readonly string[], tagged: readonly AutoScalingGroup[]): ClusterGroup[] =>
  [
    ...nodegroupNames.map((name): ClusterGroup => {
      const own = tagged.filter(({ tags }) => tags[MANAGED_TAG] === name);
      return { name, kind: 'managed', instances: own.flatMap(({ instances }) => instances).length };
    }),
    ...tagged.filter(({ tags }) => tags[MANAGED_TAG] === undefined).map(selfManaged),
  ].sort((left, right) => left.name.localeCompare(right.name));

/** Names that no group of the cluster has. */
export const unknownNames = (names: 'all' | readonly string[], groups: readonly ClusterGroup[]): string[] =>
  names === 'all' ? [] : names.filter((name) => !groups.some((group) => group.name === name));

/** The refusal of a name that no group has. */
export function noSuchGroup(clusterName: string, name: string, groups: readonly ClusterGroup[]): NodegroupNotFound {
  const names = groups.map((group) => group.name);
  const near = nearest(name, names);
  const known = names.length === 0 ? 'it has none' : `its groups are ${names.join(', ')}`;
  return new NodegroupNotFound(
    `cluster ${clusterName} has no node group "${name}", nor is there an Auto Scaling group of that name: ${near === undefined ? known : `did you mean "${near}"?`}`,
  );
}

/**
 * Pick the groups that are asked for: in the order of the list, or all by name.
 *
 * @throws {InvalidInput} for a name that two groups have
 */
export function pickGroups(names: 'all' | readonly string[], groups: readonly ClusterGroup[]): ClusterGroup[] {
  const picked = names === 'all' ? [...groups] : names.flatMap((name) => groups.filter((group) => group.name === name));
  const twice = picked.find(({ name }, index) => picked.findIndex((other) => other.name === name) !== index);
  if (twice === undefined) return picked;
  throw new InvalidInput(
    `"${twice.name}" is both a managed node group and an Auto Scaling group of this cluster: upgrade each in an execution of its own`,
  );
}
