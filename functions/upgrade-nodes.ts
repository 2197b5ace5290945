import * as z from 'zod';
import { toHandler } from '../clients/lambda/handler.ts';
import { defineStep } from '../clients/lambda/step.ts';
import { launchTemplateSchema } from '../domain/nodegroup/launch-template.ts';
import { upgradeSchema, workflowRunSchema } from '../domain/state.ts';
import { conductWithinStep } from '../operations/admission/conduct.ts';

const inputSchema = z.strictObject({
  run: workflowRunSchema,
  launchTemplate: launchTemplateSchema,
  upgrade: upgradeSchema,
  executionArn: z.string(),
  retryCount: z.int().min(0),
  eventBudget: z.int().min(1),
});

/**
 * Conduct the upgrade for one step: observe the group, admit nodes, start their executions, and watch them.
 *
 * @throws {LockLost} when another execution or invocation works on the group
 * @throws {PodEvictionFailure} {NodeTerminationFailure} {NodeCreationFailure} {AlarmTriggered} {UpgradeCancelled}
 *   {NotConverging} {AccessDenied} when the run must end
 */
export const upgradeNodes = defineStep(inputSchema, async (request, deps) => conductWithinStep(deps, request));

export const handler = toHandler(upgradeNodes);
