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

/** A node's execution waited for its turn itself, and had no `isPaused` at first: its reason said so. */
const waitingTurn = z.looseObject({
  status: z.literal('wait'),
  reason: z.string(),
  isPaused: z.boolean().optional(),
});

/** States of earlier definitions whose `readyNodes` counts the whole group. */
export const EARLIER_GROUP_STATES = ['SelectNodes', 'AwaitTurn'] as const;

/** The state with which the upgrade phase began. */
export const EARLIER_UPGRADE_STATE = 'BeginWaves';

/** The state in which a node's execution, the child of a Map Run, waited until it was admitted. */
export const EARLIER_WAITING_STATE = 'AwaitTurn';

/** The input of the child of a Map Run. */
const childOfMapRun = z.looseObject({ node: z.looseObject({ absorb: z.boolean() }) });

/** The output of the child of a Map Run whose instance had left the group: `skipped` is something else today. */
const skippedChild = z.looseObject({ outcome: z.literal('skipped') });

/** Whether an execution, by its ARN, is the child of a Map Run. */
export const isOfMapRun = (executionArn: string | undefined): boolean => /:execution:[^:]*\//.test(executionArn ?? '');

/** Translate the input of the child of a Map Run. */
export function inputInTodaysForm(input: unknown): unknown {
  const child = childOfMapRun.safeParse(input).data;
  return child === undefined ? input : { ...child, node: { ...child.node, decrement: child.node.absorb } };
}

/** Translate how the child of a Map Run ended. */
export function resultInTodaysForm(output: unknown): unknown {
  const skipped = skippedChild.safeParse(output).data;
  return skipped === undefined ? output : { ...skipped, outcome: 'gone' };
}

/** A recovery had no `failedNodes`, and before that no `updateStatus`: the cause had EKS's words. */
const recoveryOfUpdate = z.looseObject({
  cause: z.string(),
  recovery: z.looseObject({
    status: z.literal('recovered'),
    updateStatus: z.string().optional(),
    failedNodes: z.undefined().optional(),
  }),
});

function withWait(output: unknown): unknown {
  const turn = waitingTurn.safeParse(output).data;
  if (turn === undefined) return output;
  const { reason, isPaused = reason.startsWith('paused by an operator: ') } = turn;
  return { ...turn, waitsFor: reason, isPaused };
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
  if (state === EARLIER_WAITING_STATE) return withWait(named);
  return state === 'RecoverFromFailure' ? withUpdateEnd(named) : named;
}
