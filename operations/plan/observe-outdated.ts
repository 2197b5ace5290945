import type { Deps } from '../../clients/ports.ts';
import { releaseOfName } from '../../domain/ami/releases.ts';
import { type ClusterGroup, groupsOf, MANAGED_TAG } from '../../domain/cluster/groups.ts';
import { nodesOutOfScope } from '../../domain/cluster/out-of-scope.ts';
import { type ClusterStanding, type GroupStanding, minorOfName, standingOf } from '../../domain/cluster/outdated.ts';
import { ClusterNotFound, UpgradeError } from '../../domain/errors.ts';
import { parseInput } from '../../domain/input/input.ts';
import { joinGroup } from '../../domain/nodegroup/nodegroup.ts';
import { checkGroup } from '../../domain/plan/preflight.ts';
import type {
  AutoScalingGroup,
  Budget,
  EksCluster,
  EksNodegroup,
  Instance,
  LaunchSource,
  MachineImage,
  Node,
  Pod,
} from '../../domain/types.ts';
import { resolveTarget, versionInUse } from './resolve-target.ts';

/** What the Kubernetes API answered, as far as the caller has the rights. */
interface Cluster {
  readonly nodes: readonly Node[];
  readonly workloads?: { readonly pods: readonly Pod[]; readonly budgets: readonly Budget[] };
  /** Why something is missing. */
  readonly unreachable?: string;
}

/** The sentence of an expected error; any other error is thrown again. */
function sentenceOf(thrown: unknown): string {
  if (thrown instanceof UpgradeError) return thrown.message;
  throw thrown;
}

/** List nodes, pods and budgets. A caller who may not, or cannot reach the cluster, still gets what AWS says. */
async function askKubernetes(deps: Deps, { name, status }: EksCluster): Promise<Cluster> {
  if (status !== 'ACTIVE' && status !== 'UPDATING') return { nodes: [], unreachable: `the cluster is ${status}` };
  let nodes: readonly Node[] = [];
  try {
    const cluster = await deps.cluster(name);
    nodes = await cluster.listNodes();
    return { nodes, workloads: { pods: await cluster.listPods(), budgets: await cluster.listBudgets() } };
  } catch (thrown) {
    return { nodes, unreachable: sentenceOf(thrown) };
  }
}

/** The AMI that most instances run. */
function mostCommonImage(instances: readonly Instance[]): string | undefined {
  const counts = new Map<string, number>();
  for (const { imageId } of instances) counts.set(imageId, (counts.get(imageId) ?? 0) + 1);
  const [most] = [...counts].sort(([, left], [, right]) => right - left);
  return most?.[0];
}

/** The AMI that most instances run; that of the template for a group without any. */
async function currentImage(
  deps: Deps,
  instances: readonly Instance[],
  source: LaunchSource,
): Promise<MachineImage | undefined> {
  const imageId = mostCommonImage(instances) ?? (await versionInUse(deps, source)).imageId;
  return imageId === undefined ? undefined : deps.ec2.findImage(imageId);
}

/** The AMI of most outdated instances: after an unfinished update most instances may run the newest AMI already. */
async function outdatedImage(
  deps: Deps,
  instances: readonly Instance[],
  newest: MachineImage,
): Promise<MachineImage | undefined> {
  const imageId = mostCommonImage(instances.filter((instance) => instance.imageId !== newest.imageId));
  return imageId === undefined ? undefined : deps.ec2.findImage(imageId);
}

/** Why a group could not be upgraded, in the words of the refusal. */
function refusalOf(group: AutoScalingGroup, engine: Parameters<typeof checkGroup>[1]): string | undefined {
  try {
    checkGroup(group, engine);
    return undefined;
  } catch (thrown) {
    return sentenceOf(thrown);
  }
}

interface Subject {
  readonly cluster: EksCluster;
  readonly group: ClusterGroup;
  readonly autoScalingGroup: AutoScalingGroup;
  readonly nodegroup: EksNodegroup | undefined;
  readonly kubernetes: Cluster;
}

/** Compare a group with the newest release for the cluster. @throws what keeps the newest release from being found */
async function compare(
  deps: Deps,
  { cluster, group, autoScalingGroup, nodegroup, kubernetes }: Subject,
  launchSource: LaunchSource,
): Promise<GroupStanding> {
  const instances = await deps.ec2.listInstances(autoScalingGroup.name);
  const image = await currentImage(deps, instances, launchSource);
  const newest = await resolveTarget(deps, {
    input: parseInput({ clusterName: cluster.name, autoScalingGroupName: autoScalingGroup.name }),
    kubernetesVersion: cluster.version,
    launchSource,
    currentImage: image,
    nodegroupAmiType: nodegroup?.amiType,
  });
  const target = {
    amiId: newest.image.imageId,
    launchTemplateId: launchSource.launchTemplateId,
    sourceVersion: launchSource.version,
    comparesVersion: false,
  };
  const current = (await outdatedImage(deps, instances, newest.image)) ?? image;
  const ofName = current === undefined ? undefined : releaseOfName(current.name);
  return standingOf({
    ...engineOf(group),
    members: joinGroup({ group: autoScalingGroup, instances, nodes: kubernetes.nodes, target }),
    kubernetesVersion: nodegroup?.version ?? (current === undefined ? undefined : minorOfName(current.name)),
    current: { image: current, release: nodegroup?.releaseVersion ?? ofName },
    newest: { image: newest.image, release: newest.releaseVersion ?? releaseOfName(newest.image.name) },
    workloads: kubernetes.workloads,
    reason: refusalOf(autoScalingGroup, nodegroup === undefined ? 'self-managed' : 'eks'),
  });
}

const engineOf = ({ name, kind }: ClusterGroup) => ({
  name,
  kind,
  engine: kind === 'managed' ? ('eks' as const) : ('workflow' as const),
});

/** Observe one group. What cannot be found out is `unknown`, with the reason. */
async function observeGroup(deps: Deps, subject: Omit<Subject, 'nodegroup'>): Promise<GroupStanding> {
  const { cluster, group, autoScalingGroup } = subject;
  const unknown = (reason: string): GroupStanding => ({
    ...engineOf(group),
    status: 'unknown',
    nodes: { total: autoScalingGroup.instances.length },
    reason,
  });
  try {
    const nodegroup = group.kind === 'managed' ? await deps.eks.findNodegroup(cluster.name, group.name) : undefined;
    const { launchSource } = autoScalingGroup;
    if (launchSource === undefined) return unknown(refusalOf(autoScalingGroup, 'self-managed') ?? 'it has no template');
    return await compare(deps, { ...subject, nodegroup }, launchSource);
  } catch (thrown) {
    return unknown(sentenceOf(thrown));
  }
}

/** The Auto Scaling group of a group of the cluster. */
const autoScalingGroupOf = ({ name, kind }: ClusterGroup, tagged: readonly AutoScalingGroup[]) =>
  tagged.find((each) => (kind === 'managed' ? each.tags[MANAGED_TAG] === name : each.name === name));

async function observeCluster(deps: Deps, clusterName: string): Promise<ClusterStanding> {
  const cluster = await deps.eks.findCluster(clusterName);
  if (cluster === undefined) {
    throw new ClusterNotFound(`there is no EKS cluster "${clusterName}" in this account and region`);
  }
  const kubernetes = await askKubernetes(deps, cluster);
  const [managed, tagged] = [
    await deps.eks.listNodegroups(clusterName),
    await deps.autoScaling.listClusterGroups(clusterName),
  ];
  const groups: GroupStanding[] = [];
  for (const group of groupsOf(managed, tagged)) {
    const autoScalingGroup = autoScalingGroupOf(group, tagged);
    groups.push(
      autoScalingGroup === undefined
        ? { ...engineOf(group), status: 'unknown', nodes: { total: 0 }, reason: 'it has no Auto Scaling group' }
        : await observeGroup(deps, { cluster, group, autoScalingGroup, kubernetes }),
    );
  }
  const members = new Set(tagged.flatMap(({ instances }) => instances.map(({ instanceId }) => instanceId)));
  return {
    clusterName,
    kubernetesVersion: cluster.version,
    groups,
    outOfScope: nodesOutOfScope({ cluster, nodes: kubernetes.nodes, members }),
    ...(kubernetes.unreachable !== undefined && { unreachable: kubernetes.unreachable }),
  };
}

/**
 * Compare every group of a cluster with the newest release, with the rights of the caller. Changes nothing.
 *
 * What cannot be found out is returned with its reason, so that one cluster never hides the others.
 */
export async function observeOutdated(deps: Deps, clusterName: string): Promise<ClusterStanding> {
  try {
    return await observeCluster(deps, clusterName);
  } catch (thrown) {
    return { clusterName, groups: [], outOfScope: [], error: sentenceOf(thrown) };
  }
}
