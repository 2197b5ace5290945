import { executionName } from '../../domain/cluster/execution-name.ts';
import type { Recovery } from '../../domain/nodegroup/failure.ts';
import type { Plan } from '../../domain/state.ts';
import type { UpgradeHistory } from '../../report/read/history.ts';
import { createHistoryWriter } from './history-writer.ts';
import { ACCOUNT, factsOf, type NodeFacts, START } from './synthetic-nodes.ts';
import { createObserver, fatesOf, type SyntheticUpdate, UPDATE_ID } from './synthetic-observer.ts';
import { planFor } from './synthetic-plan.ts';

export type { SyntheticUpdate } from './synthetic-observer.ts';

function planOf(options: SyntheticUpdate, nodes: readonly NodeFacts[], arn: string): Plan {
  const blockedNodes = options.blockedNode === undefined ? {} : { blockedNodes: [options.blockedNode] };
  const plan = planFor({ ...options, ...blockedNodes }, nodes, arn);
  const { amiId, launchTemplateId, sourceVersion } = plan.run.target;
  return {
    ...plan,
    ...(options.isNothingToDo
      ? {
          status: 'nothingToDo',
          summary: 'Nothing to do: every node runs 1.33.5-20260114',
          nodes: { total: options.nodes, outdated: 0, outdatedNodes: [], isListComplete: true },
        }
      : {}),
    run: {
      ...plan.run,
      engine: 'eks',
      nodegroupName: 'workers',
      autoScalingGroupName: 'eks-workers-3c8f',
      target: { amiId, launchTemplateId, sourceVersion, renewedLabels: { 'eks.amazonaws.com/nodegroup-image': amiId } },
      update: { version: '1.33', releaseVersion: '1.33.5-20260114' },
    },
    group: { ...plan.group, kind: 'managed' },
    warnings: [],
  };
}

/** Histories of a made-up run that EKS carries out; the same for the same options. */
export function syntheticUpdate(options: SyntheticUpdate): UpgradeHistory {
  const nodes = Array.from({ length: options.nodes }, (_, index) => factsOf(index));
  const name = executionName('workers', new Date(START).toISOString(), 'ana', '77b1');
  const arn = `${ACCOUNT}:execution:upgrade-nodegroup:${name}`;
  const writer = createHistoryWriter({
    arn,
    name,
    startAt: START,
    input: { clusterName: 'shop-production', nodegroupName: 'workers' },
  });
  const untilAt = START + (options.observedAfterSeconds ?? Number.POSITIVE_INFINITY) * 1000;
  const seen = (): UpgradeHistory => ({ ...writer.finish(untilAt), children: [] });
  writer.task('PlanUpgrade', planOf(options, nodes, arn), 4);
  writer.step('Choice', 'IsDryRun');
  if (options.isDryRun || options.isNothingToDo) {
    writer.succeed(options.isDryRun ? 'PlanReported' : 'NothingToUpgrade', {});
    return seen();
  }
  writer.task('AcquireLock', { status: 'acquired' });
  writer.step('Choice', 'WhichEngine');
  const upgradeAt = START + (options.isAdopted ? -60_000 : 130_000);
  const fates = fatesOf(options, nodes, upgradeAt);
  const observation = createObserver(options, fates, upgradeAt);
  const blocked = fates.find(({ node }) => node.index === options.blockedNode);
  const givesUpAt = blocked === undefined ? Number.POSITIVE_INFINITY : blocked.drainsAt + 900_000;
  const cancelledAt = START + (options.cancelledAfterSeconds ?? Number.POSITIVE_INFINITY) * 1000;
  const endsAt = Math.max(...fates.map(({ leavesAt }) => leavesAt)) + 150_000;

  const fail = (error: string, message: string, update: { updateStatus: string; failedNodes: string[] }) => {
    writer.task('CheckNodegroupUpdate', undefined, 1, [{ error, message }]);
    const outdatedNodes = fates.filter(({ leavesAt }) => leavesAt > writer.at()).length;
    const recovery: Recovery = {
      status: 'recovered',
      cleanedNodes: 0,
      outdatedNodes,
      renewedNodes: options.nodes - outdatedNodes,
      desiredCapacity: options.nodes + 6,
      closedNodes: 0,
      ...update,
    };
    if (options.isRecoveryLost)
      writer.task('RecoverFromFailure', undefined, 2, [{ error: 'ServiceUnavailable', message: 'EKS did not answer' }]);
    else writer.task('RecoverFromFailure', { error, cause: message, recovery }, 2);
    writer.fail('UpgradeFailed', error, message);
    return seen();
  };
  writer.task('StartNodegroupUpdate', observation(writer.at() + 1000));
  for (;;) {
    writer.step('Choice', 'IsNodegroupUpdated');
    writer.wait('WaitForNodegroupUpdate', options.observationSeconds ?? 30);
    const at = writer.at() + 1000;
    if (at >= givesUpAt && blocked !== undefined) {
      const { nodeName } = blocked.node;
      return fail(
        'PodEvictionFailure',
        `EKS update ${UPDATE_ID} ended as Failed. EKS says: PodEvictionFailure: Reached max retries while trying to evict pods from nodes in node group workers (${nodeName}). ${nodeName}: pod shop/${options.hostileName ?? 'ledger-0'} (StatefulSet ledger) has blocked the drain for 15 minutes: PodDisruptionBudget shop/ledger allows no disruption.`,
        { updateStatus: options.updateStatus ?? 'Failed', failedNodes: options.isNodeUnnamed ? [] : [nodeName] },
      );
    }
    if (at >= cancelledAt) {
      return fail(
        'UpgradeCancelled',
        `Cancelled by an operator: release stopped. EKS continues with update ${UPDATE_ID}: an update of EKS cannot be stopped.`,
        { updateStatus: 'InProgress', failedNodes: [] },
      );
    }
    if (at >= endsAt) break;
    writer.task('CheckNodegroupUpdate', observation(at));
  }
  writer.task('CheckNodegroupUpdate', { ...observation(writer.at() + 1000), status: 'successful', phase: 'scaleDown' });
  writer.step('Choice', 'IsNodegroupUpdated');
  writer.task('CompleteUpgrade', { status: 'complete' }, 2);
  writer.succeed('UpgradeSucceeded', {});
  return seen();
}
