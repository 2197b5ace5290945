import * as z from 'zod';
import { toHandler } from '../clients/lambda/handler.ts';
import { defineStep } from '../clients/lambda/step.ts';
import { chooseKeptFree } from '../domain/nodegroup/kept-free.ts';
import { launchTemplateSchema } from '../domain/nodegroup/launch-template.ts';
import { executionNameOf, keepFree, taintOutdated } from '../domain/nodegroup/node-ownership.ts';
import { outdatedInScope } from '../domain/nodegroup/scope.ts';
import { workflowRunSchema } from '../domain/state.ts';
import { changeNodes } from '../operations/nodegroup/change-node.ts';
import { observeGroup } from '../operations/nodegroup/observe-group.ts';

const inputSchema = z.strictObject({ run: workflowRunSchema, launchTemplate: launchTemplateSchema });

/** Taint every outdated node that is upgraded, and the new nodes that exist only so that every zone has one. */
export const taintOutdatedNodes = defineStep(inputSchema, async ({ run, launchTemplate }, deps) => {
  const { members } = await observeGroup(deps, run, launchTemplate.version);
  const outdated = outdatedInScope(members, run.nodes);
  const keptFree = chooseKeptFree(members, outdated, run.surge - outdated.length);
  const nodesOf = (chosen: typeof members) => chosen.flatMap(({ node }) => node ?? []);
  const by = executionNameOf(run.executionArn);
  const cluster = await deps.cluster(run.clusterName);
  const tainted = await changeNodes(cluster, nodesOf(outdated), (node) => taintOutdated(node, by));
  await changeNodes(cluster, nodesOf(keptFree), (node) => keepFree(node, by));
  return { outdated: outdated.length, tainted, keptFree: keptFree.length };
});

export const handler = toHandler(taintOutdatedNodes);
