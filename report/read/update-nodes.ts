import type { UpdateNode } from '../../domain/eks-update/eks-update.ts';
import { EVIDENCE_SENTENCES } from '../../domain/eks-update/evidence.ts';
import type { BlockingSpan, Failure, NodeOutcome, NodeReport, NodeState, PlanReport, Segment } from '../model/model.ts';
import { blockingSpans } from './blocking-spans.ts';
import { inOrderOfBeginning } from './nodes.ts';
import { omitUndefined } from './omit-undefined.ts';
import type { Observation } from './update-observations.ts';

const iso = (at: number): string => new Date(at).toISOString();

/** How the update of a run stands when the report is made. */
export interface UpdateEnd {
  readonly status: 'inProgress' | 'successful' | 'failed' | 'goesOn';
  readonly failure?: Failure | undefined;
  /** Epoch ms: the start of the upgrade phase; absent before it. */
  readonly upgradeAt?: number | undefined;
  /** Epoch ms: ends what is going on. */
  readonly observedAt: number;
}

/** What all looks together tell of one node. */
interface Track {
  readonly node: Pick<UpdateNode, 'instanceId' | 'nodeName' | 'zone'>;
  /** First instant of each state it was seen in, and the look before that, if any. Epoch ms. */
  readonly steps: { state: UpdateNode['state']; at: number; previousObservationAt: number | undefined }[];
  readonly evidence: Set<string>;
  evictedCount: number;
  podsLeft: number;
  initialCount: number;
}

const RANKS: Readonly<Record<UpdateNode['state'], number>> = {
  draining: 0,
  cordonWait: 1,
  terminating: 2,
  replaced: 3,
};

/** A look lists at most this many nodes in hand; a longer list says nothing of a node it leaves out. */
const MOST_NODES = 100;

/** Nodes that an earlier look took to be in work, and that this one knows better of: their turn is still to come. */
function forgetMistaken(tracks: Map<string, Track>, { update: { nodes } }: Observation): void {
  if (nodes.length >= MOST_NODES) return;
  const inHand = new Set(nodes.map(({ instanceId }) => instanceId));
  for (const [instanceId, { steps }] of tracks) {
    if (!inHand.has(instanceId) && steps.at(-1)?.state !== 'replaced') tracks.delete(instanceId);
  }
}

/** Follow every node through the looks. A state that comes late, after one that lies behind it, is not gone back to. */
function tracksOf(observations: readonly Observation[]): Map<string, Track> {
  const tracks = new Map<string, Track>();
  observations.forEach((observation, index) => {
    const { update } = observation;
    const previousObservationAt = observations[index - 1]?.at;
    for (const seen of [...update.changes, ...update.nodes]) {
      const { instanceId, nodeName, zone, state, podsLeft, evictedCount } = seen;
      const track: Track = tracks.get(instanceId) ?? {
        node: omitUndefined({ instanceId, nodeName, zone }),
        steps: [],
        evidence: new Set(),
        evictedCount: 0,
        podsLeft: 0,
        initialCount: 0,
      };
      tracks.set(instanceId, track);
      const last = track.steps.at(-1);
      if (last === undefined || RANKS[state] > RANKS[last.state]) {
        track.steps.push({ state, at: Math.max(Date.parse(seen.sinceAt), last?.at ?? 0), previousObservationAt });
      }
      if (state !== 'replaced') track.evidence.add(EVIDENCE_SENTENCES[seen.evidence]);
      track.evictedCount = Math.max(track.evictedCount, evictedCount);
      track.podsLeft = state === 'replaced' ? 0 : podsLeft;
      track.initialCount = Math.max(track.initialCount, podsLeft + evictedCount);
    }
    forgetMistaken(tracks, observation);
  });
  return tracks;
}

/**
 * Lay what was seen of a node end to end, from the start of the upgrade phase on: waiting first, and `unseen` for the
 * stretch between two looks in which a node must have been drained.
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

/** The nodes at which an update failed: those it names, or, when it names none, those that pods held at the last look. */
function blockedNodes(
  tracks: Iterable<Track>,
  observations: readonly Observation[],
  end: UpdateEnd,
): ReadonlySet<string> {
  const { failure, status } = end;
  if (status !== 'failed' || failure === undefined) return new Set();
  const words = new Set(failure.cause.match(/[\w.-]*\w/g));
  const named = [...tracks]
    .filter(({ node: { instanceId, nodeName = instanceId } }) => words.has(instanceId) || words.has(nodeName))
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
        reason: isBlocked ? end.failure?.cause : isLeftToEks ? 'EKS goes on with it' : undefined,
        isAbsorbed: false,
        segments,
        evidence: track.evidence.size === 0 ? undefined : [...track.evidence],
      }),
    ],
    evictedCount: track.evictedCount,
    deletedCount: 0,
    evicted: [],
    ignored: [],
    remainingCount: outcome === 'upgraded' ? 0 : track.podsLeft,
    initialCount: track.initialCount,
  });
}

/**
 * Tell what became of the nodes that EKS replaced or replaces, in the order in which their turns came. What was not seen
 * is not made up: a node found replaced has an `unseen` stretch, and one that nobody has seen in work is not listed.
 */
export function updateNodes(
  observations: readonly Observation[],
  plan: PlanReport | undefined,
  end: UpdateEnd,
): NodeReport[] {
  const tracks = tracksOf(observations);
  if (end.status === 'successful' && observations.at(-1)?.update.outdatedCount === 0) {
    for (const { instanceId, nodeName, zone = '' } of plan?.outdatedNodes ?? []) {
      if (tracks.has(instanceId)) continue;
      const node = omitUndefined({ instanceId, nodeName, zone });
      tracks.set(instanceId, { node, steps: [], evidence: new Set(), evictedCount: 0, podsLeft: 0, initialCount: 0 });
    }
  }
  const blocked = blockedNodes(tracks.values(), observations, end);
  return [...tracks.values()].map((track) => nodeOf(track, blocked, end)).sort(inOrderOfBeginning);
}

/** Join what consecutive looks saw held into spans, one per pod, holder and node. */
export function updateBlockingSpans(
  observations: readonly Observation[],
  nodes: readonly NodeReport[],
  end: UpdateEnd,
): BlockingSpan[] {
  const outcomes = new Map(nodes.map(({ instanceId, outcome }) => [instanceId, outcome]));
  const holders = new Map(
    observations.flatMap(({ update }) =>
      update.blockingPods.map(({ instanceId, nodeName }) => [instanceId, nodeName] as const),
    ),
  );
  return [...holders].flatMap(([instanceId, nodeName]) => {
    const turns = observations.map(({ beganAt, at, update }) => ({
      beganAt,
      at,
      blockingPods: update.blockingPods
        .filter((blockingPods) => blockingPods.instanceId === instanceId)
        .map(({ instanceId: _, nodeName: __, ...pod }) => pod),
    }));
    const isStuck = outcomes.get(instanceId) !== 'upgraded';
    const nowAt = isStuck && end.status === 'inProgress' ? end.observedAt : undefined;
    return blockingSpans({ instanceId, nodeName }, turns, isStuck, nowAt);
  });
}
