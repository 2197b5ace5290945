import type { HeldPod } from '../../domain/state.ts';
import { asSentence } from '../../domain/text.ts';
import type { HeldSpan } from '../model/model.ts';
import { compact, listOf, objectOf, textOf } from './fields.ts';

const iso = (at: number): string => new Date(at).toISOString();

/** A held pod as a step's output gives it; `undefined` when it names no pod. */
export function heldPodOf(value: unknown): HeldPod | undefined {
  const held = objectOf(value);
  const name = textOf(held.name);
  if (name === undefined) return undefined;
  return compact({
    namespace: textOf(held.namespace) ?? 'default',
    name,
    owner: textOf(held.owner),
    reason: (textOf(held.reason) ?? 'retry') as HeldPod['reason'],
    detail: asSentence(textOf(held.detail) ?? ''),
    advice: asSentence(textOf(held.advice) ?? ''),
    budget: textOf(held.budget),
    sinceAt: textOf(held.sinceAt),
  });
}

export const heldPodsOf = (value: unknown): HeldPod[] =>
  listOf(value)
    .map(heldPodOf)
    .filter((held) => held !== undefined);

/** What one drain turn saw. `beganAt` and `at`: when the step was entered, and when it answered, epoch ms. */
export interface DrainTurn {
  readonly beganAt: number;
  readonly at: number;
  readonly held: readonly HeldPod[];
}

/**
 * Join what consecutive turns of one drain saw held into spans, one per pod and holder.
 *
 * @param gaveUp the node was given up, or is being drained still: pods of the last turn are held, not gone
 * @param nowAt  epoch ms until which they are held then, while the drain goes on
 */
export function heldSpans(
  node: { instanceId: string; nodeName?: string },
  turns: readonly DrainTurn[],
  gaveUp: boolean,
  nowAt?: number,
): HeldSpan[] {
  const spans = new Map<string, { held: HeldPod; from: number; until: number; lastTurn: number }>();
  turns.forEach((turn, index) => {
    for (const held of turn.held) {
      const key = `${held.namespace}/${held.name}/${held.reason}/${held.budget ?? ''}`;
      const since = held.sinceAt === undefined ? Number.NaN : Date.parse(held.sinceAt);
      const span = spans.get(key) ?? {
        held,
        from: Number.isFinite(since) ? since : turn.beganAt,
        until: turn.at,
        lastTurn: index,
      };
      spans.set(key, { ...span, held, until: turn.at, lastTurn: index });
    }
  });
  return [...spans.values()].map(({ held, from, until, lastTurn }) => {
    const isLast = lastTurn === turns.length - 1;
    const outcome = gaveUp && isLast ? ('held' as const) : ('left' as const);
    // It went some time before the next turn, which no longer saw it held.
    const end = Math.max(from, isLast ? (nowAt ?? until) : (turns[lastTurn + 1]?.beganAt ?? until));
    return {
      ...held,
      ...node,
      heldFrom: iso(from),
      heldUntil: iso(end),
      heldSeconds: Math.round((end - from) / 1000),
      outcome,
      // A pod that took its time to stop, and did stop, asks nobody to do anything.
      ...(outcome === 'left' && held.reason === 'terminating' ? { advice: '' } : {}),
    };
  });
}

/** Unresolved first, then longest first. */
export const byImportance = (left: HeldSpan, right: HeldSpan): number =>
  Number(right.outcome === 'held') - Number(left.outcome === 'held') || right.heldSeconds - left.heldSeconds;
