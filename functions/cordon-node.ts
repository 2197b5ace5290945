import * as z from 'zod';
import { toHandler } from '../clients/lambda/handler.ts';
import { defineStep } from '../clients/lambda/step.ts';
import { nodeStepSchema } from '../domain/drain/node-step.ts';
import { drainedNodeSchema } from '../domain/state.ts';
import { cordonEmptyNode } from '../operations/drain/cordon-empty-node.ts';

const inputSchema = nodeStepSchema.extend({ drain: z.looseObject({ node: drainedNodeSchema }) });

/** Cordon the empty node. A cordon that was there before is left to its owner. */
export const cordonNode = defineStep(inputSchema, (step, deps) => cordonEmptyNode(deps, step, step.drain.node));

export const handler = toHandler(cordonNode);
