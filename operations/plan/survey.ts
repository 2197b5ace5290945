import type { Cluster, Deps } from '../../clients/ports.ts';
import { ClusterNotFound, NodegroupNotFound, UnsupportedNodegroup } from '../../domain/errors.ts';
import type { UpgradeInput } from '../../domain/input/input.ts';
import type { PlanFacts } from '../../domain/plan/facts.ts';
import { checkCluster, checkGroup, checkNodegroup } from '../../domain/plan/preflight.ts';
import { type Right, requiredRights } from '../../domain/plan/rights.ts';
import { possiblyDeparted } from '../../domain/plan/scope.ts';
import {
  type AwsFacts,
  checkAlarms,
  checkTarget,
  decideSurvey,
  engineOf,
  type KubernetesFacts,
  makesVersion,
  type SurveyRequest,
} from '../../domain/plan/survey.ts';
import type { TargetFacts } from '../../domain/plan/target.ts';
import type { Run } from '../../domain/state.ts';
import type { AutoScalingGroup, EksCluster, EksNodegroup, LaunchSource, Node } from '../../domain/types.ts';
import { isAlive } from '../lease/holder.ts';
import { findRecord } from '../lease/record.ts';
import { requireGroup } from '../nodegroup/observe-group.ts';
import { askAdmission } from './ask-admission.ts';
import { lookFirst } from './first-look.ts';
import { reachCluster } from './reach-cluster.ts';
import { resolveTarget, versionInUse } from './resolve-target.ts';
import { resolveUpdate } from './resolve-update.ts';

type Engine = Run['engine'];

/** Find a cluster that can be worked on. @throws {ClusterNotFound} {UnsupportedNodegroup} {ClusterUnreachable} */
export async function requireCluster(deps: Deps, name: string): Promise<EksCluster> {
  const cluster = await deps.eks.findCluster(name);
  if (cluster === undefined) throw new ClusterNotFound(`there is no EKS cluster "${name}" in this account and region`);
  checkCluster(cluster);
  return cluster;
}

/** The Auto Scaling group that the input names, directly or by its managed node group. */
async function findNamed(
  deps: Deps,
  input: UpgradeInput,
  engine: Engine,
): Promise<{ groupName: string; nodegroup: EksNodegroup | undefined }> {
  if (input.nodegroupName === undefined) return { groupName: input.autoScalingGroupName, nodegroup: undefined };
  const nodegroup = await deps.eks.findNodegroup(input.clusterName, input.nodegroupName);
  if (nodegroup === undefined) {
    throw new NodegroupNotFound(`cluster ${input.clusterName} has no managed node group "${input.nodegroupName}"`);
  }
  return { groupName: checkNodegroup(nodegroup, engine), nodegroup };
}

/** The Auto Scaling group to upgrade. @throws {NodegroupNotFound} {UnsupportedNodegroup} */
async function findUpgradable(
  deps: Deps,
  name: string,
  owner: 'self-managed' | Engine,
): Promise<{ group: AutoScalingGroup; launchSource: LaunchSource }> {
  const group = await requireGroup(deps, name);
  const launchSource = checkGroup(group, owner);
  if (await deps.autoScaling.hasActiveInstanceRefresh(group.name)) {
    throw new UnsupportedNodegroup(`an instance refresh of ${group.name} is under way: cancel it, or wait for it`);
  }
  return { group, launchSource };
}

async function readAlarms(deps: Deps, input: UpgradeInput): Promise<AwsFacts['alarmStates']> {
  const states = input.alarms.length === 0 ? {} : await deps.alarms.states(input.alarms);
  checkAlarms(input, states);
  return states;
}

async function resolve(
  deps: Deps,
  facts: TargetFacts,
  nodegroup: EksNodegroup | undefined,
  engine: Engine,
): Promise<AwsFacts['resolved']> {
  return engine === 'eks' && nodegroup !== undefined
    ? { engine, target: await resolveUpdate(deps, { ...facts, nodegroup }) }
    : { engine: 'workflow', target: await resolveTarget(deps, facts) };
}

/** Ask AWS, refusing what cannot be upgraded before more is asked. */
async function askAws(deps: Deps, input: UpgradeInput, engine: Engine): Promise<AwsFacts> {
  const cluster = await requireCluster(deps, input.clusterName);
  const { groupName, nodegroup } = await findNamed(deps, input, engine);
  const owner = nodegroup === undefined ? 'self-managed' : engine;
  const { group, launchSource } = await findUpgradable(deps, groupName, owner);
  const alarmStates = await readAlarms(deps, input);
  const [inUse, instances] = await Promise.all([versionInUse(deps, launchSource), deps.ec2.listInstances(group.name)]);
  const currentImageId = inUse.imageId ?? instances[0]?.imageId;
  const currentImage = currentImageId === undefined ? undefined : await deps.ec2.findImage(currentImageId);
  const facts = {
    input,
    kubernetesVersion: cluster.version,
    launchSource,
    currentImage,
    nodegroupAmiType: nodegroup?.amiType,
  };
  const resolved = await resolve(deps, facts, nodegroup, engine);
  // Those of a managed group are EKS's own.
  const terminationHooks = nodegroup === undefined ? await deps.autoScaling.terminationHooks(group.name) : [];
  const seen = { inUse, instances, currentImage, resolved };
  const followers = makesVersion(seen)
    ? await deps.autoScaling.listFollowersOfLatest(launchSource.launchTemplateId)
    : [];
  const others = followers.filter((name) => name !== group.name);
  return { cluster, nodegroup, group, launchSource, followers: others, terminationHooks, alarmStates, ...seen };
}

async function findMissingRight(cluster: Cluster, rights: readonly Right[]): Promise<Right | undefined> {
  for (const right of rights) if (!(await cluster.may(right))) return right;
  return undefined;
}

/** Ask the Kubernetes API, one request after the other: the first says whether it can be reached. */
async function askKubernetes(
  deps: Deps,
  { input, executionArn }: SurveyRequest,
  engine: Engine,
  groupName: string,
): Promise<KubernetesFacts> {
  const cluster = await deps.cluster(input.clusterName);
  await reachCluster(deps, cluster);
  const nodes = await cluster.listNodes();
  const pods = await cluster.listPods();
  const budgets = await cluster.listBudgets();
  const daemonSets = await cluster.listDaemonSets();
  const record = await findRecord(cluster, groupName);
  const holder = record?.holder;
  const missing = await findMissingRight(cluster, requiredRights(input, engine));
  const isHeld = holder !== undefined && (await isAlive(deps, holder, executionArn));
  return { nodes, pods, budgets, daemonSets, missing, upgradedBy: isHeld ? holder : undefined, record };
}

/** An instance that was named and is gone is looked for in the activities of this time; Auto Scaling keeps them for six weeks. */
const ACTIVITY_DAYS = 42;
/** Instances looked for, one request each. */
const MOST_DEPARTED = 10;

/** Instance ids of `nodes` that the group has had, looked for only when no name is that of a member. */
async function findDeparted(
  deps: Deps,
  { nodes: names = [] }: UpgradeInput,
  group: AutoScalingGroup,
  nodes: readonly Node[],
): Promise<string[]> {
  const since = new Date(deps.clock.now().getTime() - ACTIVITY_DAYS * 86_400_000);
  const departed: string[] = [];
  for (const instanceId of possiblyDeparted(names, group.instances, nodes).slice(0, MOST_DEPARTED)) {
    const termination = await deps.autoScaling.terminationOf(group.name, instanceId, since);
    if (termination !== undefined) departed.push(instanceId);
  }
  return departed;
}

/**
 * Look up everything a plan is made from, refusing what cannot be upgraded before anything is touched.
 *
 * @throws the `refused` errors of domain/errors.ts
 */
export async function survey(deps: Deps, request: SurveyRequest): Promise<PlanFacts> {
  const { input } = request;
  const engine = engineOf(input);
  const aws = await askAws(deps, input, engine);
  checkTarget(input, aws);
  const kubernetes = await lookFirst(deps.clock, () => askKubernetes(deps, request, engine, aws.group.name));
  const departed = await findDeparted(deps, input, aws.group, kubernetes.nodes);
  const facts = decideSurvey(request, { ...aws, departed }, kubernetes);
  return askAdmission(deps, await deps.cluster(input.clusterName), facts);
}
