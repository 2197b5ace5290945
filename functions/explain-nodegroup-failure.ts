import * as z from 'zod';
import { toHandler } from '../clients/lambda/handler.ts';
import { defineStep } from '../clients/lambda/step.ts';
import { caughtSchema, nodegroupFailure } from '../domain/cluster/failure.ts';

const inputSchema = z.strictObject({ name: z.string(), error: caughtSchema });

/** Turn the failed execution of a node group into a result: its own error and reason, short enough for the state. */
export const explainNodegroupFailure = defineStep(inputSchema, async ({ name, error }) =>
  nodegroupFailure(name, error),
);

export const handler = toHandler(explainNodegroupFailure);
