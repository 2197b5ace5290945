import * as z from 'zod';
import { entrySchema } from '../admission/entry.ts';
import { type Drain, drainSchema, workflowRunSchema } from '../state.ts';

/** Input of every step of a node's execution. */
export const nodeStepSchema = z.strictObject({
  run: workflowRunSchema.describe('the run that took the node'),
  node: entrySchema,
  drain: drainSchema,
  execution: z.string().describe('name of the execution'),
});
export type NodeStep = z.infer<typeof nodeStepSchema>;

/** A node that fills again as often as this is not worth another drain: there is a cause that lasts. */
const MOST_REFILLS = 10;

/**
 * How often pods were on a node again after it had been drained, if it is drained now.
 *
 * @param before output of the previous DrainNode
 */
export const refillsOf = (before: Drain): number =>
  'refills' in before ? before.refills + (before.status === 'drained' ? 1 : 0) : 0;

/**
 * The instant at which the drain of a node is over, ISO-8601 UTC: counted from its admission, so that no retry moves it. The
 * drain of a node that has filled too often is over now.
 */
export function deadlineOf({ run, node, drain }: Omit<NodeStep, 'execution'>, nowAt: string): string {
  const deadlineAt = new Date(Date.parse(node.admittedAt) + run.drainTimeoutSeconds * 1000).toISOString();
  return refillsOf(drain) > MOST_REFILLS && nowAt < deadlineAt ? nowAt : deadlineAt;
}

/** True when pods that are on a drained node are not drained again: with `force`, once it has filled too often. */
export const ignoresOccupants = ({ run, drain }: Omit<NodeStep, 'execution'>): boolean =>
  run.force && refillsOf(drain) > MOST_REFILLS;
