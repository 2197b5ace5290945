import type { EksRun } from '../state.ts';
import type { PodsLeft } from './blocking-pods.ts';
import type { Departures } from './departures.ts';
import type { Evidence, NodegroupUpdate } from './eks-update.ts';
import type { ActiveNodes } from './evidence.ts';
import { countReady, isInService, type OutdatedMember, outdatedMembers, type UpdateMember } from './members.ts';

/** Longer than EKS waits after a cordon, and until the instance is seen to go. */
const EMPTY_SECONDS = 300;

/**
 * Count the active nodes that explain why no pod goes anywhere: every pod left on them is blocked or on its way, or they have
 * just become empty. On any other one EKS would be evicting, so a sign that points there is mistaken, and ends no search.
 */
export function countExplained(
  active: readonly Pick<OutdatedMember, 'instanceId'>[],
  pods: ReadonlyMap<string, PodsLeft>,
  before: Pick<NodegroupUpdate, 'nodes'>,
  nowAt: string,
): number {
  const isExplained = ({ instanceId }: Pick<OutdatedMember, 'instanceId'>): boolean => {
    const left = pods.get(instanceId);
    if (left === undefined) return true;
    if (left.left > 0) return left.terminating > 0 || isEveryPodBlocked(left);
    const known = before.nodes.find((node) => node.instanceId === instanceId);
    const sinceAt = known?.state === 'cordonWait' ? known.sinceAt : nowAt;
    return Date.parse(nowAt) - Date.parse(sinceAt) < EMPTY_SECONDS * 1000;
  };
  return active.filter(isExplained).length;
}

/**
 * Decide whether no pod goes anywhere although EKS has a node to drain: then every pod left on that node is blocked, and
 * nothing shows which node it is.
 *
 * MINIMAL takes the next node only once every replacement is there: until then no pod has to go.
 *
 * @param explained number of active nodes that explain it
 */
export function isStandingStill(facts: {
  phase: NodegroupUpdate['phase'];
  members: readonly UpdateMember[];
  desiredCapacity: number;
  explained: number;
  departures: Departures;
  run: Pick<EksRun, 'parallelism' | 'updateStrategy'>;
}): boolean {
  const { phase, members, desiredCapacity, explained, departures, run } = facts;
  const outdated = outdatedMembers(members);
  const mayTakeMore = run.updateStrategy === 'DEFAULT' || countReady(members) >= desiredCapacity;
  const hasPlace = explained < Math.min(run.parallelism, outdated.length);
  return phase === 'upgrade' && departures.byNode.size === 0 && hasPlace && mayTakeMore;
}

/** Outdated nodes without evidence, at most `limit`: others in each round where there are more, else all in the same order. */
export function candidateNodes(
  members: readonly UpdateMember[],
  active: ActiveNodes,
  round: number,
  limit: number,
): OutdatedMember[] {
  const silent = outdatedMembers(members).filter((member) => isInService(member) && !active.has(member.instanceId));
  const start = silent.length <= limit ? 0 : (round * limit) % silent.length;
  return [...silent.slice(start), ...silent.slice(0, start)].slice(0, limit);
}

/** True when no pod left on the node can be evicted: EKS may be waiting for it. */
export const isEveryPodBlocked = ({ left, blockingPods }: PodsLeft): boolean => left > 0 && blockingPods.length >= left;

/**
 * Infer which candidates EKS works on: those whose every pod is blocked.
 *
 * @param places nodes that EKS may take besides the active ones; more candidates than that leave open which they are
 */
export function inferBlockedNodes(
  candidates: readonly UpdateMember[],
  pods: ReadonlyMap<string, PodsLeft>,
  places: number,
): Map<string, Evidence> {
  const blocked = candidates.filter(({ instanceId }) => {
    const left = pods.get(instanceId);
    return left !== undefined && isEveryPodBlocked(left);
  });
  return new Map(blocked.length > places ? [] : blocked.map(({ instanceId }) => [instanceId, 'inferred' as const]));
}
