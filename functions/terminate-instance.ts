import { toHandler } from '../clients/lambda/handler.ts';
import { defineStep } from '../clients/lambda/step.ts';
import { nodeStepSchema } from '../domain/drain/node-step.ts';
import { terminateEmptyNode } from '../operations/drain/terminate-empty-node.ts';

/**
 * Check the licence again, list what is on the node once more, and terminate its instance through the Auto Scaling group,
 * with a decrement where its admission says so.
 */
export const terminateInstance = defineStep(nodeStepSchema, (step, deps) => terminateEmptyNode(deps, step));

export const handler = toHandler(terminateInstance);
