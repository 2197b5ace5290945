import * as z from 'zod';
import { toHandler } from '../clients/lambda/handler.ts';
import { defineStep } from '../clients/lambda/step.ts';
import { drainSchema, turnSchema, waveNodeSchema, workflowRunSchema } from '../domain/state.ts';
import { beginDrain } from '../operations/drain/begin-drain.ts';
import { drainWithinStep } from '../operations/drain/drain-within-step.ts';
import { parkNode } from '../operations/drain/park-node.ts';

const inputSchema = z.strictObject({
  run: workflowRunSchema,
  node: waveNodeSchema,
  turn: turnSchema.required({ admittedAt: true }),
  drain: drainSchema,
});

/**
 * Drain the node for one step: leave the load balancers, evict every pod within its budgets, say what blocks the rest.
 *
 * The deadline is counted from the admission of the node, so a retry never extends it.
 */
export const drainNode = defineStep(inputSchema, async ({ run, node, turn, drain }, deps) => {
  const { nodeName } = node;
  const { admittedAt: startedAt } = turn;
  const deadlineAt = new Date(Date.parse(startedAt) + run.drainTimeoutSeconds * 1000).toISOString();
  if (nodeName === undefined) return { ...drain, status: 'absent' as const };
  if (drain.status === 'pending') {
    const started = await beginDrain(deps, run, nodeName, turn.facts);
    if (started === 'absent') return { ...drain, status: 'absent' as const };
    await (await deps.cluster(run.clusterName)).recordNodeEvent(started, {
      type: 'Normal',
      reason: 'NodeUpgradeDraining',
      message: `Draining before ${node.instanceId} is replaced by a node on ${run.target.amiId}`,
    });
  }
  const result = await drainWithinStep(deps, run, { nodeName, startedAt, deadlineAt }, drain);
  if (result.status === 'blocked') await parkNode(deps, run, node, startedAt);
  return result;
});

export const handler = toHandler(drainNode);
