import { ERROR_CLASSES, type ErrorName, InvalidInput } from '../errors.ts';
import type { BlockingPod, Plan } from '../state.ts';
import { plural, truncate } from '../text.ts';
import type { EksCluster, Node } from '../types.ts';
import type { ClusterPlan, NodegroupPlan, OutOfScope } from './cluster.ts';
import { nodegroupExecutionName } from './execution-name.ts';
import { type ClusterInput, MOST_NODEGROUPS } from './input.ts';
import { nodesOutOfScope } from './out-of-scope.ts';
import { settingsNotAcceptedBy } from './settings.ts';

/** The plan of a hundred groups must stay far below 256 KiB. */
const MOST_BLOCKING_PODS = 30;
const MOST_BLOCKING_PODS_OF_A_GROUP = 5;
const MOST_WARNINGS_OF_A_GROUP = 4;
const MOST_CHARACTERS = 240;

/** Why a group cannot be upgraded as asked. */
export interface GroupRefusal {
  readonly error: ErrorName;
  readonly reason: string;
  /** It runs an AMI that AWS did not publish, and the input does not name a target for it. */
  readonly hasUnpublishedAmi: boolean;
}

/** A group before it is planned. */
interface ObservedGroup extends Pick<NodegroupPlan, 'name' | 'kind' | 'engine'> {
  /** Instances of its Auto Scaling group. */
  readonly instances: number;
}

/** A group with its own plan, or with the reason why there is none. */
export type GroupFacts = ObservedGroup &
  ({ readonly plan: Plan; readonly refusal?: never } | { readonly plan?: never; readonly refusal: GroupRefusal });

type RefusedGroup = Extract<GroupFacts, { refusal: GroupRefusal }>;

const isRefused = (group: GroupFacts): group is RefusedGroup => group.refusal !== undefined;

/** Everything the plan of a cluster is made from. */
export interface ClusterFacts {
  readonly request: {
    readonly input: ClusterInput;
    /** The settings, as given, that are passed on to each group. */
    readonly settings: Readonly<Record<string, unknown>>;
    readonly executionArn: string;
    readonly executionName: string;
    readonly startedAt: string;
  };
  readonly cluster: EksCluster;
  readonly nodes: readonly Node[];
  /** The groups that were asked for. */
  readonly groups: readonly GroupFacts[];
  /** Instances of all Auto Scaling groups of the cluster. */
  readonly members: ReadonlySet<string>;
}

const short = (text: string): string => truncate(text, MOST_CHARACTERS);

/**
 * Decide whether a group is out of scope, like nodes of Karpenter: found because the input says "all", and either of a kind
 * that cannot be upgraded or on an AMI that AWS did not publish.
 */
const isOutOfScope = ({ request }: ClusterFacts, { refusal }: RefusedGroup): boolean =>
  request.input.nodegroups === 'all' && (refusal.error === 'UnsupportedNodegroup' || refusal.hasUnpublishedAmi);

function toNodegroupPlan(
  { request: { settings, executionName } }: ClusterFacts,
  { name, kind, engine, instances, plan, refusal }: GroupFacts,
): NodegroupPlan {
  const {
    status,
    nodes,
    current,
    target,
    estimate,
    blockingPodCount = 0,
    blockingPods = [],
    warnings = [],
  } = plan ?? {};
  const currentAmiId = current?.[0]?.amiId;
  return {
    name,
    kind,
    engine: plan?.run.engine ?? engine,
    status: status === undefined ? 'refused' : status === 'nothingToDo' ? 'onTarget' : 'outdated',
    executionName: nodegroupExecutionName(executionName, name),
    nodes: { total: nodes?.total ?? instances, outdated: nodes?.outdated ?? 0 },
    ...(currentAmiId !== undefined && { currentAmiId }),
    ...(target !== undefined && {
      target: {
        amiId: target.amiId,
        ...(target.releaseVersion !== undefined && { releaseVersion: target.releaseVersion }),
      },
    }),
    durationSeconds: status === 'planned' ? (estimate?.durationSeconds ?? 0) : 0,
    blockingPodCount,
    blockingPods: blockingPods.slice(0, MOST_BLOCKING_PODS_OF_A_GROUP).map(withShortWords),
    settingsNotPassedOn: settingsNotAcceptedBy(engine, settings),
    warnings: warnings.slice(0, MOST_WARNINGS_OF_A_GROUP).map(short),
    ...(refusal !== undefined && { error: refusal.error, reason: short(refusal.reason) }),
  };
}

const withShortWords = (pod: BlockingPod): BlockingPod => ({
  ...pod,
  detail: short(pod.detail),
  advice: short(pod.advice),
});

/** Keep the first blocking pods of all groups together; the counts stay. */
function limitBlockingPods(groups: readonly NodegroupPlan[]): NodegroupPlan[] {
  let room = MOST_BLOCKING_PODS;
  return groups.map((group) => {
    const blockingPods = group.blockingPods.slice(0, room);
    room -= blockingPods.length;
    return { ...group, blockingPods };
  });
}

/** Groups at a time, one selection after another: each takes as long as its slowest group. */
function durationOf(groups: readonly NodegroupPlan[], atOnce: number): number {
  const outdated = groups.filter(({ status }) => status === 'outdated');
  let seconds = 0;
  for (let first = 0; first < outdated.length; first += atOnce) {
    seconds += Math.max(...outdated.slice(first, first + atOnce).map(({ durationSeconds }) => durationSeconds));
  }
  return seconds;
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);

function summaryOf(clusterName: string, groups: readonly NodegroupPlan[], outOfScope: number, seconds: number): string {
  const outdated = groups.filter(({ status }) => status === 'outdated');
  const refused = groups.filter(({ status }) => status === 'refused');
  const notes = [
    ...(refused.length > 0 ? [`${plural(refused.length, 'group')} cannot be upgraded as asked`] : []),
    ...(outOfScope > 0 ? [`${outOfScope} out of scope`] : []),
  ].map((note) => `; ${note}`);
  const rest = notes.join('');
  if (groups.length === 0) return `${clusterName} has no node group to upgrade: nothing was changed${rest}`;
  if (outdated.length === 0 && refused.length === 0) {
    return `${groups.length === 1 ? 'the only node group' : `all ${groups.length} node groups`} of ${clusterName} run the target already: nothing was changed${rest}`;
  }
  const nodes = sum(outdated.map((group) => group.nodes.outdated));
  const blockingPodCount = sum(outdated.map(({ blockingPodCount }) => blockingPodCount));
  const blocking = blockingPodCount === 0 ? '' : `; ${plural(blockingPodCount, 'pod')} may block a drain`;
  const time = outdated.length === 0 ? '' : `, about ${plural(Math.max(1, Math.round(seconds / 60)), 'minute')}`;
  return `${outdated.length} of ${plural(groups.length, 'node group')} of ${clusterName} are outdated, with ${plural(nodes, 'node')}${time}${blocking}${rest}`;
}

/** Warn of settings that are not passed on, once for all groups. */
function warningsOf(groups: readonly NodegroupPlan[]): string[] {
  const without = groups.filter(({ settingsNotPassedOn }) => settingsNotPassedOn.length > 0);
  if (without.length === 0) return [];
  const settings = without[0]?.settingsNotPassedOn.join(', ');
  const names = without.map(({ name }) => name).join(', ');
  return [
    `not passed on to ${names}: ${settings}; EKS uses the node group's own update configuration and its own timeouts`,
  ];
}

/**
 * Refuse a run that would stop at a refused group, before it begins. The plan of a dry run, or of a run that goes on after
 * failures, lists the group instead.
 */
function checkRefusals({ request: { input } }: ClusterFacts, refused: readonly RefusedGroup[]): void {
  const [first] = refused;
  if (first === undefined || input.dryRun || input.onNodegroupFailure === 'continue') return;
  const others = refused.length - 1;
  const more = others === 0 ? '' : `, nor can ${plural(others, 'more group')}`;
  throw new ERROR_CLASSES[first.refusal.error](
    `node group ${first.name} cannot be upgraded${more}: ${first.refusal.reason} (nothing was changed; to upgrade the others, name them in "nodegroups", or set {"onNodegroupFailure": "continue"})`,
  );
}

/**
 * Make the plan of a cluster from the plans of its groups.
 *
 * @throws {InvalidInput} for more groups than one run takes
 * @throws the refusal of a group, when the run is to stop at the first failure
 */
export function makeClusterPlan(facts: ClusterFacts): ClusterPlan {
  const { request, cluster } = facts;
  const { input, settings, executionArn, executionName, startedAt } = request;
  if (facts.groups.length > MOST_NODEGROUPS) {
    throw new InvalidInput(
      `cluster ${cluster.name} has ${facts.groups.length} node groups, and one run takes ${MOST_NODEGROUPS}: name some in "nodegroups"`,
    );
  }
  const unsupported = facts.groups.filter(isRefused).filter((group) => isOutOfScope(facts, group));
  const inScope = facts.groups.filter((group) => !unsupported.some(({ name }) => name === group.name));
  checkRefusals(facts, inScope.filter(isRefused));
  const groups = limitBlockingPods(inScope.map((group) => toNodegroupPlan(facts, group)));
  const outOfScope: OutOfScope[] = [
    ...unsupported.map(({ name, instances, refusal }) => ({
      kind: 'unsupported' as const,
      name,
      nodes: instances,
      reason: short(refusal.reason),
    })),
    ...nodesOutOfScope(facts),
  ];
  const durationSeconds = durationOf(groups, input.maxParallelNodegroups);
  return {
    status: groups.every(({ status }) => status === 'onTarget') ? 'nothingToDo' : 'planned',
    isDryRun: input.dryRun,
    summary: summaryOf(cluster.name, groups, outOfScope.length, durationSeconds),
    run: {
      executionArn,
      executionName,
      startedAt,
      clusterName: cluster.name,
      maxParallelNodegroups: input.maxParallelNodegroups,
      onNodegroupFailure: input.onNodegroupFailure,
      settings,
    },
    kubernetesVersion: cluster.version,
    groups,
    outOfScope,
    durationSeconds,
    warnings: warningsOf(groups),
  };
}
