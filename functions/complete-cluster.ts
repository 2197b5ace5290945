import * as z from 'zod';
import { toHandler } from '../clients/lambda/handler.ts';
import { defineStep } from '../clients/lambda/step.ts';
import { clusterPlanSchema, nodegroupSelectionSchema } from '../domain/cluster/cluster.ts';
import { completeCluster as complete } from '../domain/cluster/completion.ts';

const inputSchema = z.strictObject({ plan: clusterPlanSchema, selection: nodegroupSelectionSchema });

/** Summarise how the run of a cluster ended: every group with its end, and the error of the first that failed. */
export const completeCluster = defineStep(inputSchema, async (progress) => complete(progress));

export const handler = toHandler(completeCluster);
