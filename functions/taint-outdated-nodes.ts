import * as z from 'zod';
import { toHandler } from '../clients/lambda/handler.ts';
import { defineStep } from '../clients/lambda/step.ts';
import { launchTemplateSchema } from '../domain/nodegroup/launch-template.ts';
import { executionNameOf, taintOutdated } from '../domain/nodegroup/node-ownership.ts';
import { workflowRunSchema } from '../domain/state.ts';
import { changeNodes } from '../operations/nodegroup/change-node.ts';
import { observeGroup } from '../operations/nodegroup/observe-group.ts';

const inputSchema = z.strictObject({ run: workflowRunSchema, launchTemplate: launchTemplateSchema });

/** Taint every outdated node, and no other. */
export const taintOutdatedNodes = defineStep(inputSchema, async ({ run, launchTemplate }, deps) => {
  const { members } = await observeGroup(deps, run, launchTemplate.version);
  const outdated = members.flatMap(({ isOutdated, node }) => (isOutdated && node !== undefined ? [node] : []));
  const by = executionNameOf(run.executionArn);
  const cluster = await deps.cluster(run.clusterName);
  const tainted = await changeNodes(cluster, outdated, (node) => taintOutdated(node, by));
  return { outdated: outdated.length, tainted };
});

export const handler = toHandler(taintOutdatedNodes);
