import * as z from 'zod';
import { checksumOf } from '../text.ts';
import type { Node } from '../types.ts';

/** Label of a node while its execution works on it, with an id of the group as its value: the conductor watches it. */
export const IN_HAND_LABEL = 'eks-nodegroup-upgrade/in-hand';
/** Annotation by which a node's execution says what it does. JSON. */
export const IN_HAND_ANNOTATION = 'eks-nodegroup-upgrade/in-hand';

/** Value of the label for the nodes of a group. */
export const inHandValue = (autoScalingGroupName: string): string => checksumOf(autoScalingGroupName);

/** What became of the decrement that was asked for: `no` when the instance was going already, `atMinimum` when MinSize forbade it. */
export const decrementOutcomeSchema = z.enum(['yes', 'no', 'atMinimum', 'unknown']);
export type DecrementOutcome = z.infer<typeof decrementOutcomeSchema>;

const inHandSchema = z.object({
  execution: z.string().describe('name of the node execution'),
  phase: z.enum(['draining', 'cordoned', 'terminating', 'blocked']),
  since: z.string().describe('of the phase, ISO-8601 UTC'),
  decrement: decrementOutcomeSchema.optional().describe('only with `terminating`, and only when it is not `yes`'),
});
/** What a node's execution says of itself on the Node. */
export type InHand = Readonly<z.infer<typeof inHandSchema>>;

/** Read what the execution of a node says; `undefined` when there is nothing, or nothing readable. */
export function readInHand(node: Node): InHand | undefined {
  const text = node.annotations[IN_HAND_ANNOTATION];
  if (text === undefined) return undefined;
  try {
    return inHandSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** The annotation's value. */
export const writeInHand = (inHand: InHand): string => JSON.stringify(inHand);
