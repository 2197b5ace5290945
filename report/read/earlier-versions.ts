import * as z from 'zod';

/*
 * Histories of earlier versions, translated when a state's output is read. No other file handles earlier names and
 * sentences; remove this one when no such history is left.
 */

/** Members of outputs that were renamed: their earlier names, and those of today. */
const RENAMED: Readonly<Record<string, string>> = {
  held: 'blockingPods',
  heldCount: 'blockingPodCount',
  blockers: 'blockingPods',
  blockerCount: 'blockingPodCount',
  unmarkedNodes: 'cleanedNodes',
};

/** Evidence about a node that EKS replaces: earlier sentences, and the values of today. */
const RENAMED_EVIDENCE: Readonly<Record<string, string>> = {
  'its pods are being evicted': 'evictions',
  'it was cordoned': 'cordon',
  'its instance is terminating': 'termination',
  'presumed: nothing moves, and all pods left on it are held': 'inferred',
};

const HAS_EARLIER_NAME = new RegExp(`"(?:${Object.keys(RENAMED).join('|')})":`);

function renamed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(renamed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [
      RENAMED[key] ?? key,
      key === 'evidence' ? (RENAMED_EVIDENCE[String(member)] ?? member) : renamed(member),
    ]),
  );
}

/** A turn had no `isPaused`: its reason said so. */
const pausedTurn = z.looseObject({
  reason: z.string().startsWith('paused by an operator: '),
  isPaused: z.undefined().optional(),
});

/** A recovery had no `failedNodes`, and before that no `updateStatus`: the cause had EKS's words. */
const recoveryOfUpdate = z.looseObject({
  cause: z.string(),
  recovery: z.looseObject({
    status: z.literal('recovered'),
    updateStatus: z.string().optional(),
    failedNodes: z.undefined().optional(),
  }),
});

function withPause(output: unknown): unknown {
  const turn = pausedTurn.safeParse(output).data;
  return turn === undefined ? output : { ...turn, isPaused: true };
}

function withUpdateEnd(output: unknown): unknown {
  const failed = recoveryOfUpdate.safeParse(output).data;
  const end = /\bEKS update \S+ ended as (\w+)/.exec(failed?.cause ?? '')?.[1];
  if (failed === undefined || end === undefined) return output;
  const failedNodes = [...new Set(failed.cause.match(/[\w.-]*\w/g))];
  return { ...failed, recovery: { updateStatus: end, ...failed.recovery, failedNodes } };
}

/**
 * Translate what a state of an earlier version returned into the output of today.
 *
 * @param output the value of `text`, which is JSON
 */
export function inTodaysForm(state: string, output: unknown, text: string): unknown {
  const named = HAS_EARLIER_NAME.test(text) ? renamed(output) : output;
  if (state === 'AwaitTurn') return withPause(named);
  return state === 'RecoverFromFailure' ? withUpdateEnd(named) : named;
}
