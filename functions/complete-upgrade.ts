import * as z from 'zod';
import { toHandler } from '../clients/lambda.ts';
import { giveBackGroup, giveBackLock, giveBackNodes } from '../clients/operations/give-back.ts';
import { observeGroup } from '../clients/operations/observe-group.ts';
import { defineStep } from '../clients/step.ts';
import { completionStateSchema, describeCompletion } from '../domain/completion.ts';

const inputSchema = z.strictObject({ executionArn: z.string(), state: completionStateSchema });

/** Remove every mark of ours from nodes and group, resume what we suspended, and give the lock back. */
export const completeUpgrade = defineStep(inputSchema, async ({ state }, deps) => {
  const { run } = state.plan;
  const { group, members } = await observeGroup(deps, run, state.launchTemplate?.version);
  const unmarkedNodes = await giveBackNodes(deps, run, members);
  await giveBackGroup(deps, group, state.launchTemplate);
  await giveBackLock(deps, run);
  return describeCompletion(state, { group, members, unmarkedNodes });
});

export const handler = toHandler(completeUpgrade);
