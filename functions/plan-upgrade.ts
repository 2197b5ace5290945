import * as z from 'zod';
import { toHandler } from '../clients/lambda/handler.ts';
import { defineStep } from '../clients/lambda/step.ts';
import { parseInput } from '../domain/input/input.ts';
import { makePlan } from '../domain/plan/plan.ts';
import { survey } from '../operations/plan/survey.ts';

const inputSchema = z.strictObject({ input: z.unknown(), executionArn: z.string(), startedAt: z.string() });

/**
 * Plan the upgrade: check the input, resolve the target once, work out parallelism and surge, find what would block.
 *
 * Changes nothing.
 *
 * @throws {InvalidInput} {ClusterNotFound} {NodegroupNotFound} {UnsupportedNodegroup} {AmiNotFound} {AccessDenied}
 *   {ClusterUnreachable} {AlarmTriggered}
 */
export const planUpgrade = defineStep(inputSchema, async ({ input, executionArn, startedAt }, deps) => {
  const facts = await survey(deps, { input: parseInput(input), executionArn, startedAt });
  return makePlan(facts);
});

export const handler = toHandler(planUpgrade);
