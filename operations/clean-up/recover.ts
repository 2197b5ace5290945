import type { Deps } from '../../clients/ports.ts';
import { failedNodesOf } from '../../domain/eks-update/failure.ts';
import { isClosed } from '../../domain/eks-update/members.ts';
import type { FailureState, Recovery } from '../../domain/nodegroup/failure.ts';
import type { EksUpdate } from '../../domain/types.ts';
import { findControl } from '../lease/control-record.ts';
import { observeGroup } from '../nodegroup/observe-group.ts';
import { cleanUpNodes, releaseLock, resumeProcesses } from './clean-up.ts';

/** The update that EKS was asked for, as it stands now. */
async function findUpdate(deps: Deps, { plan, update }: FailureState): Promise<EksUpdate | undefined> {
  if (update === undefined || plan?.run.engine !== 'eks') return undefined;
  return deps.eks.findUpdate(plan.run.clusterName, plan.run.nodegroupName, update.updateId);
}

/**
 * Undo what a failed run left on nodes and group, if it held the lock. A run that was refused has touched nothing.
 *
 * @returns what was done and what is left
 */
export async function recover(deps: Deps, state: FailureState): Promise<Recovery> {
  const run = state.plan?.run;
  if (run === undefined || state.lock === undefined) return { status: 'nothingTouched' };
  const cluster = await deps.cluster(run.clusterName);
  const lease = await findControl(cluster, run.autoScalingGroupName);
  // The execution that holds the lock now works on these nodes.
  if (lease?.holder !== run.executionArn) return { status: 'lockLost' };
  const { group, members } = await observeGroup(deps, run, state.launchTemplate?.version);
  const update = await findUpdate(deps, state);
  const cleanedNodes = await cleanUpNodes(deps, run, members);
  await resumeProcesses(deps, group);
  await releaseLock(deps, run);
  const outdated = members.filter(({ isOutdated }) => isOutdated);
  const closed = outdated.filter(({ node }) => node !== undefined && isClosed(node));
  return {
    status: 'recovered',
    cleanedNodes,
    outdatedNodes: outdated.length,
    renewedNodes: members.filter(({ isOutdated, isReady }) => !isOutdated && isReady).length,
    desiredCapacity: group.desiredCapacity,
    ...(update !== undefined && {
      closedNodes: closed.length,
      updateStatus: update.status,
      failedNodes: failedNodesOf(update),
    }),
  };
}
