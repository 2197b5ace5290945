import * as z from 'zod';
import { toHandler } from '../clients/lambda/handler.ts';
import { defineStep } from '../clients/lambda/step.ts';
import { launchTemplateSchema } from '../domain/nodegroup/launch-template.ts';
import { decideScaleDown, warnOfTerminating } from '../domain/nodegroup/scale-down.ts';
import { workflowRunSchema } from '../domain/state.ts';
import { observeSurplus, takeBack } from '../operations/scale/take-back-surge.ts';

const inputSchema = z.strictObject({
  run: workflowRunSchema,
  launchTemplate: launchTemplateSchema,
  scaleDown: z.looseObject({ terminatingUntilAt: z.iso.datetime().optional() }),
});

/**
 * Take back one unit of what is left of the surge: a drained node, then one unit of the maximum size after the other.
 *
 * The phase ends when every node of the desired capacity is Ready and every old instance has left the group, or has been
 * terminating for too long. Desired capacity is never simply lowered, which would let the Auto Scaling group kill a busy node.
 */
export const scaleDown = defineStep(inputSchema, async ({ run, launchTemplate, scaleDown: last }, deps) => {
  const facts = await observeSurplus(deps, run, launchTemplate.version);
  const { terminatingUntilAt } = last;
  const action = decideScaleDown({ ...facts, terminatingUntilAt, now: deps.clock.now() });
  const readyNodes = facts.members.filter(({ isReady }) => isReady).length;
  const sizes = { maxSize: facts.maxSize, desiredCapacity: facts.desiredCapacity };
  if (action.kind === 'done') {
    const warnings = [...facts.warnings, ...warnOfTerminating(facts.terminating)];
    return { status: 'done', sizes, readyNodes, waitSeconds: 0, warnings };
  }
  const waitSeconds = await takeBack(deps, run, facts, action);
  return {
    status: 'scalingDown',
    action: action.kind,
    sizes,
    readyNodes,
    waitSeconds,
    terminatingUntilAt: action.kind === 'awaitTerminated' ? action.untilAt : terminatingUntilAt,
    warnings: facts.warnings,
  };
});

export const handler = toHandler(scaleDown);
