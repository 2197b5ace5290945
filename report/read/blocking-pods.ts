import type { BlockingPod } from '../../domain/state.ts';
import { asSentence } from '../../domain/text.ts';
import type { BlockingSpan } from '../model/model.ts';
import { listOf, objectOf, omitUndefined, textOf } from './fields.ts';

const iso = (at: number): string => new Date(at).toISOString();

/** A held pod as a step's output gives it; `undefined` when it names no pod. */
export function blockingPodOf(value: unknown): BlockingPod | undefined {
  const blockingPods = objectOf(value);
  const name = textOf(blockingPods.name);
  if (name === undefined) return undefined;
  return omitUndefined({
    namespace: textOf(blockingPods.namespace) ?? 'default',
    name,
    owner: textOf(blockingPods.owner),
    reason: (textOf(blockingPods.reason) ?? 'retry') as BlockingPod['reason'],
    detail: asSentence(textOf(blockingPods.detail) ?? ''),
    advice: asSentence(textOf(blockingPods.advice) ?? ''),
    budget: textOf(blockingPods.budget),
    sinceAt: textOf(blockingPods.sinceAt),
  });
}

export const blockingPodsOf = (value: unknown): BlockingPod[] =>
  listOf(value)
    .map(blockingPodOf)
    .filter((blockingPods) => blockingPods !== undefined);

/** What one drain turn saw. `beganAt` and `at`: when the step was entered, and when it answered, epoch ms. */
export interface DrainTurn {
  readonly beganAt: number;
  readonly at: number;
  readonly blockingPods: readonly BlockingPod[];
}

/**
 * Join what consecutive turns of one drain saw held into spans, one per pod and holder.
 *
 * @param gaveUp the node was given up, or is being drained still: pods of the last turn are held, not gone
 * @param nowAt  epoch ms until which they are held then, while the drain goes on
 */
export function blockingSpans(
  node: { instanceId: string; nodeName?: string },
  turns: readonly DrainTurn[],
  gaveUp: boolean,
  nowAt?: number,
): BlockingSpan[] {
  const spans = new Map<string, { blockingPods: BlockingPod; from: number; until: number; lastTurn: number }>();
  turns.forEach((turn, index) => {
    for (const blockingPods of turn.blockingPods) {
      const key = `${blockingPods.namespace}/${blockingPods.name}/${blockingPods.reason}/${blockingPods.budget ?? ''}`;
      const since = blockingPods.sinceAt === undefined ? Number.NaN : Date.parse(blockingPods.sinceAt);
      const span = spans.get(key) ?? {
        blockingPods,
        from: Number.isFinite(since) ? since : turn.beganAt,
        until: turn.at,
        lastTurn: index,
      };
      spans.set(key, { ...span, blockingPods, until: turn.at, lastTurn: index });
    }
  });
  return [...spans.values()].map(({ blockingPods, from, until, lastTurn }) => {
    const isLast = lastTurn === turns.length - 1;
    const outcome = gaveUp && isLast ? ('blocked' as const) : ('left' as const);
    // It went some time before the next turn, which no longer saw it held.
    const end = Math.max(from, isLast ? (nowAt ?? until) : (turns[lastTurn + 1]?.beganAt ?? until));
    return {
      ...blockingPods,
      ...node,
      blockedFrom: iso(from),
      blockedUntil: iso(end),
      blockedSeconds: Math.round((end - from) / 1000),
      outcome,
      // A pod that took its time to stop, and did stop, asks nobody to do anything.
      ...(outcome === 'left' && blockingPods.reason === 'terminating' ? { advice: '' } : {}),
    };
  });
}

/** Unresolved first, then longest first. */
export const byImportance = (left: BlockingSpan, right: BlockingSpan): number =>
  Number(right.outcome === 'blocked') - Number(left.outcome === 'blocked') ||
  right.blockedSeconds - left.blockedSeconds;
