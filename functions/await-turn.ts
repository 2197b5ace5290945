import * as z from 'zod';
import { toHandler } from '../clients/lambda/handler.ts';
import { defineStep } from '../clients/lambda/step.ts';
import { waveNodeSchema, workflowRunSchema } from '../domain/state.ts';
import { lookAtTurn } from '../operations/admission/look-at-turn.ts';
import { pollUntil } from '../operations/nodegroup/poll.ts';

const POLL_SECONDS = 5;

const inputSchema = z.strictObject({
  run: workflowRunSchema,
  node: waveNodeSchema,
  launchTemplateVersion: z.string(),
  waitingSince: z.string(),
});

/** Wait, for as long as a step may, until this node may start draining; say what it waits for. */
export const awaitTurn = defineStep(inputSchema, async (request, deps) =>
  pollUntil(
    deps.clock,
    POLL_SECONDS,
    () => lookAtTurn(deps, request),
    ({ status }) => status !== 'wait',
  ),
);

export const handler = toHandler(awaitTurn);
