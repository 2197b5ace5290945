import { SHARES, withinBytes } from '../bounded-lists.ts';
import type { EksRun } from '../state.ts';
import type { AutoScalingGroup } from '../types.ts';
import type { PodsLeft } from './blocking-pods.ts';
import { isEveryPodBlocked } from './candidates.ts';
import type { Departures } from './departures.ts';
import type { Evidence, NodegroupUpdate, UpdateNode } from './eks-update.ts';
import type { ActiveNodes } from './evidence.ts';
import {
  countReady,
  isClosed,
  isTerminating,
  type OutdatedMember,
  outdatedMembers,
  type UpdateMember,
} from './members.ts';

const MOST_NODES = 100;
const MOST_CHANGES = 200;
const MOST_EVICTED_NAMES = 20;
/** As many as nodes: where nothing moves, any of them may be the one that EKS waits for. */
const MOST_BLOCKING_PODS = 100;

/** Before it drains, EKS closes every outdated node: with DEFAULT by a taint, with MINIMAL by a cordon. Anybody may cordon some. */
const areClosedByEks = (outdated: readonly OutdatedMember[], { updateStrategy }: Pick<EksRun, 'updateStrategy'>) =>
  updateStrategy === 'DEFAULT'
    ? outdated.some(({ node }) => isClosed({ ...node, isUnschedulable: false }))
    : outdated.every(({ node }) => node.isUnschedulable);

/** The phase as far as it can be seen: it never goes back. */
export function phaseOf(
  before: NodegroupUpdate['phase'],
  members: readonly UpdateMember[],
  isAnyActive: boolean,
  run: Pick<EksRun, 'updateStrategy'>,
): NodegroupUpdate['phase'] {
  const outdated = outdatedMembers(members);
  if (before === 'scaleDown') return before;
  if (outdated.length === 0) return isAnyActive || before === 'upgrade' ? 'scaleDown' : before;
  return isAnyActive || areClosedByEks(outdated, run) ? 'upgrade' : before;
}

/** Facts of one observation, once it is known which nodes it is about. */
export interface ObservationFacts {
  /** The last observation; its lists of what is new hold what this step has seen so far. */
  readonly before: NodegroupUpdate;
  readonly members: readonly UpdateMember[];
  readonly run: Pick<EksRun, 'updateStrategy'>;
  readonly group: Pick<AutoScalingGroup, 'desiredCapacity'>;
  readonly departures: Departures;
  readonly active: ActiveNodes;
  /** By instance id: of active nodes, and of candidates while nothing moves. */
  readonly pods: ReadonlyMap<string, PodsLeft>;
  /** When the last observation was made. */
  readonly observedAt: string;
  readonly nowAt: string;
}

function stateOf(member: UpdateMember | undefined, pods: PodsLeft | undefined): UpdateNode['state'] {
  if (member === undefined) return 'replaced';
  if (isTerminating(member)) return 'terminating';
  return pods !== undefined && pods.left === 0 ? 'cordonWait' : 'draining';
}

/** One active node as it is now; `undefined` for one that was only inferred to be, and is not. */
function nodeNow(facts: ObservationFacts, instanceId: string, evidence: Evidence): UpdateNode | undefined {
  const { before, members, departures, pods, nowAt } = facts;
  const known = before.nodes.find((node) => node.instanceId === instanceId);
  const member = members.find((candidate) => candidate.instanceId === instanceId);
  const left = pods.get(instanceId);
  if (evidence === 'inferred' && member !== undefined && left !== undefined && !isEveryPodBlocked(left)) {
    return undefined;
  }
  const state = stateOf(member, left);
  const nodeName = member?.node?.name ?? known?.nodeName;
  const { gone = 0, deleted = 0 } = departures.byNode.get(nodeName ?? '') ?? {};
  const deletedCount = (known?.deletedCount ?? 0) + deleted;
  return {
    instanceId,
    ...(nodeName !== undefined && { nodeName }),
    zone: member?.zone ?? known?.zone ?? '',
    state,
    sinceAt: known?.state === state ? known.sinceAt : nowAt,
    evidence,
    podsLeft: state === 'draining' ? (left?.left ?? known?.podsLeft ?? 0) : 0,
    evictedCount: (known?.evictedCount ?? 0) + gone,
    ...(deletedCount > 0 && { deletedCount }),
  };
}

/** What changed of a node; one whose drain is over when it is first seen was drained since the last observation. */
function changesOf({ before, observedAt }: ObservationFacts, now: UpdateNode): UpdateNode[] {
  const known = before.nodes.find(({ instanceId }) => instanceId === now.instanceId);
  if (known?.state === now.state) return [];
  const isDrainUnseen = known === undefined && now.state !== 'draining' && now.evidence === 'evictions';
  const drained: UpdateNode = { ...now, state: 'draining', sinceAt: observedAt };
  return isDrainUnseen ? [drained, now] : [now];
}

/** Put an observation together from what was seen. Lists of what is new go on from those of the observation before it. */
export function nextObservation(facts: ObservationFacts): NodegroupUpdate {
  const { before, members, group, departures, nowAt } = facts;
  const active = new Map([
    ...before.nodes.map(({ instanceId, evidence }) => [instanceId, evidence] as const),
    ...facts.active,
  ]);
  const nodes = [...active].flatMap(([instanceId, evidence]) => nodeNow(facts, instanceId, evidence) ?? []);
  const blockingPods = [...facts.pods.values()].flatMap((pods) => pods.blockingPods);
  // What was seen only once may be a matter of seconds, such as pods that are starting elsewhere.
  const lasting = blockingPods.filter(({ sinceAt }) => sinceAt !== undefined && sinceAt < nowAt);
  const { cordonedBefore = [] } = before;
  const isCordoned = (instanceId: string) =>
    members.find((member) => member.instanceId === instanceId)?.node?.isUnschedulable === true;
  return {
    ...before,
    // Once it was lifted, the next cordon may be EKS's.
    cordonedBefore: cordonedBefore.filter(isCordoned),
    phase: phaseOf(before.phase, members, nodes.length > 0, facts.run),
    outdatedCount: outdatedMembers(members).length,
    readyNodes: countReady(members),
    desiredCapacity: group.desiredCapacity,
    nodes: withinBytes(nodes.filter(({ state }) => state !== 'replaced').slice(0, MOST_NODES), SHARES.updateNodes),
    changes: withinBytes(
      [...before.changes, ...nodes.flatMap((node) => changesOf(facts, node))].slice(0, MOST_CHANGES),
      SHARES.updateChanges,
    ),
    evicted: [...before.evicted, ...departures.evicted].slice(0, MOST_EVICTED_NAMES),
    evictedCount: before.evictedCount + departures.evicted.length,
    deletedCount: (before.deletedCount ?? 0) + departures.deletedCount,
    blockingPods: withinBytes(lasting.slice(0, MOST_BLOCKING_PODS), SHARES.updateBlockingPods),
    blockingPodCount: lasting.length,
  };
}
