import { toHandler } from '../clients/lambda/handler.ts';
import { defineStep } from '../clients/lambda/step.ts';
import { deadlineOf, nodeStepSchema } from '../domain/drain/node-step.ts';
import { beginDrain } from '../operations/drain/begin-drain.ts';
import { drainWithinStep } from '../operations/drain/drain-within-step.ts';
import { giveUpNode } from '../operations/drain/give-up-node.ts';

/**
 * Drain the node for one step: check the licence, leave the load balancers, evict every pod within its budgets, say what
 * blocks the rest.
 *
 * The deadline is counted from the admission of the node, so a retry never extends it. A blocked node is made usable again.
 */
export const drainNode = defineStep(nodeStepSchema, async (step, deps) => {
  const { run, node, drain } = step;
  const begun = drain.status === 'draining' ? { ...drain, status: 'begun' as const } : await beginDrain(deps, step);
  if (begun.status !== 'begun') return begun;
  const deadlineAt = deadlineOf(step, deps.clock.now().toISOString());
  const target = { node: begun.node, startedAt: node.admittedAt, deadlineAt };
  const result = await drainWithinStep(deps, run, target, drain);
  if (result.status === 'blocked') await giveUpNode(deps, step, result);
  return result;
});

export const handler = toHandler(drainNode);
