import type { Deps } from '../../clients/ports.ts';
import { NodeCreationFailure } from '../../domain/errors.ts';
import {
  assessNewNodes,
  describeLateNodes,
  type NewNodes,
  permanentFailure,
} from '../../domain/nodegroup/new-nodes.ts';
import { disableScaleDown, executionNameOf } from '../../domain/nodegroup/node-ownership.ts';
import type { WorkflowRun } from '../../domain/state.ts';
import { changeNodes } from '../nodegroup/change-node.ts';
import { observeGroup } from '../nodegroup/observe-group.ts';

/**
 * Observe the new nodes once, and protect those that have arrived from Cluster Autoscaler.
 *
 * @throws {NodeCreationFailure}
 */
export async function observeNewNodes(
  deps: Deps,
  request: { run: WorkflowRun; launchTemplateVersion: string; requestedAt: string; deadlineAt: string },
): Promise<NewNodes> {
  const { run, launchTemplateVersion, requestedAt, deadlineAt } = request;
  const { group, members } = await observeGroup(deps, run, launchTemplateVersion);
  const arrived = members.flatMap(({ isOutdated, node }) => (isOutdated || node === undefined ? [] : [node]));
  const by = executionNameOf(run.executionArn);
  await changeNodes(await deps.cluster(run.clusterName), arrived, (node) => disableScaleDown(node, by));

  const found = assessNewNodes(members, group.desiredCapacity, run);
  if (found.status === 'ready') return found;
  const failures = await deps.autoScaling.launchFailures(group.name, new Date(requestedAt));
  const now = deps.clock.now().getTime();
  const permanent = permanentFailure(failures);
  if (permanent === undefined && now < Date.parse(deadlineAt)) return found;
  const waitedSeconds = (now - Date.parse(requestedAt)) / 1000;
  throw new NodeCreationFailure(
    describeLateNodes(found, permanent === undefined ? failures : [permanent], waitedSeconds, run.requiredLabels),
  );
}
