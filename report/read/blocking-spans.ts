import type { BlockingPod } from '../../domain/state.ts';
import type { BlockingSpan } from '../model/model.ts';

const iso = (at: number): string => new Date(at).toISOString();

/** What one round of a drain saw. `beganAt` and `at`: when the step was entered, and when it returned, epoch ms. */
export interface DrainRound {
  readonly beganAt: number;
  readonly at: number;
  readonly blockingPods: readonly BlockingPod[];
}

interface Span {
  readonly pod: BlockingPod;
  readonly from: number;
  readonly until: number;
  readonly lastRound: number;
}

/** The spans of a drain by pod, reason and budget. */
function spansOf(rounds: readonly DrainRound[]): Span[] {
  const spans = new Map<string, Span>();
  rounds.forEach(({ beganAt, at, blockingPods }, index) => {
    for (const pod of blockingPods) {
      const key = `${pod.namespace}/${pod.name}/${pod.reason}/${pod.budget ?? ''}`;
      const since = pod.sinceAt === undefined ? Number.NaN : Date.parse(pod.sinceAt);
      // By another clock than that of the history: a span lies within the drain that saw it.
      const within = Math.min(Math.max(since, rounds[0]?.beganAt ?? beganAt), at);
      const from = spans.get(key)?.from ?? (Number.isFinite(since) ? within : beganAt);
      spans.set(key, { pod, from, until: at, lastRound: index });
    }
  });
  return [...spans.values()];
}

/**
 * Join what the rounds of one drain saw into spans, one for each pod and reason.
 *
 * @param isUnfinished the node was given up, or its drain is in progress: pods of the last round still block it
 * @param nowAt        epoch ms until which they do, while the drain is in progress
 */
export function blockingSpans(
  node: { instanceId: string; nodeName?: string },
  rounds: readonly DrainRound[],
  isUnfinished: boolean,
  nowAt?: number,
): BlockingSpan[] {
  return spansOf(rounds).map(({ pod, from, until, lastRound }) => {
    const isLast = lastRound === rounds.length - 1;
    const outcome = isUnfinished && isLast ? ('blocked' as const) : ('left' as const);
    // The pod left some time before the next round, which did not see it any more.
    const end = Math.max(from, isLast ? (nowAt ?? until) : (rounds[lastRound + 1]?.beganAt ?? until));
    return {
      ...pod,
      ...node,
      blockedFrom: iso(from),
      blockedUntil: iso(end),
      blockedSeconds: Math.round((end - from) / 1000),
      outcome,
      // Nobody has to do anything about a pod that stopped slowly, but did stop.
      ...(outcome === 'left' && pod.reason === 'terminating' ? { advice: '' } : {}),
    };
  });
}

/** Unresolved first, then longest first. */
export const byImportance = (left: BlockingSpan, right: BlockingSpan): number =>
  Number(right.outcome === 'blocked') - Number(left.outcome === 'blocked') ||
  right.blockedSeconds - left.blockedSeconds;
