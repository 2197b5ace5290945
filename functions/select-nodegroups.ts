import * as z from 'zod';
import { toHandler } from '../clients/lambda/handler.ts';
import { defineStep } from '../clients/lambda/step.ts';
import { clusterPlanSchema, nodegroupSelectionSchema } from '../domain/cluster/cluster.ts';
import { selectNodegroups as select } from '../domain/cluster/selection.ts';

const inputSchema = z.strictObject({ plan: clusterPlanSchema, selection: nodegroupSelectionSchema });

/**
 * Choose the node groups of a cluster that are upgraded next, from how those before them ended.
 *
 * Whether a group is still outdated is asked again by its own execution, which ends at once when it is not.
 */
export const selectNodegroups = defineStep(inputSchema, async (progress) => select(progress));

export const handler = toHandler(selectNodegroups);
