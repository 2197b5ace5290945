import type { Node } from 'eks-sandbox/kubernetes';
import { GROUP, type UpgradeWorld } from '../run-upgrade.ts';

/** What differs from node to node, and from the old ones to those that replace them. */
const OWN_VALUES = /eu-west-1[a-f]|ip-[\d-]+\.[a-z0-9.-]+|i-[0-9a-f]{17}|\b10(\.\d+){3}\b/g;

const alike = (entries: Readonly<Record<string, string>> = {}) =>
  Object.entries(entries)
    .map(([key, value]) => `${key}=${value.replace(OWN_VALUES, '…')}`)
    .sort();

/** Everything about a node that somebody may have set on it. */
const marksOf = ({ metadata, spec }: Node) => ({
  labels: alike(metadata.labels),
  annotations: alike(metadata.annotations),
  finalizers: metadata.finalizers ?? [],
  taints: (spec?.taints ?? []).map(({ key, value, effect }) => `${key}=${value}:${effect}`).sort(),
  isUnschedulable: spec?.unschedulable === true,
});

const sorted = <T>(values: readonly T[]): string[] => values.map((value) => JSON.stringify(value)).sort();

/** Everything of a group, its nodes and the lock that a run may touch, except what it is there to change: instances and AMI. */
export function traces(sandbox: UpgradeWorld) {
  const group = sandbox.region.state.autoScaling.groups.get(GROUP);
  const members = [...(group?.members.values() ?? [])];
  const { zones = [] } = group ?? {};
  const store = sandbox.stores.get('shop');
  return {
    ...sandbox.group(),
    members: sorted(members.map(({ lifecycleState }) => lifecycleState)),
    // Which zone has the odd one is the Auto Scaling group's choice.
    nodesOfZones: zones
      .map((zone) => members.filter(({ instance }) => instance.availabilityZone === zone).length)
      .sort(),
    nodes: sorted(sandbox.nodes().map(marksOf)),
    leases: store?.list('leases').map(({ metadata }) => `${metadata.namespace}/${metadata.name}`),
  };
}
