import * as z from 'zod';
import { toHandler } from '../clients/lambda/handler.ts';
import { defineStep } from '../clients/lambda/step.ts';
import { decideWave } from '../domain/admission/wave.ts';
import { ERROR_CLASSES } from '../domain/errors.ts';
import { launchTemplateSchema } from '../domain/nodegroup/launch-template.ts';
import { waveSchema, workflowRunSchema } from '../domain/state.ts';
import { failBlocked, lookAtWave } from '../operations/admission/look-at-wave.ts';

const inputSchema = z.strictObject({ run: workflowRunSchema, launchTemplate: launchTemplateSchema, wave: waveSchema });

/**
 * Choose the next outdated nodes, in random order, from what the group looks like now.
 *
 * @throws {PodEvictionFailure} {NodeTerminationFailure} {NodeCreationFailure} {AlarmTriggered} {UpgradeCancelled}
 *   {NotConverging} {AccessDenied} when the run must end
 */
export const selectNodes = defineStep(inputSchema, async ({ run, launchTemplate, wave }, deps) => {
  const facts = await lookAtWave(deps, { run, wave, launchTemplateVersion: launchTemplate.version });
  const decision = decideWave(facts);
  if (decision.kind === 'failure') throw new ERROR_CLASSES[decision.error](decision.cause);
  if (decision.kind === 'blocked') return failBlocked(deps, run, wave, decision);
  return decision.wave;
});

export const handler = toHandler(selectNodes);
