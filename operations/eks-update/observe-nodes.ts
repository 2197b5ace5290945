import pMap from 'p-map';
import type { Cluster, Deps } from '../../clients/ports.ts';
import { rememberSince } from '../../domain/drain/blocking-sentences.ts';
import { type PodsLeft, podsLeftOn } from '../../domain/eks-update/blocking-pods.ts';
import {
  candidateNodes,
  countExplained,
  inferBlockedNodes,
  isEveryPodBlocked,
  isStandingStill,
} from '../../domain/eks-update/candidates.ts';
import type { Departures } from '../../domain/eks-update/departures.ts';
import type { NodegroupUpdate, UpdateBlockingPod } from '../../domain/eks-update/eks-update.ts';
import { type ActiveNodes, inferActiveNodes, newlyCordoned } from '../../domain/eks-update/evidence.ts';
import { type OutdatedMember, outdatedMembers, type UpdateMember } from '../../domain/eks-update/members.ts';
import { phaseOf } from '../../domain/eks-update/observation.ts';
import type { EksRun } from '../../domain/state.ts';
import type { Budget } from '../../domain/types.ts';

/** Nodes whose pods are listed at the same time. */
const LISTS_AT_ONCE = 10;
/**
 * Candidates whose pods are listed in one round; the next round takes others, so a blocking pod may be found a round late.
 *
 * @see https://docs.aws.amazon.com/eks/latest/userguide/service-quotas.html (nodes per managed node group)
 */
const MOST_CANDIDATES = 450;

/** What one round goes on from. */
export interface RoundStart {
  /** The observation so far. */
  readonly update: NodegroupUpdate;
  /** Blocking pods of the round before, also those seen for the first time. */
  readonly blockingPods: readonly UpdateBlockingPod[];
  /** When that round ended. */
  readonly observedAt: string;
}

/** What a round has seen before it lists the pods of single nodes. */
export interface GroupSeen {
  readonly members: readonly UpdateMember[];
  readonly desiredCapacity: number;
  readonly departures: Departures;
}

/** List the pods that are left on some nodes, by instance id. */
async function listPodsLeft(
  deps: Deps,
  cluster: Cluster,
  members: readonly OutdatedMember[],
  budgets: readonly Budget[],
  { update, blockingPods }: RoundStart,
): Promise<Map<string, PodsLeft>> {
  const before = [...update.blockingPods, ...blockingPods];
  const found = await pMap(
    members,
    async ({ instanceId, node }) => {
      const { pods } = await cluster.listPodsOnNode(node.name);
      const nowAt = deps.clock.now().toISOString();
      const drainStartedAt = update.nodes.find((known) => known.instanceId === instanceId)?.sinceAt ?? nowAt;
      const left = podsLeftOn({ instanceId, nodeName: node.name }, pods, budgets, { drainStartedAt, nowAt });
      return [instanceId, { ...left, blockingPods: rememberSince(left.blockingPods, before, nowAt) }] as const;
    },
    { concurrency: LISTS_AT_ONCE },
  );
  return new Map(found);
}

/** Infer which nodes EKS works on, and list what is left on them. */
export async function observeNodes(
  deps: Deps,
  cluster: Cluster,
  run: EksRun,
  start: RoundStart,
  seen: GroupSeen,
): Promise<{ active: ActiveNodes; pods: ReadonlyMap<string, PodsLeft> }> {
  const { update: before } = start;
  const { members, departures } = seen;
  const outdated = outdatedMembers(members);
  const doubtful = newlyCordoned(members, before).slice(0, MOST_CANDIDATES);
  const likely = outdated.filter(({ instanceId }) => before.nodes.some((node) => node.instanceId === instanceId));
  const moving = outdated.filter(({ node }) => departures.byNode.has(node.name));
  const known = [...new Set([...doubtful, ...likely, ...moving])];
  const listed = known.length === 0 ? undefined : await cluster.listBudgets();
  const ofKnown = await listPodsLeft(deps, cluster, known, listed ?? [], start);
  const active = inferActiveNodes({ members, before, departures, run, pods: ofKnown });
  const activeMembers = outdated.filter(({ instanceId }) => active.has(instanceId));
  const phase = phaseOf(before.phase, members, active.size > 0, run);
  const explained = countExplained(activeMembers, ofKnown, before, deps.clock.now().toISOString());
  const isStill = isStandingStill({ ...seen, phase, explained, run });
  const candidates = isStill ? candidateNodes(members, active, before.checks, MOST_CANDIDATES) : [];
  const budgets = listed ?? (candidates.length === 0 ? [] : await cluster.listBudgets());
  const ofCandidates = await listPodsLeft(deps, cluster, candidates, budgets, start);
  const places = Math.min(run.parallelism, outdated.length) - explained;
  const ofActive = [...ofKnown].filter(([instanceId]) => active.has(instanceId));
  return {
    active: new Map([...active, ...inferBlockedNodes(candidates, ofCandidates, places)]),
    // A node with a pod that can still be evicted is not the one that everything waits for.
    pods: new Map([...ofActive, ...[...ofCandidates].filter(([, left]) => isEveryPodBlocked(left))]),
  };
}
