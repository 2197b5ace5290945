import type { EksCluster, Node } from '../types.ts';
import type { OutOfScope } from './cluster.ts';

const COMPUTE_TYPE = 'eks.amazonaws.com/compute-type';
/** The second is that of Karpenter before v1beta1. */
const NODE_POOLS = ['karpenter.sh/nodepool', 'karpenter.sh/provisioner-name'];
/** Labels that name the group of a node which is in no Auto Scaling group of the cluster. */
const GROUP_LABELS = ['eks.amazonaws.com/nodegroup', 'alpha.eksctl.io/nodegroup-name'];

type Kind = OutOfScope['kind'];

const AUTO_MODE = 'EKS Auto Mode replaces its nodes itself, within the disruption budgets of their node pool';

const REASONS: Readonly<Record<Exclude<Kind, 'unsupported'>, (clusterName: string) => string>> = {
  autoMode: () => AUTO_MODE,
  karpenter: () =>
    'Karpenter replaces its nodes itself once they drift: change the AMI that their EC2NodeClass selects',
  fargate: () => 'AWS patches Fargate: a pod gets a renewed node when it is next created, by a rollout of its workload',
  hybrid: () => 'hybrid nodes run outside AWS: upgrade them with nodeadm',
  unknown: (clusterName) =>
    `their instances are in no Auto Scaling group with the tag kubernetes.io/cluster/${clusterName}: tag it, or name it in "nodegroups"`,
};

const firstOf = (labels: Node['labels'], keys: readonly string[]): string | undefined =>
  keys.map((key) => labels[key]).find((value) => value !== undefined);

/** Find out what manages a node that is in no Auto Scaling group of the cluster. */
function ownerOf({ labels }: Node): { kind: Exclude<Kind, 'unsupported'>; name: string } {
  const nodePool = firstOf(labels, NODE_POOLS);
  switch (labels[COMPUTE_TYPE]) {
    case 'auto':
      return { kind: 'autoMode', name: nodePool ?? 'Auto Mode' };
    case 'fargate':
      return { kind: 'fargate', name: 'Fargate' };
    case 'hybrid':
      return { kind: 'hybrid', name: 'hybrid nodes' };
    default:
      return nodePool === undefined
        ? { kind: 'unknown', name: firstOf(labels, GROUP_LABELS) ?? 'other nodes' }
        : { kind: 'karpenter', name: nodePool };
  }
}

/**
 * List the nodes of a cluster that no run of ours replaces, by what runs them, with the reason.
 *
 * @param members instances of the cluster's Auto Scaling groups
 * @see https://docs.aws.amazon.com/eks/latest/userguide/eks-compute.html
 */
export function nodesOutOfScope(facts: {
  cluster: EksCluster;
  nodes: readonly Node[];
  members: ReadonlySet<string>;
}): OutOfScope[] {
  const { cluster, nodes, members } = facts;
  const rows = new Map<string, OutOfScope>();
  for (const node of nodes) {
    if (node.instanceId !== undefined && members.has(node.instanceId)) continue;
    const { kind, name } = ownerOf(node);
    const key = `${kind} ${name}`;
    const row = rows.get(key) ?? { kind, name, nodes: 0, reason: REASONS[kind](cluster.name) };
    rows.set(key, { ...row, nodes: row.nodes + 1 });
  }
  const found = [...rows.values()].sort(
    (left, right) => left.kind.localeCompare(right.kind) || left.name.localeCompare(right.name),
  );
  return cluster.hasAutoMode === true && !found.some(({ kind }) => kind === 'autoMode')
    ? [{ kind: 'autoMode', name: 'Auto Mode', nodes: 0, reason: AUTO_MODE }, ...found]
    : found;
}
