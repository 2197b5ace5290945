import type { Deps } from '../../clients/ports.ts';
import type { NodegroupUpdate } from '../../domain/eks-update/eks-update.ts';
import { joinMembers, outdatedMembers } from '../../domain/eks-update/members.ts';
import { secondsUntilObservation } from '../../domain/eks-update/pace.ts';
import { FORCE_CAME_LATE, NODEGROUP_LABEL, updateToken } from '../../domain/eks-update/target.ts';
import { InvalidInput, ServiceUnavailable, UpgradeInProgress } from '../../domain/errors.ts';
import type { EksRun, UpdateRequest } from '../../domain/state.ts';
import type { EksUpdate } from '../../domain/types.ts';
import { readGroup } from '../nodegroup/observe-group.ts';
import { findFollowable } from './find-followable.ts';
import { throwIfStopped } from './throw-if-stopped.ts';

interface Started {
  readonly update: EksUpdate;
  readonly isAdopted: boolean;
}

/**
 * Say why EKS does not take the Kubernetes version.
 *
 * @throws {ServiceUnavailable} while the cluster's own version is changing, which passes; {InvalidInput} otherwise
 */
async function refuseVersion(deps: Deps, { clusterName }: EksRun, message: string): Promise<never> {
  const cluster = await deps.eks.findCluster(clusterName);
  if (cluster?.status === 'UPDATING') {
    throw new ServiceUnavailable(`cluster ${clusterName} is UPDATING, and EKS says meanwhile: ${message}`);
  }
  throw new InvalidInput(`EKS says: ${message}`);
}

/** Ask EKS to update the group; when it is updating it already, follow that update if it has our target. */
async function request(deps: Deps, run: EksRun, wanted: UpdateRequest): Promise<Started> {
  const nodegroup = { clusterName: run.clusterName, nodegroupName: run.nodegroupName };
  const { version, releaseVersion, launchTemplate } = wanted;
  const answer = await deps.eks.updateNodegroupVersion({
    ...nodegroup,
    version,
    releaseVersion,
    launchTemplate,
    force: run.force,
    clientRequestToken: updateToken(run),
  });
  if (answer === 'inUse') {
    const running = await findFollowable(deps, nodegroup, wanted);
    if (running !== undefined) return { update: running, isAdopted: true };
    throw new UpgradeInProgress(
      `EKS says of node group ${nodegroup.nodegroupName}: Nodegroup cannot be updated as it is currently not in Active State. Check its status, then start again`,
    );
  }
  if ('versionMismatch' in answer) return refuseVersion(deps, run, answer.versionMismatch);
  return { update: answer, isAdopted: false };
}

/** Follow the update that was under way when the plan was made; if it has ended since, the next observation says how. */
async function follow(deps: Deps, run: EksRun, updateId: string): Promise<Started> {
  const found = await deps.eks.findUpdate(run.clusterName, run.nodegroupName, updateId);
  const createdAt = deps.clock.now().toISOString();
  const unknown: EksUpdate = { id: updateId, status: 'InProgress', type: '', params: {}, createdAt, errors: [] };
  return { update: found ?? unknown, isAdopted: true };
}

/**
 * Start the update that the plan settled, or follow one with the same target.
 *
 * @throws {UpgradeCancelled} {AlarmTriggered} before anything is started
 * @throws {UpgradeInProgress} when EKS is carrying out another update
 */
export async function startUpdate(deps: Deps, run: EksRun): Promise<NodegroupUpdate> {
  const wanted = run.update;
  await throwIfStopped(deps, run);
  const cluster = await deps.cluster(run.clusterName);
  // Taken first, so that no eviction of the update is missed.
  const podsVersion = await cluster.podsVersion();
  const { runningUpdateId } = wanted;
  const ofGroup = { [NODEGROUP_LABEL]: run.nodegroupName };
  const earlier = await cluster.listNodes(ofGroup);
  const started =
    runningUpdateId === undefined ? await request(deps, run, wanted) : await follow(deps, run, runningUpdateId);
  const [group, nodes] = await Promise.all([readGroup(deps, run.autoScalingGroupName), cluster.listNodes(ofGroup)]);
  const outdatedCount = outdatedMembers(joinMembers(group, nodes, run.target)).length;
  return {
    status: 'inProgress',
    updateId: started.update.id,
    isAdopted: started.isAdopted,
    requestedAt: started.update.createdAt,
    // An adopted update with nothing outdated left has only its surge to remove.
    phase: started.isAdopted && outdatedCount === 0 ? 'scaleDown' : 'scaleUp',
    checks: 0,
    waitSeconds: secondsUntilObservation(0),
    outdatedCount,
    // Of an update that somebody else started they may be EKS's.
    ...(!started.isAdopted && {
      cordonedBefore: earlier.flatMap(({ isUnschedulable, instanceId }) =>
        isUnschedulable && instanceId !== undefined ? [instanceId] : [],
      ),
    }),
    desiredCapacity: group.desiredCapacity,
    nodes: [],
    changes: [],
    evicted: [],
    evictedCount: 0,
    blockingPods: [],
    blockingPodCount: 0,
    // The plan warned of this if it found the update.
    warnings: started.isAdopted && runningUpdateId === undefined && run.force ? [FORCE_CAME_LATE] : [],
    podsVersion,
  };
}
