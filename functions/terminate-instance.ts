import * as z from 'zod';
import { toHandler } from '../clients/lambda/handler.ts';
import { defineStep } from '../clients/lambda/step.ts';
import { absorptionOf } from '../domain/admission/capacity.ts';
import { turnSchema, waveNodeSchema, workflowRunSchema } from '../domain/state.ts';
import { terminateDrained } from '../operations/drain/terminate-drained.ts';

const inputSchema = z.strictObject({ run: workflowRunSchema, node: waveNodeSchema, turn: turnSchema });

/** Ask the Auto Scaling group to terminate the drained instance, with a decrement when it takes back a surge node. */
export const terminateInstance = defineStep(inputSchema, async ({ run, node, turn }, deps) => {
  const now = deps.clock.now();
  const absorb = absorptionOf(node, turn, run, now.toISOString());
  return { ...(await terminateDrained(deps, run, node.instanceId, absorb)), terminatedAt: now.toISOString() };
});

export const handler = toHandler(terminateInstance);
