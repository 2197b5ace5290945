import * as z from 'zod';
import { toHandler } from '../clients/lambda/handler.ts';
import { defineStep } from '../clients/lambda/step.ts';
import { parseClusterInput } from '../domain/cluster/input.ts';
import { makeClusterPlan } from '../domain/cluster/plan.ts';
import { settingsOf } from '../domain/cluster/settings.ts';
import { surveyCluster } from '../operations/plan/survey-cluster.ts';

const inputSchema = z.strictObject({
  input: z.unknown(),
  executionArn: z.string(),
  executionName: z.string(),
  startedAt: z.string(),
});

/**
 * Plan the upgrade of a cluster: find its groups, plan each as its own execution would, and list what is out of scope.
 *
 * Changes nothing.
 *
 * @throws {InvalidInput} {ClusterNotFound} {NodegroupNotFound} {UnsupportedNodegroup} {AmiNotFound} {UpgradeInProgress}
 *   {AccessDenied} {ClusterUnreachable} {AlarmTriggered}
 */
export const planCluster = defineStep(inputSchema, async ({ input, ...execution }, deps) => {
  const request = { input: parseClusterInput(input), settings: settingsOf(input), ...execution };
  return makeClusterPlan(await surveyCluster(deps, request));
});

export const handler = toHandler(planCluster);
