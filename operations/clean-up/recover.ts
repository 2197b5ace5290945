import type { Cluster, Deps } from '../../clients/ports.ts';
import { failedNodesOf } from '../../domain/eks-update/failure.ts';
import { isClosed } from '../../domain/eks-update/members.ts';
import { ERROR_NAMES } from '../../domain/errors.ts';
import type { FailureState, Recovered, Recovery } from '../../domain/nodegroup/failure.ts';
import { executionNameOf } from '../../domain/nodegroup/node-ownership.ts';
import { hasOriginalSettings, originalSettingsTags } from '../../domain/nodegroup/original-settings.ts';
import { accountsPutBack } from '../../domain/nodegroup/put-back.ts';
import { outdatedInScope } from '../../domain/nodegroup/scope.ts';
import type { Run } from '../../domain/state.ts';
import type { AutoScalingGroup, EksUpdate } from '../../domain/types.ts';
import { isAlive } from '../lease/holder.ts';
import { findRecord } from '../lease/record.ts';
import { lookForGroup, observeGroup } from '../nodegroup/observe-group.ts';
import { type CleanedUp, cleanUpAfterFailure } from './after-failure.ts';
import { type PutBack, putBack, type UnprovedRun } from './put-back.ts';
import { endLease, fenceLease, releaseLease } from './release-lease.ts';

/** The update that EKS was asked for, as it stands now. */
async function findUpdate(deps: Deps, { plan, update }: FailureState): Promise<EksUpdate | undefined> {
  if (update === undefined || plan?.run.engine !== 'eks') return undefined;
  return deps.eks.findUpdate(plan.run.clusterName, plan.run.nodegroupName, update.updateId);
}

const isRefusal = ({ error }: FailureState): boolean => ERROR_NAMES.refused.some((name) => name === error.Error);

/** Release a Lease that AcquireLock has taken without being able to say so. */
async function releaseUnused(deps: Deps, run: Run, state: FailureState): Promise<void> {
  if (isRefusal(state)) return;
  await releaseLease(await deps.cluster(run.clusterName), run.autoScalingGroupName, run.executionArn);
}

/** Tags that hold the original settings and are missing; `undefined` before the run has touched the group. */
function missingTagsOf(state: FailureState, run: Run, group: AutoScalingGroup): Record<string, string> | undefined {
  const isTouched = state.group !== undefined || hasOriginalSettings(group);
  if (run.engine === 'eks' || !isTouched) return undefined;
  return originalSettingsTags(group, run, state.plan?.group?.launchTemplateVersion);
}

/** Whether another execution that is alive, or may be, holds the lock. */
async function isLockLost(deps: Deps, cluster: Cluster, run: Run): Promise<boolean> {
  const holder = (await findRecord(cluster, run.autoScalingGroupName))?.holder;
  return holder !== undefined && holder !== run.executionArn && (await isAlive(deps, holder, run.executionArn));
}

/** The run as far as it got, for the group to be put back if need be: EKS puts back what it does itself. */
function unprovedRunOf({ plan, launchTemplate }: FailureState): UnprovedRun | undefined {
  if (plan === undefined || plan.run.engine === 'eks') return undefined;
  const { launchTemplateVersion: statedVersion = plan.run.target.sourceVersion } = plan.group ?? {};
  return { run: plan.run, launchTemplate, statedVersion };
}

function putBackOf(undone: PutBack | undefined): Pick<Recovered, 'putBack'> {
  if (undone === undefined) return {};
  const { group: _, ...told } = undone;
  return { putBack: told };
}

/** Release the Lease; after a run that was put back nothing of it is left to remember. */
async function release(
  cluster: Cluster,
  { autoScalingGroupName: name, executionArn }: Run,
  undone: PutBack | undefined,
): Promise<void> {
  if (undone === undefined) await releaseLease(cluster, name, executionArn);
  else if (undone.isComplete) await endLease(cluster, name, executionArn, () => true);
  else await releaseLease(cluster, name, executionArn, (accounts) => accountsPutBack(accounts, undone.group));
}

/** What the clean-up has left. */
function describe(
  { group, members }: Awaited<ReturnType<typeof observeGroup>>,
  run: Run,
  outcome: Extract<CleanedUp, { status: 'cleanedUp' }>,
  update: EksUpdate | undefined,
): Recovery {
  const outdated = outdatedInScope(members, run.engine === 'workflow' ? run.nodes : undefined);
  const closed = outdated.filter(({ node }) => node !== undefined && isClosed(node));
  return {
    status: 'recovered',
    cleanedNodes: outcome.cleanedNodes,
    outdatedNodes: outdated.length,
    renewedNodes: members.filter(({ isOutdated, isReady }) => !isOutdated && isReady).length,
    desiredCapacity: (outcome.putBack?.group ?? group).desiredCapacity,
    ...putBackOf(outcome.putBack),
    ...(outcome.inHand > 0 && { nodesInHand: outcome.inHand }),
    ...(outcome.cordonedNodes > 0 && { cordonedNodes: outcome.cordonedNodes }),
    ...(update !== undefined && {
      closedNodes: closed.length,
      updateStatus: update.status,
      failedNodes: failedNodesOf(update),
    }),
  };
}

/** Undo what the run left, as the holder of the lock. */
async function undo(deps: Deps, cluster: Cluster, run: Run, state: FailureState): Promise<Recovery> {
  const { autoScalingGroupName, clusterName, executionArn } = run;
  const record = await fenceLease(deps, cluster, autoScalingGroupName, executionArn);
  if ((await lookForGroup(deps, autoScalingGroupName, { withInstances: false })) === undefined) {
    await releaseLease(cluster, autoScalingGroupName, executionArn);
    return { status: 'groupGone' };
  }
  const observed = await observeGroup(deps, run, state.launchTemplate?.version);
  const update = await findUpdate(deps, state);
  const cordons = run.engine === 'workflow' && run.blockedNodes === 'leaveCordoned';
  const { group, nodes } = observed;
  const unproved = unprovedRunOf(state);
  const outcome = await cleanUpAfterFailure(deps, {
    clusterName,
    record,
    group,
    nodes,
    cordonsParkedBy: cordons ? executionNameOf(executionArn) : undefined,
    isRebalancingSuspended: state.group?.isRebalancingSuspended,
    missingTags: missingTagsOf(state, run, group),
    ...(unproved !== undefined && { undo: (accounts) => putBack(deps, unproved, accounts) }),
  });
  if (outcome.status === 'yielded') return { status: 'lockLost' };
  await release(cluster, run, outcome.putBack);
  return describe(observed, run, outcome, update);
}

/**
 * Undo what a failed run left on nodes and group, unless another execution holds the lock. A run that was refused has touched
 * nothing; one whose Lease somebody has deleted still cleans up.
 *
 * @returns what was done and what is left
 */
export async function recover(deps: Deps, state: FailureState): Promise<Recovery> {
  const run = state.plan?.run;
  if (run === undefined) return { status: 'nothingTouched' };
  if (state.lock === undefined) {
    await releaseUnused(deps, run, state);
    return { status: 'nothingTouched' };
  }
  if (state.error.Error === 'LockLost') return { status: 'lockLost' };
  const cluster = await deps.cluster(run.clusterName);
  return (await isLockLost(deps, cluster, run)) ? { status: 'lockLost' } : undo(deps, cluster, run, state);
}
