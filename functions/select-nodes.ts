import * as z from 'zod';
import { toHandler } from '../clients/lambda.ts';
import { failBlocked, lookAtWave } from '../clients/operations/look-at-wave.ts';
import { defineStep } from '../clients/step.ts';
import { ERROR_CLASSES } from '../domain/errors.ts';
import { launchTemplateSchema } from '../domain/launch-template.ts';
import { runSchema, waveSchema } from '../domain/run.ts';
import { decideWave } from '../domain/wave.ts';

const inputSchema = z.strictObject({ run: runSchema, launchTemplate: launchTemplateSchema, wave: waveSchema });

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
