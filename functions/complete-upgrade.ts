import * as z from 'zod';
import { toHandler } from '../clients/lambda/handler.ts';
import { defineStep } from '../clients/lambda/step.ts';
import { completionStateSchema, describeCompletion } from '../domain/nodegroup/completion.ts';
import { complete } from '../operations/clean-up/complete.ts';

const inputSchema = z.strictObject({ executionArn: z.string(), state: completionStateSchema });

/** Clean up nodes and group, resume what this workflow suspended, and delete the lock. */
export const completeUpgrade = defineStep(inputSchema, async ({ state }, deps) =>
  describeCompletion(state, await complete(deps, state)),
);

export const handler = toHandler(completeUpgrade);
