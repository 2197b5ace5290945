import type { Deps } from '../../clients/ports.ts';
import { NodeCreationFailure } from '../../domain/errors.ts';
import {
  assessNewNodes,
  describeLateNodes,
  type NewNodes,
  permanentFailure,
} from '../../domain/nodegroup/new-nodes.ts';
import { disableScaleDown, executionNameOf } from '../../domain/nodegroup/node-ownership.ts';
import { outdatedInScope } from '../../domain/nodegroup/scope.ts';
import { decideSlowBoots, describeSlowBoots, measureBoot } from '../../domain/plan/slow-boots.ts';
import type { SlowBoots, WorkflowRun } from '../../domain/state.ts';
import { changeNodes } from '../nodegroup/change-node.ts';
import { observeGroup } from '../nodegroup/observe-group.ts';

/** What CheckNewNodes waits for. */
interface NewNodesRequest {
  readonly run: WorkflowRun;
  readonly launchTemplateVersion: string;
  readonly requestedAt: string;
  readonly deadlineAt: string;
  /** Surge that was added because nodes boot slowly: it is not waited for, and not added twice. */
  readonly added?: number | undefined;
}

/** Output of CheckNewNodes. */
type NewNodesFound =
  | NewNodes
  | (Omit<NewNodes, 'status'> & {
      readonly status: 'slow';
      readonly slowBoots: SlowBoots;
      readonly warnings: readonly string[];
    });

/** @throws {NodeCreationFailure} past the deadline, or at once when the failed launch is one that no waiting mends */
async function checkLaunches(deps: Deps, request: NewNodesRequest, found: NewNodes): Promise<{ hasFailed: boolean }> {
  const { run, requestedAt, deadlineAt } = request;
  const failures = await deps.autoScaling.launchFailures(run.autoScalingGroupName, new Date(requestedAt));
  const now = deps.clock.now().getTime();
  const permanent = permanentFailure(failures);
  if (permanent === undefined && now < Date.parse(deadlineAt)) return { hasFailed: failures.length > 0 };
  const waitedSeconds = (now - Date.parse(requestedAt)) / 1000;
  throw new NodeCreationFailure(
    describeLateNodes(found, permanent === undefined ? failures : [permanent], waitedSeconds, run.requiredLabels),
  );
}

/**
 * Observe the new nodes once, and protect those that have arrived from Cluster Autoscaler.
 *
 * @returns `slow` when they boot so slowly that more surge is worth its price
 * @throws {NodeCreationFailure}
 */
export async function observeNewNodes(deps: Deps, request: NewNodesRequest): Promise<NewNodesFound> {
  const { run, launchTemplateVersion, requestedAt, added } = request;
  const { group, members, instances } = await observeGroup(deps, run, launchTemplateVersion);
  const arrived = members.flatMap(({ isOutdated, node }) => (isOutdated || node === undefined ? [] : [node]));
  const by = executionNameOf(run.executionArn);
  await changeNodes(await deps.cluster(run.clusterName), arrived, (node) => disableScaleDown(node, by));

  const found = assessNewNodes(members, group.desiredCapacity, run, added);
  // Where launches fail more of them would not help.
  const { hasFailed } = found.status === 'ready' ? { hasFailed: false } : await checkLaunches(deps, request, found);
  const nowAt = deps.clock.now().toISOString();
  const boot = added === undefined && !hasFailed ? measureBoot(members, instances, requestedAt, nowAt) : undefined;
  if (boot === undefined) return found;
  const slowBoots = decideSlowBoots(run, boot, outdatedInScope(members, run.nodes).length);
  if (slowBoots === undefined) return found;
  return { ...found, status: 'slow', slowBoots, warnings: [describeSlowBoots(slowBoots)] };
}
