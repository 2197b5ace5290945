import * as z from 'zod';
import { toHandler } from '../clients/lambda.ts';
import { readGroup } from '../clients/operations/observe-group.ts';
import { setUpGroup } from '../clients/operations/set-up-group.ts';
import { defineStep } from '../clients/step.ts';
import { originalSizes } from '../domain/journal.ts';
import { launchTemplateSchema } from '../domain/launch-template.ts';
import { runSchema } from '../domain/run.ts';

const inputSchema = z.strictObject({ run: runSchema, launchTemplate: launchTemplateSchema });

/** Write the original sizes down as tags, suspend AZRebalance, and let the group launch from the target version. */
export const updateAutoScalingGroup = defineStep(inputSchema, async ({ run, launchTemplate }, deps) => {
  const group = await readGroup(deps, run.autoScalingGroupName);
  const changes = await setUpGroup(deps, run, group, launchTemplate.version);
  return { ...changes, originalSizes: originalSizes(group), launchTemplateVersion: launchTemplate.version };
});

export const handler = toHandler(updateAutoScalingGroup);
