import * as z from 'zod';
import { toHandler } from '../clients/lambda.ts';
import { lookForNewNodes } from '../clients/operations/look-for-new-nodes.ts';
import { pollUntil } from '../clients/operations/poll.ts';
import { defineStep } from '../clients/step.ts';
import { launchTemplateSchema } from '../domain/launch-template.ts';
import { runSchema } from '../domain/run.ts';

const POLL_SECONDS = 10;

const inputSchema = z.strictObject({
  run: runSchema,
  launchTemplate: launchTemplateSchema,
  scaleUp: z.looseObject({ requestedAt: z.string(), deadlineAt: z.string() }),
});

/**
 * Look whether the new nodes are Ready, one at least in every zone that has outdated nodes.
 *
 * @throws {NodeCreationFailure} past the deadline, or at once when the failed launch is one that no waiting mends
 */
export const checkNewNodes = defineStep(inputSchema, async ({ run, launchTemplate, scaleUp }, deps) => {
  const request = { run, launchTemplateVersion: launchTemplate.version, ...scaleUp };
  return pollUntil(
    deps.clock,
    POLL_SECONDS,
    () => lookForNewNodes(deps, request),
    ({ status }) => status === 'ready',
  );
});

export const handler = toHandler(checkNewNodes);
