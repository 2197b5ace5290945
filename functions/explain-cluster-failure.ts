import * as z from 'zod';
import { toHandler } from '../clients/lambda/handler.ts';
import { defineStep } from '../clients/lambda/step.ts';
import { caughtSchema, clusterFailure } from '../domain/cluster/failure.ts';

const inputSchema = z.strictObject({ error: caughtSchema });

/** Put the failure of a step of a cluster's run into a sentence. */
export const explainClusterFailure = defineStep(inputSchema, async ({ error }) => clusterFailure(error));

export const handler = toHandler(explainClusterFailure);
