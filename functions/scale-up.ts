import * as z from 'zod';
import { toHandler } from '../clients/lambda/handler.ts';
import { defineStep } from '../clients/lambda/step.ts';
import { launchTemplateSchema } from '../domain/nodegroup/launch-template.ts';
import { scaleUpSchema, slowBootsSchema, upgradeSchema, workflowRunSchema } from '../domain/state.ts';
import { raiseSurge } from '../operations/scale/raise-surge.ts';

const inputSchema = z.strictObject({
  run: workflowRunSchema,
  launchTemplate: launchTemplateSchema,
  upgrade: upgradeSchema.optional(),
  scaleUp: scaleUpSchema.optional(),
  slowBoots: slowBootsSchema.optional(),
  isAgain: z.boolean().optional(),
});

/**
 * Raise maximum and desired size by the surge, in one call, so that replacements come first; or by what the conductor or slow boots ask for.
 *
 * What an earlier run added and did not give back counts: nothing surges twice.
 *
 * @throws {LockLost}
 */
export const scaleUp = defineStep(inputSchema, async (request, deps) => raiseSurge(deps, request));

export const handler = toHandler(scaleUp);
