import * as z from 'zod';
import { toHandler } from '../clients/lambda/handler.ts';
import { defineStep } from '../clients/lambda/step.ts';
import { completionStateSchema, describeCompletion } from '../domain/nodegroup/completion.ts';
import { cleanUpGroup, cleanUpLock, cleanUpNodes } from '../operations/clean-up/clean-up.ts';
import { observeGroup } from '../operations/nodegroup/observe-group.ts';

const inputSchema = z.strictObject({ executionArn: z.string(), state: completionStateSchema });

/** Clean up nodes and group, resume what this workflow suspended, and delete the lock. */
export const completeUpgrade = defineStep(inputSchema, async ({ state }, deps) => {
  const { run } = state.plan;
  const { group, members } = await observeGroup(deps, run, state.launchTemplate?.version);
  const cleanedNodes = await cleanUpNodes(deps, run, members);
  await cleanUpGroup(deps, group, state.launchTemplate);
  await cleanUpLock(deps, run);
  return describeCompletion(state, { group, members, cleanedNodes });
});

export const handler = toHandler(completeUpgrade);
