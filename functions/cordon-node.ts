import * as z from 'zod';
import { toHandler } from '../clients/lambda/handler.ts';
import { defineStep } from '../clients/lambda/step.ts';
import { turnSchema, waveNodeSchema, workflowRunSchema } from '../domain/state.ts';
import { cordonEmptyNode } from '../operations/drain/cordon-empty-node.ts';

const inputSchema = z.strictObject({
  run: workflowRunSchema,
  node: waveNodeSchema.required({ nodeName: true }),
  turn: turnSchema,
});

/** Cordon the empty node. A cordon that was there before is left to its owner. */
export const cordonNode = defineStep(inputSchema, async ({ run, node, turn }, deps) => {
  const isCordonedAlready = turn.facts?.isUnschedulable ?? false;
  const outcome = await cordonEmptyNode(deps, run, node.nodeName, isCordonedAlready);
  return { status: outcome, cordonedAt: deps.clock.now().toISOString() };
});

export const handler = toHandler(cordonNode);
