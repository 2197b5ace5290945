import { executionName } from '../../domain/cluster/execution-name.ts';
import type { NodegroupUpdate, UpdateNode } from '../../domain/eks-update/eks-update.ts';
import type { Recovery } from '../../domain/nodegroup/failure.ts';
import type { Plan } from '../../domain/state.ts';
import type { UpgradeHistory } from '../../report/read/history.ts';
import { createHistoryWriter } from './history-writer.ts';
import { ACCOUNT, blockingPod, factsOf, type NodeFacts, podName, START } from './synthetic-nodes.ts';
import { planFor } from './synthetic-plan.ts';

const UPDATE_ID = '6f1d2c3b-8a47-3e55-9b0c-d41e7f28a9c6';

export interface SyntheticUpdate {
  readonly nodes: number;
  readonly parallelism: number;
  /** Seconds between two observations; with many, nodes are replaced unseen. */
  readonly observationSeconds?: number;
  /** Index of the node whose drain a budget holds up until EKS gives up. */
  readonly blockedNode?: number;
  /** Indexes of nodes that a budget holds up for some minutes. */
  readonly slowNodes?: readonly number[];
  readonly isAdopted?: boolean;
  /** Status of the update that failed, as EKS describes it to the recovery; `Failed` when absent. */
  readonly updateStatus?: string;
  /** EKS does not name the node at which the update failed. */
  readonly isNodeUnnamed?: boolean;
  /** The recovery fails itself. */
  readonly isRecoveryLost?: boolean;
  /** The operator cancels the run then; EKS continues. */
  readonly cancelledAfterSeconds?: number;
  readonly observedAfterSeconds?: number;
  readonly hostileName?: string;
  readonly isDryRun?: boolean;
  readonly isNothingToDo?: boolean;
}

/** What really happens to a node, in epoch ms. */
interface Fate {
  readonly node: NodeFacts;
  readonly drainsAt: number;
  readonly emptyAt: number;
  readonly terminatesAt: number;
  readonly leavesAt: number;
}

const EVIDENCE: Readonly<Record<UpdateNode['state'], UpdateNode['evidence']>> = {
  draining: 'evictions',
  cordonWait: 'cordon',
  terminating: 'termination',
  replaced: 'termination',
};

function fatesOf(options: SyntheticUpdate, nodes: readonly NodeFacts[], from: number): Fate[] {
  const slots = Array.from({ length: options.parallelism }, () => from);
  return nodes.map((node) => {
    const slot = slots.indexOf(Math.min(...slots));
    const drainsAt = slots[slot] ?? from;
    const drainSeconds =
      node.index === options.blockedNode
        ? Number.POSITIVE_INFINITY
        : options.slowNodes?.includes(node.index)
          ? 260
          : 45;
    const emptyAt = drainsAt + drainSeconds * 1000;
    const [terminatesAt, leavesAt] = [emptyAt + 60_000, emptyAt + 95_000];
    slots[slot] = leavesAt;
    return { node, drainsAt, emptyAt, terminatesAt, leavesAt };
  });
}

function stateAt({ drainsAt, emptyAt, terminatesAt, leavesAt }: Fate, at: number): UpdateNode['state'] | undefined {
  if (at < drainsAt) return undefined;
  if (at < emptyAt) return 'draining';
  if (at < terminatesAt) return 'cordonWait';
  return at < leavesAt ? 'terminating' : 'replaced';
}

/** Pods that have left a node by an instant: the last one stays until the node is empty. */
const goneAt = ({ node, drainsAt, emptyAt }: Fate, at: number): number =>
  at >= emptyAt ? node.pods : Math.max(0, Math.min(node.pods - 1, Math.floor((at - drainsAt) / 5000)));

/** Observations, each of which adds to the one before. */
function createObserver(options: SyntheticUpdate, fates: readonly Fate[], upgradeAt: number) {
  const seen = new Map<string, { state: UpdateNode['state']; sinceAt: string; gone: number }>();
  let checks = 0;
  return (at: number): NodegroupUpdate => {
    const evicted: string[] = [];
    const observed = fates.flatMap((fate): (UpdateNode & { isNew: boolean; fate: Fate })[] => {
      const { instanceId, nodeName, zone, pods, index } = fate.node;
      const state = stateAt(fate, at);
      const before = seen.get(instanceId);
      if (state === undefined || before?.state === 'replaced') return [];
      const gone = goneAt(fate, at);
      for (let pod = before?.gone ?? 0; pod < gone; pod += 1) evicted.push(podName(index, pod));
      const isNew = before?.state !== state;
      const sinceAt = isNew ? new Date(at).toISOString() : before.sinceAt;
      seen.set(instanceId, { state, sinceAt, gone });
      const facts = { instanceId, nodeName, zone, state, sinceAt, evidence: EVIDENCE[state] };
      return [{ ...facts, podsLeft: pods - gone, evictedCount: gone, isNew, fate }];
    });
    const plain = observed.map(({ isNew: _, fate: __, ...node }) => node);
    const blockingPods = observed.flatMap(({ fate: { node, drainsAt, emptyAt }, state }) =>
      state === 'draining' && emptyAt - drainsAt > 60_000 && at - drainsAt > 60_000
        ? [{ ...blockingPod(drainsAt, options.hostileName), instanceId: node.instanceId, nodeName: node.nodeName }]
        : [],
    );
    const replaced = [...seen.values()].filter(({ state }) => state === 'replaced').length;
    const isOver = replaced === fates.length;
    return {
      status: 'inProgress',
      updateId: UPDATE_ID,
      isAdopted: options.isAdopted ?? false,
      requestedAt: new Date(options.isAdopted ? START - 240_000 : START + 6000).toISOString(),
      phase: at < upgradeAt ? 'scaleUp' : isOver ? 'scaleDown' : 'upgrade',
      checks: checks++,
      waitSeconds: options.observationSeconds ?? 30,
      outdatedCount: fates.length - replaced,
      readyNodes:
        options.nodes + (at < upgradeAt ? 0 : 6 - observed.filter(({ state }) => state === 'terminating').length),
      desiredCapacity: options.nodes + (at < upgradeAt || !isOver ? 6 : 0),
      nodes: plain.filter(({ state }) => state !== 'replaced'),
      changes: plain.filter((_, index) => observed[index]?.isNew),
      evicted: evicted.slice(0, 20),
      evictedCount: evicted.length,
      blockingPods,
      blockingPodCount: blockingPods.length,
      warnings: [],
    };
  };
}

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
      unmarkedNodes: 0,
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
        `EKS update ${UPDATE_ID} ended as Failed. EKS says: PodEvictionFailure: Reached max retries while trying to evict pods from nodes in node group workers (${nodeName}). Pod shop/${options.hostileName ?? 'ledger-0'} (StatefulSet ledger) is held for 15 minutes: PodDisruptionBudget shop/ledger allows no disruption.`,
        { updateStatus: options.updateStatus ?? 'Failed', failedNodes: options.isNodeUnnamed ? [] : [nodeName] },
      );
    }
    if (at >= cancelledAt) {
      return fail(
        'UpgradeCancelled',
        `Cancelled by an operator: release stopped. EKS goes on with update ${UPDATE_ID}: an update cannot be stopped.`,
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
