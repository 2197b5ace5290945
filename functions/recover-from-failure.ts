import * as z from 'zod';
import { toHandler } from '../clients/lambda/handler.ts';
import { defineStep } from '../clients/lambda/step.ts';
import { describeFailure, failureStateSchema } from '../domain/nodegroup/failure.ts';
import { recover } from '../operations/clean-up/recover.ts';

const inputSchema = z.strictObject({ executionArn: z.string(), state: failureStateSchema });

/** Clean up nodes and group, release the lock, and say what happened; sizes stay as they are, for the next run. */
export const recoverFromFailure = defineStep(inputSchema, async ({ state }, deps) => {
  const recovery = await recover(deps, state);
  return describeFailure(state, recovery);
});

export const handler = toHandler(recoverFromFailure);
