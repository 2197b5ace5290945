import { firstWithin, SHARES } from '../bounded-lists.ts';
import type { ErrorName } from '../errors.ts';
import type { Plan } from '../state.ts';
import { truncate } from '../text.ts';
import type { EksCluster, Node } from '../types.ts';
import type { NodegroupPlan } from './cluster.ts';
import { nodegroupExecutionName } from './execution-name.ts';
import type { ClusterInput } from './input.ts';
import { settingsNotAcceptedBy } from './settings.ts';

/** How much a plan says. */
interface Detail {
  /** In all groups together. */
  readonly blockingPods: number;
  readonly warningsOfGroup: number;
  /** Of each text. */
  readonly characters: number;
}

/** The more groups, and the longer their names, the less is said of each: their own plans say all of it. */
const DETAILS: readonly Detail[] = [
  { blockingPods: 30, warningsOfGroup: 4, characters: 240 },
  { blockingPods: 10, warningsOfGroup: 2, characters: 120 },
  { blockingPods: 3, warningsOfGroup: 1, characters: 80 },
  { blockingPods: 0, warningsOfGroup: 0, characters: 60 },
];
const MOST_BLOCKING_PODS_OF_A_GROUP = 5;

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

export type RefusedGroup = Extract<GroupFacts, { refusal: GroupRefusal }>;

export const isRefused = (group: GroupFacts): group is RefusedGroup => group.refusal !== undefined;

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

function toNodegroupPlan(
  { request: { settings, executionName } }: ClusterFacts,
  { name, kind, engine, instances, plan, refusal }: GroupFacts,
  { warningsOfGroup, characters }: Detail,
): NodegroupPlan {
  const short = (text: string) => truncate(text, characters);
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
    blockingPods: blockingPods.slice(0, MOST_BLOCKING_PODS_OF_A_GROUP).map((pod) => ({
      ...pod,
      detail: short(pod.detail),
      advice: short(pod.advice),
    })),
    settingsNotPassedOn: settingsNotAcceptedBy(engine, settings),
    warnings: warnings.slice(0, warningsOfGroup).map(short),
    ...(refusal !== undefined && { error: refusal.error, reason: short(refusal.reason) }),
  };
}

/** Keep the first blocking pods of all groups together; the counts stay. */
function limitBlockingPods(groups: readonly NodegroupPlan[], most: number): NodegroupPlan[] {
  let room = most;
  return groups.map((group) => {
    const blockingPods = group.blockingPods.slice(0, room);
    room -= blockingPods.length;
    return { ...group, blockingPods };
  });
}

/** Plan each group, and say as much of it as the state of the execution has room for. */
export const groupPlansOf = (facts: ClusterFacts, groups: readonly GroupFacts[]): NodegroupPlan[] =>
  firstWithin(
    DETAILS.map((detail) => () => {
      const plans = groups.map((group) => toNodegroupPlan(facts, group, detail));
      return limitBlockingPods(plans, detail.blockingPods);
    }),
    SHARES.clusterPlan,
  );
