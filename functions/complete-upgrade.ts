import * as z from 'zod';
import { toHandler } from '../clients/lambda.ts';
import { giveBackGroup, giveBackLock, giveBackNodes } from '../clients/operations/give-back.ts';
import { observeGroup } from '../clients/operations/observe-group.ts';
import { defineStep } from '../clients/step.ts';
import { sizesOf } from '../domain/journal.ts';
import { launchTemplateSchema } from '../domain/launch-template.ts';
import { runSchema } from '../domain/run.ts';

const inputSchema = z.strictObject({
  run: runSchema,
  launchTemplate: launchTemplateSchema,
  scaleDown: z.looseObject({ warnings: z.array(z.string()) }),
});

/** Remove every mark of ours from nodes and group, resume what we suspended, and give the lock back. */
export const completeUpgrade = defineStep(inputSchema, async ({ run, launchTemplate, scaleDown }, deps) => {
  const { group, members } = await observeGroup(deps, run, launchTemplate.version);
  const unmarked = await giveBackNodes(deps, run, members);
  await giveBackGroup(deps, group, launchTemplate);
  await giveBackLock(deps, run);
  return {
    summary: `${group.name} runs ${run.target.amiId} on ${members.length === 1 ? 'its only node' : `all ${members.length} nodes`}`,
    sizes: sizesOf(group),
    launchTemplateVersion: launchTemplate.version,
    previousLaunchTemplateVersion: launchTemplate.previousVersion,
    unmarkedNodes: unmarked,
    warnings: scaleDown.warnings,
  };
});

export const handler = toHandler(completeUpgrade);
