import pMap from 'p-map';
import type { Deps } from '../../clients/ports.ts';
import type { ClusterFacts, GroupFacts } from '../../domain/cluster/group-plans.ts';
import {
  type ClusterGroup,
  groupsOf,
  noSuchGroup,
  pickGroups,
  selfManaged,
  unknownNames,
} from '../../domain/cluster/groups.ts';
import { groupInput } from '../../domain/cluster/settings.ts';
import { UnpublishedAmi, UpgradeError } from '../../domain/errors.ts';
import { parseInput } from '../../domain/input/input.ts';
import { makePlan } from '../../domain/plan/plan.ts';
import type { AutoScalingGroup } from '../../domain/types.ts';
import { lookFirst } from './first-look.ts';
import { reachCluster } from './reach-cluster.ts';
import { rememberCluster } from './remember-cluster.ts';
import { requireCluster, survey } from './survey.ts';

/** Groups surveyed at the same time: each takes about fifteen requests, and AWS allows about ten a second. */
const GROUPS_AT_ONCE = 4;

/** Errors that refuse one group; any other is about the whole cluster. */
const ABOUT_ONE_GROUP: readonly string[] = [
  'InvalidInput',
  'NodegroupNotFound',
  'UnsupportedNodegroup',
  'AmiNotFound',
  'UpgradeInProgress',
];

type Request = ClusterFacts['request'];

/** The groups that are asked for, and the Auto Scaling groups of the cluster. A group may be named that has no tag. */
async function findGroups(
  deps: Deps,
  { input: { clusterName, nodegroups } }: Request,
): Promise<{ groups: ClusterGroup[]; autoScalingGroups: AutoScalingGroup[] }> {
  const [managed, tagged] = await Promise.all([
    deps.eks.listNodegroups(clusterName),
    deps.autoScaling.listClusterGroups(clusterName),
  ]);
  const known = groupsOf(managed, tagged);
  const untagged: AutoScalingGroup[] = [];
  for (const name of unknownNames(nodegroups, known)) {
    const group = await deps.autoScaling.findGroup(name);
    if (group === undefined) throw noSuchGroup(clusterName, name, known);
    untagged.push(group);
  }
  return {
    groups: pickGroups(nodegroups, [...known, ...untagged.map(selfManaged)]),
    autoScalingGroups: [...tagged, ...untagged],
  };
}

/** Plan one group as its own execution would. A refusal of this group is a result. */
async function planGroup(deps: Deps, request: Request, { name, kind, instances }: ClusterGroup): Promise<GroupFacts> {
  const { input, settings, executionArn, startedAt } = request;
  const { clusterName, dryRun } = input;
  const engine = kind === 'managed' ? (input.engine ?? 'eks') : 'workflow';
  const group = { name, kind, engine, instances } as const;
  try {
    const own = parseInput({ ...groupInput({ clusterName, settings, executionArn }, group), dryRun });
    const plan = makePlan(await survey(deps, { input: own, executionArn, startedAt }));
    return { ...group, plan };
  } catch (thrown) {
    if (!(thrown instanceof UpgradeError) || !ABOUT_ONE_GROUP.includes(thrown.name)) throw thrown;
    const hasUnpublishedAmi = thrown instanceof UnpublishedAmi;
    return { ...group, refusal: { error: thrown.name, reason: thrown.message, hasUnpublishedAmi } };
  }
}

/**
 * Gather everything that the plan of a cluster is made from: its groups, each planned as its own execution would, and its nodes.
 *
 * Changes nothing. Reads nodes, pods and budgets of the cluster once.
 *
 * @throws {ClusterNotFound} {NodegroupNotFound} {InvalidInput} {UnsupportedNodegroup} {AccessDenied} {ClusterUnreachable}
 *   {AlarmTriggered}
 */
export async function surveyCluster(deps: Deps, request: Request): Promise<ClusterFacts> {
  const eksCluster = await requireCluster(deps, request.input.clusterName);
  const { groups, autoScalingGroups } = await findGroups(deps, request);
  const remembered = rememberCluster(deps);
  const cluster = await remembered.cluster(eksCluster.name);
  const nodes = await lookFirst(deps.clock, async () => {
    await reachCluster(deps, cluster);
    return cluster.listNodes();
  });
  return {
    request,
    cluster: eksCluster,
    nodes,
    groups: await pMap(groups, (group) => planGroup(remembered, request, group), {
      concurrency: GROUPS_AT_ONCE,
    }),
    members: new Set(autoScalingGroups.flatMap(({ instances }) => instances.map(({ instanceId }) => instanceId))),
  };
}
