import * as z from 'zod';
import { toHandler } from '../clients/lambda/handler.ts';
import { defineStep } from '../clients/lambda/step.ts';
import { launchTemplateSchema } from '../domain/nodegroup/launch-template.ts';
import { upgradeSchema, workflowRunSchema } from '../domain/state.ts';
import { scaleDownWithinStep } from '../operations/scale/scale-down.ts';

const inputSchema = z.strictObject({
  run: workflowRunSchema,
  launchTemplate: launchTemplateSchema,
  upgrade: upgradeSchema,
});

/**
 * Lower the maximum one by one, wait until the last new nodes are Ready and what was terminated has left, and check what a
 * success promises. Anything outdated or surplus goes back to the conductor.
 *
 * Desired capacity is never simply lowered, which would let the Auto Scaling group kill a busy node.
 */
export const scaleDown = defineStep(inputSchema, async (request, deps) => scaleDownWithinStep(deps, request));

export const handler = toHandler(scaleDown);
