import * as z from 'zod';
import { toHandler } from '../clients/lambda.ts';
import { changeNodes } from '../clients/operations/change-node.ts';
import { observeGroup } from '../clients/operations/observe-group.ts';
import { defineStep } from '../clients/step.ts';
import { launchTemplateSchema } from '../domain/launch-template.ts';
import { closeOutdated, executionNameOf } from '../domain/marks.ts';
import { runSchema } from '../domain/run.ts';

const inputSchema = z.strictObject({ run: runSchema, launchTemplate: launchTemplateSchema });

/** Put the taint on every node that lacks the newest configuration, and only on those. */
export const taintOutdatedNodes = defineStep(inputSchema, async ({ run, launchTemplate }, deps) => {
  const { members } = await observeGroup(deps, run, launchTemplate.version);
  const outdated = members.flatMap(({ isOutdated, node }) => (isOutdated && node !== undefined ? [node] : []));
  const by = executionNameOf(run.executionArn);
  const cluster = await deps.cluster(run.clusterName);
  const tainted = await changeNodes(cluster, outdated, (node) => closeOutdated(node, by));
  return { outdated: outdated.length, tainted };
});

export const handler = toHandler(taintOutdatedNodes);
