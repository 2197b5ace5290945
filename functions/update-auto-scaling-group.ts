import * as z from 'zod';
import { toHandler } from '../clients/lambda/handler.ts';
import { defineStep } from '../clients/lambda/step.ts';
import { launchTemplateSchema } from '../domain/nodegroup/launch-template.ts';
import { workflowRunSchema } from '../domain/state.ts';
import { readGroup } from '../operations/nodegroup/observe-group.ts';
import { setUpGroup } from '../operations/scale/set-up-group.ts';

const inputSchema = z.strictObject({ run: workflowRunSchema, launchTemplate: launchTemplateSchema });

/** Write the original sizes down as tags, suspend AZRebalance, and let the group launch from the target version. */
export const updateAutoScalingGroup = defineStep(inputSchema, async ({ run, launchTemplate }, deps) => {
  const group = await readGroup(deps, run.autoScalingGroupName);
  const changes = await setUpGroup(deps, run, group, launchTemplate);
  return { ...changes, originalSizes: run.originalSizes, launchTemplateVersion: launchTemplate.version };
});

export const handler = toHandler(updateAutoScalingGroup);
