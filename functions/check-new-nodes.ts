import * as z from 'zod';
import { toHandler } from '../clients/lambda/handler.ts';
import { defineStep } from '../clients/lambda/step.ts';
import { launchTemplateSchema } from '../domain/nodegroup/launch-template.ts';
import { workflowRunSchema } from '../domain/state.ts';
import { awaitNewNodes } from '../operations/scale/await-new-nodes.ts';

const inputSchema = z.strictObject({
  run: workflowRunSchema,
  launchTemplate: launchTemplateSchema,
  scaleUp: z.looseObject({ requestedAt: z.string(), deadlineAt: z.string(), added: z.int().optional() }),
});

/**
 * Check whether the new nodes are Ready, at least one in every zone that has outdated nodes, and measure how they boot.
 *
 * @throws {NodeCreationFailure} past the deadline, or at once when the failed launch is one that no waiting mends
 * @throws {NotConverging} when somebody else takes the surge back again and again
 */
export const checkNewNodes = defineStep(inputSchema, async ({ run, launchTemplate, scaleUp }, deps) =>
  awaitNewNodes(deps, { run, launchTemplate, ...scaleUp }),
);

export const handler = toHandler(checkNewNodes);
