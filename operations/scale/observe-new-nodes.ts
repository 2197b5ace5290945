import type { Deps } from '../../clients/ports.ts';
import { NodeCreationFailure } from '../../domain/errors.ts';
import {
  assessNewNodes,
  describeLateNodes,
  type NewNodes,
  permanentFailure,
} from '../../domain/nodegroup/new-nodes.ts';
import { disableScaleDown, executionNameOf } from '../../domain/nodegroup/node-ownership.ts';
import { isLeaving } from '../../domain/nodegroup/nodegroup.ts';
import { outdatedInScope } from '../../domain/nodegroup/scope.ts';
import { decideSlowBoots, describeSlowBoots, measureBoot } from '../../domain/plan/slow-boots.ts';
import type { SlowBoots, WorkflowRun } from '../../domain/state.ts';
import type { OpenAccounts } from '../admission/open-accounts.ts';
import { changeNodes } from '../nodegroup/change-node.ts';

/** What CheckNewNodes waits for. */
export interface NewNodesRequest {
  readonly run: WorkflowRun;
  readonly requestedAt: string;
  readonly deadlineAt: string;
  /** Surge that was added because nodes boot slowly: it is not waited for, and not added twice. */
  readonly added?: number | undefined;
}

/** Output of CheckNewNodes. */
export type NewNodesFound =
  | NewNodes
  | (Omit<NewNodes, 'status'> & { readonly status: 'surgeGone' })
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
 * Judge the new nodes as they were read, and protect those that have arrived from Cluster Autoscaler.
 *
 * @returns `slow` when they boot so slowly that more surge is worth its price
 * @throws {NodeCreationFailure}
 */
export async function observeNewNodes(
  deps: Deps,
  request: NewNodesRequest,
  { reading, seen }: Pick<OpenAccounts, 'reading' | 'seen'>,
): Promise<NewNodesFound> {
  const { run, requestedAt, added } = request;
  const { instances } = reading;
  const members = seen.members.filter(({ lifecycleState }) => !isLeaving(lifecycleState));
  const arrived = members.flatMap(({ isOutdated, node }) => (isOutdated || node === undefined ? [] : [node]));
  const by = executionNameOf(run.executionArn);
  await changeNodes(await deps.cluster(run.clusterName), arrived, (node) => disableScaleDown(node, by));

  const found = assessNewNodes(members, seen.sizes.desiredCapacity, run, added);
  // Where launches fail more of them would not help.
  const { hasFailed } = found.status === 'ready' ? { hasFailed: false } : await checkLaunches(deps, request, found);
  const nowAt = deps.clock.now().toISOString();
  const boot = added === undefined && !hasFailed ? measureBoot(members, instances, requestedAt, nowAt) : undefined;
  if (boot === undefined) return found;
  const slowBoots = decideSlowBoots(run, boot, outdatedInScope(members, run.nodes).length);
  if (slowBoots === undefined) return found;
  return { ...found, status: 'slow', slowBoots, warnings: [describeSlowBoots(slowBoots)] };
}
