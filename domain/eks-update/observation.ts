import { isIgnoredByDrain, podName } from '../drain/pods.ts';
import { EXCLUDE_LABEL, isTainted } from '../nodegroup/node-ownership.ts';
import type { GroupNode } from '../nodegroup/nodegroup.ts';
import { hasLabels, isNodeReady } from '../nodegroup/nodegroup.ts';
import type { EksRun } from '../state.ts';
import type { AutoScalingGroup, Node, PodDeparture } from '../types.ts';
import type { BlockedNodePods, NodegroupUpdate, UpdateNode } from './eks-update.ts';

const MOST_NODES = 100;
const MOST_CHANGES = 200;
const MOST_PODS = 20;
/** As many as nodes: where nothing moves, any of them may be the one that EKS waits for. */
const MOST_HELD = 100;
/** Reason of the DisruptionTarget condition. @see https://kubernetes.io/docs/concepts/workloads/pods/disruptions/#pod-disruption-conditions */
const EVICTED = 'EvictionByEvictionAPI';

/** What tells that EKS works on a node, which EKS itself never says. */
export const EVIDENCE = {
  evictions: 'its pods are being evicted',
  cordoned: 'it was cordoned',
  terminating: 'its instance is terminating',
  presumed: 'presumed: nothing moves, and all pods left on it are held',
} as const;

/** A member of the group, leaving ones included. */
export interface UpdateMember extends Pick<GroupNode, 'instanceId' | 'zone' | 'lifecycleState' | 'isOutdated'> {
  readonly node?: Node;
}

/** What a look at the pods of a node found. */
export interface PodsLeft {
  /** Pods that EKS waits for. */
  readonly left: number;
  /** Those among them that something holds. */
  readonly blockingPods: readonly BlockedNodePods[];
  /** Names of the others. */
  readonly free: readonly string[];
}

const NOTHING_LEFT: PodsLeft = { left: 0, blockingPods: [], free: [] };

const isTerminating = ({ lifecycleState }: UpdateMember) => lifecycleState.startsWith('Terminat');
const isInService = ({ lifecycleState }: UpdateMember) => lifecycleState === 'InService';
/** Closed to new pods, as EKS closes outdated nodes once the new ones are Ready. */
export const isClosed = (node: Node): boolean =>
  node.isUnschedulable || isTainted(node) || node.labels[EXCLUDE_LABEL] !== undefined;

/** Join what Auto Scaling and Kubernetes say about the group. An instance without a Node is on its way in. */
export function updateMembers(
  group: AutoScalingGroup,
  nodes: readonly Node[],
  target: EksRun['target'],
): UpdateMember[] {
  const byInstance = new Map(nodes.map((node) => [node.instanceId, node]));
  return group.instances.map(({ instanceId, zone, lifecycleState }) => {
    const node = byInstance.get(instanceId);
    const isOutdated = node !== undefined && !hasLabels(node, target.renewedLabels);
    return { instanceId, zone, lifecycleState, isOutdated, ...(node !== undefined && { node }) };
  });
}

/** Outdated members that are still to go. */
export const outdatedMembers = (members: readonly UpdateMember[]): UpdateMember[] =>
  members.filter((member) => member.isOutdated && !isTerminating(member));

/** What was seen of pods since the last look, by node name. */
export interface Departures {
  readonly evicted: readonly string[];
  readonly byNode: ReadonlyMap<string, { readonly gone: number }>;
}

/** Where a pod that goes without an eviction was deleted by force. */
export interface Forcible {
  /** Names of the nodes that EKS was draining. */
  readonly inHand: ReadonlySet<string>;
  /** namespace/name of pods that were held: on their nodes nobody has seen EKS at work. */
  readonly blockingPods: ReadonlySet<string>;
}

/**
 * Count the pods that left the group's nodes because they were evicted, or deleted by force.
 *
 * @param nodeNames of the group, renewed ones included: EKS drains surplus nodes as well
 * @param forcible `undefined` for an update that deletes nothing by force
 */
export function departuresOf(
  departures: readonly PodDeparture[],
  nodeNames: ReadonlySet<string>,
  forcible: Forcible | undefined,
): Departures {
  const evicted: string[] = [];
  const byNode = new Map<string, { gone: number }>();
  for (const { pod, isGone } of departures) {
    const { nodeName = '', disruption } = pod;
    const isKnown = forcible?.inHand.has(nodeName) || forcible?.blockingPods.has(podName(pod));
    const isForced = isKnown && disruption === undefined && !isIgnoredByDrain(pod);
    if (!nodeNames.has(nodeName) || (disruption !== EVICTED && !isForced)) continue;
    const seen = byNode.get(nodeName) ?? { gone: 0 };
    byNode.set(nodeName, seen);
    if (!isGone) continue;
    seen.gone += 1;
    evicted.push(podName(pod));
  }
  return { evicted, byNode };
}

/**
 * Find the outdated members that show a sign of being worked on, with the sign.
 *
 * A cordon is one only while EKS has not cordoned more nodes than it takes at a time, as MINIMAL does with all of them.
 */
export function inferActiveNodes(
  members: readonly UpdateMember[],
  before: readonly UpdateNode[],
  { byNode }: Departures,
  parallelism: number,
): Map<string, string> {
  const known = new Map(before.map(({ instanceId, evidence }) => [instanceId, evidence]));
  const outdated = members.filter(({ isOutdated }) => isOutdated);
  const cordoned = outdated.filter((member) => member.node?.isUnschedulable && !isTerminating(member));
  const isCordonTelling = cordoned.length <= parallelism;
  return new Map(
    outdated.flatMap((member) => {
      const { instanceId, node } = member;
      const evidence =
        (node !== undefined && byNode.has(node.name) ? EVIDENCE.evictions : undefined) ??
        known.get(instanceId) ??
        (isTerminating(member) ? EVIDENCE.terminating : undefined) ??
        (isCordonTelling && node?.isUnschedulable ? EVIDENCE.cordoned : undefined);
      return evidence === undefined ? [] : [[instanceId, evidence] as const];
    }),
  );
}

/** The phase as far as it can be told: it never goes back. */
export function phaseOf(
  before: NodegroupUpdate['phase'],
  members: readonly UpdateMember[],
  isAnyInHand: boolean,
): NodegroupUpdate['phase'] {
  const outdated = outdatedMembers(members);
  if (before === 'scaleDown') return before;
  if (outdated.length === 0) return isAnyInHand || before === 'upgrade' ? 'scaleDown' : before;
  const hasBegun = isAnyInHand || outdated.some(({ node }) => node !== undefined && isClosed(node));
  return hasBegun ? 'upgrade' : before;
}

/** Ready nodes of the group, draining ones included. */
const readyNodes = (members: readonly UpdateMember[]): number =>
  members.filter((member) => isInService(member) && member.node !== undefined && isNodeReady(member.node)).length;

/**
 * Decide whether nothing moves although EKS has a node to drain: all pods left on it are held, so nobody sees any go.
 *
 * MINIMAL takes the next node only once every replacement is there: until then nothing has to move.
 */
export function isStandingStill(facts: {
  phase: NodegroupUpdate['phase'];
  members: readonly UpdateMember[];
  desiredCapacity: number;
  signs: ReadonlyMap<string, string>;
  departures: Departures;
  run: Pick<EksRun, 'parallelism' | 'updateStrategy'>;
}): boolean {
  const { phase, members, desiredCapacity, signs, departures, run } = facts;
  const outdated = outdatedMembers(members);
  const inHand = outdated.filter(({ instanceId }) => signs.has(instanceId)).length;
  const mayTakeMore = run.updateStrategy === 'DEFAULT' || readyNodes(members) >= desiredCapacity;
  const hasPlace = inHand < Math.min(run.parallelism, outdated.length);
  return phase === 'upgrade' && departures.byNode.size === 0 && hasPlace && mayTakeMore;
}

/** Outdated nodes without a sign, at most `limit` of them: others each time where there are more, else all in the same order. */
export function candidateNodes(
  members: readonly UpdateMember[],
  signs: ReadonlyMap<string, string>,
  turn: number,
  limit: number,
): UpdateMember[] {
  const silent = outdatedMembers(members).filter(
    (member) => isInService(member) && member.node !== undefined && !signs.has(member.instanceId),
  );
  const start = silent.length <= limit ? 0 : (turn * limit) % silent.length;
  return [...silent.slice(start), ...silent.slice(0, start)].slice(0, limit);
}

/** True when nothing on the node could be evicted: EKS may be waiting for it. */
export const isEveryPodBlocked = ({ left, blockingPods }: PodsLeft): boolean => left > 0 && blockingPods.length >= left;

function stateOf(member: UpdateMember | undefined, pods: PodsLeft | undefined): UpdateNode['state'] {
  if (member === undefined) return 'replaced';
  if (isTerminating(member)) return 'terminating';
  return pods !== undefined && pods.left === 0 ? 'cordonWait' : 'draining';
}

/** Facts of one look, once it is known which nodes to look at. */
export interface ObservationFacts {
  readonly run: Pick<EksRun, 'parallelism' | 'target'>;
  /** The last look; its lists of what is new hold what this step has seen so far. */
  readonly before: NodegroupUpdate;
  readonly members: readonly UpdateMember[];
  readonly group: Pick<AutoScalingGroup, 'desiredCapacity'>;
  readonly departures: Departures;
  readonly signs: ReadonlyMap<string, string>;
  /** By instance id: nodes in hand, and suspects while nothing moves. */
  readonly pods: ReadonlyMap<string, PodsLeft>;
  /** When the look before this one was. */
  readonly observedAt: string;
  readonly nowAt: string;
}

/** Nodes that EKS is presumed to be at: as many as it may take besides those that show a sign, else nobody can tell which. */
export function inferBlockedNodes(
  suspects: readonly UpdateMember[],
  pods: ReadonlyMap<string, PodsLeft>,
  places: number,
): Map<string, string> {
  const blockingPods = suspects.filter(({ instanceId }) => isEveryPodBlocked(pods.get(instanceId) ?? NOTHING_LEFT));
  return new Map(
    blockingPods.length > places ? [] : blockingPods.map(({ instanceId }) => [instanceId, EVIDENCE.presumed]),
  );
}

/** One node in hand as it is now; `undefined` for one that was only presumed to be, and is not. */
function nodeNow(facts: ObservationFacts, instanceId: string, evidence: string): UpdateNode | undefined {
  const { before, members, departures, pods, nowAt } = facts;
  const known = before.nodes.find((node) => node.instanceId === instanceId);
  const member = members.find((candidate) => candidate.instanceId === instanceId);
  const left = pods.get(instanceId);
  if (evidence === EVIDENCE.presumed && member !== undefined && left !== undefined && !isEveryPodBlocked(left)) {
    return undefined;
  }
  const state = stateOf(member, left);
  const nodeName = member?.node?.name ?? known?.nodeName;
  const gone = nodeName === undefined ? 0 : (departures.byNode.get(nodeName)?.gone ?? 0);
  return {
    instanceId,
    ...(nodeName !== undefined && { nodeName }),
    zone: member?.zone ?? known?.zone ?? '',
    state,
    sinceAt: known?.state === state ? known.sinceAt : nowAt,
    evidence,
    podsLeft: state === 'draining' ? (left?.left ?? known?.podsLeft ?? 0) : 0,
    evictedCount: (known?.evictedCount ?? 0) + gone,
  };
}

/** What changed of a node; one whose drain is over by the first look at it was drained in between. */
function changesOf(facts: ObservationFacts, now: UpdateNode): UpdateNode[] {
  const known = facts.before.nodes.find(({ instanceId }) => instanceId === now.instanceId);
  if (known?.state === now.state) return [];
  const isSkipped = known === undefined && now.state !== 'draining' && now.evidence === EVIDENCE.evictions;
  const drained: UpdateNode = { ...now, state: 'draining', sinceAt: facts.observedAt };
  return isSkipped ? [drained, now] : [now];
}

/** Put one look together from what was seen. Lists of what is new go on from those of the looks before it. */
export function observationOf(facts: ObservationFacts): NodegroupUpdate {
  const { before, members, group, departures, signs, nowAt } = facts;
  const inHand = new Map([
    ...before.nodes.map(({ instanceId, evidence }) => [instanceId, evidence] as const),
    ...signs,
  ]);
  const nodes = [...inHand].flatMap(([instanceId, evidence]) => nodeNow(facts, instanceId, evidence) ?? []);
  const blockingPods = [...facts.pods.values()].flatMap((pods) => pods.blockingPods);
  // What was seen once only may be a matter of seconds, such as pods that are starting elsewhere.
  const lasting = blockingPods.filter(({ sinceAt }) => sinceAt !== undefined && sinceAt < nowAt);
  return {
    ...before,
    phase: phaseOf(before.phase, members, nodes.length > 0),
    outdatedCount: outdatedMembers(members).length,
    readyNodes: readyNodes(members),
    desiredCapacity: group.desiredCapacity,
    nodes: nodes.filter(({ state }) => state !== 'replaced').slice(0, MOST_NODES),
    changes: [...before.changes, ...nodes.flatMap((node) => changesOf(facts, node))].slice(0, MOST_CHANGES),
    evicted: [...before.evicted, ...departures.evicted].slice(0, MOST_PODS),
    evictedCount: before.evictedCount + departures.evicted.length,
    blockingPods: lasting.slice(0, MOST_HELD),
    blockingPodCount: lasting.length,
  };
}
