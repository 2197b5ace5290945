import { omitUndefined } from '../../domain/omit-undefined.ts';
import type { BlockingSpan, NodeOutcome, NodeReport, NodeState, PlanReport, Segment } from '../model/model.ts';
import { blockingSpans } from './blocking-spans.ts';
import { inOrderOfBeginning } from './nodes.ts';
import type { UpdateEnd } from './update-end.ts';
import type { Observation } from './update-observations.ts';
import { type Track, trackOf, tracksOf } from './update-tracks.ts';

const iso = (at: number): string => new Date(at).toISOString();

/**
 * The segments of a node from the start of the upgrade phase on, without gaps: `waiting` first, and `unseen` where its drain
 * must have begun between two observations.
 */
function segmentsOf(steps: Track['steps'], upgradeAt: number, endAt: number): Segment[] {
  const [first] = steps;
  const unseenAt = Math.min(first?.previousObservationAt ?? upgradeAt, first?.at ?? upgradeAt);
  const isDrainSeen = first?.state === 'draining';
  const starts: { state: NodeState; at: number }[] = [
    { state: 'waiting', at: isDrainSeen ? upgradeAt : Math.min(upgradeAt, unseenAt) },
    ...(isDrainSeen ? [] : [{ state: 'unseen' as const, at: unseenAt }]),
  ];
  for (const { state, at } of steps) if (state !== 'replaced') starts.push({ state, at });
  return starts
    .map(({ state, at }, index) => ({ state, from: at, to: Math.max(at, starts[index + 1]?.at ?? endAt) }))
    .filter(({ from, to }, index, all) => from < to || (index === all.length - 1 && index > 0))
    .map(({ state, from, to }) => ({ state, startedAt: iso(from), endedAt: iso(to) }));
}

/** The nodes at which an update failed: those that EKS names, else those that pods blocked in the last observation. */
function blockedNodes(
  tracks: Iterable<Track>,
  observations: readonly Observation[],
  { failure, status, failedNodes }: UpdateEnd,
): ReadonlySet<string> {
  if (status !== 'failed' || failure === undefined) return new Set();
  const named = [...tracks]
    .filter(({ node: { instanceId, nodeName = '' } }) =>
      failedNodes.some((name) => name === instanceId || name === nodeName),
    )
    .map(({ node }) => node.instanceId);
  if (named.length > 0 || failure.error !== 'PodEvictionFailure') return new Set(named);
  return new Set(observations.at(-1)?.update.blockingPods.map(({ instanceId }) => instanceId));
}

function outcomeOf(track: Track, blocked: ReadonlySet<string>, end: UpdateEnd): NodeOutcome {
  if (track.steps.at(-1)?.state === 'replaced' || end.status === 'successful') return 'upgraded';
  if (blocked.has(track.node.instanceId)) return 'blocked';
  return end.status === 'failed' ? 'interrupted' : 'inProgress';
}

function nodeOf(track: Track, blocked: ReadonlySet<string>, end: UpdateEnd): NodeReport {
  const outcome = outcomeOf(track, blocked, end);
  const replacedAt = track.steps.find(({ state }) => state === 'replaced')?.at;
  const endAt = replacedAt ?? end.observedAt;
  const segments = segmentsOf(track.steps, Math.min(end.upgradeAt ?? endAt, track.steps[0]?.at ?? endAt), endAt);
  const isBlocked = outcome === 'blocked';
  const isLeftToEks = outcome === 'inProgress' && end.status === 'goesOn';
  return omitUndefined({
    ...track.node,
    outcome,
    state: outcome === 'inProgress' ? segments.at(-1)?.state : undefined,
    attempts: [
      omitUndefined({
        number: 1,
        startedAt: segments.find(({ state }) => state !== 'waiting')?.startedAt ?? iso(endAt),
        endedAt: outcome === 'inProgress' ? undefined : iso(endAt),
        outcome,
        error: isBlocked ? end.failure?.error : undefined,
        reason: isBlocked ? end.failure?.cause : isLeftToEks ? 'EKS continues with it' : undefined,
        isDecremented: false,
        segments,
        evidence: track.evidence.size === 0 ? undefined : [...track.evidence],
      }),
    ],
    evictedCount: track.evictedCount,
    deletedCount: track.deletedCount,
    evicted: [],
    ignored: [],
    remainingCount: outcome === 'upgraded' ? 0 : track.podsLeft,
    initialCount: track.initialCount,
  });
}

/**
 * The nodes that EKS replaced or is replacing, in the order in which it began with them. Only what was observed is
 * reported: a node first seen when replaced has an `unseen` segment, and a node never seen to be active is not listed.
 */
export function updateNodes(
  observations: readonly Observation[],
  plan: PlanReport | undefined,
  end: UpdateEnd,
): NodeReport[] {
  const tracks = tracksOf(observations);
  if (end.status === 'successful' && observations.at(-1)?.update.outdatedCount === 0) {
    for (const node of plan?.outdatedNodes ?? []) {
      if (!tracks.has(node.instanceId)) tracks.set(node.instanceId, trackOf(node));
    }
  }
  const blocked = blockedNodes(tracks.values(), observations, end);
  return [...tracks.values()].map((track) => nodeOf(track, blocked, end)).sort(inOrderOfBeginning);
}

/** Join what consecutive observations saw into spans, one for each pod, reason and node. */
export function updateBlockingSpans(
  observations: readonly Observation[],
  nodes: readonly NodeReport[],
  end: UpdateEnd,
): BlockingSpan[] {
  const outcomes = new Map(nodes.map(({ instanceId, outcome }) => [instanceId, outcome]));
  const nodeNames = new Map(
    observations.flatMap(({ update }) =>
      update.blockingPods.map(({ instanceId, nodeName }) => [instanceId, nodeName] as const),
    ),
  );
  return [...nodeNames].flatMap(([instanceId, nodeName]) => {
    const rounds = observations.map(({ beganAt, at, update }) => ({
      beganAt,
      at,
      blockingPods: update.blockingPods.filter((pod) => pod.instanceId === instanceId),
    }));
    const isUnfinished = outcomes.get(instanceId) !== 'upgraded';
    const nowAt = isUnfinished && end.status === 'inProgress' ? end.observedAt : undefined;
    return blockingSpans({ instanceId, nodeName }, rounds, isUnfinished, nowAt);
  });
}
