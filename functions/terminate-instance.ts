import * as z from 'zod';
import { toHandler } from '../clients/lambda.ts';
import { terminateDrained } from '../clients/operations/terminate-drained.ts';
import { defineStep } from '../clients/step.ts';
import { runSchema, waveNodeSchema } from '../domain/run.ts';

const inputSchema = z.strictObject({ run: runSchema, node: waveNodeSchema });

/** Ask the Auto Scaling group to terminate the drained instance, with a decrement when it takes back a surge node. */
export const terminateInstance = defineStep(inputSchema, async ({ run, node }, deps) => ({
  ...(await terminateDrained(deps, run, node.instanceId, node.absorb)),
  terminatedAt: deps.clock.now().toISOString(),
}));

export const handler = toHandler(terminateInstance);
