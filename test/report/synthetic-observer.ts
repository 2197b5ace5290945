import type { NodegroupUpdate, UpdateNode } from '../../domain/eks-update/eks-update.ts';
import { blockingPod, type NodeFacts, podName, START } from './synthetic-nodes.ts';

export const UPDATE_ID = '6f1d2c3b-8a47-3e55-9b0c-d41e7f28a9c6';

export interface SyntheticUpdate {
  readonly nodes: number;
  readonly parallelism: number;
  /** Seconds between two observations; with many, nodes are replaced unseen. */
  readonly observationSeconds?: number;
  /** Index of the node whose drain a budget blocks until EKS gives up. */
  readonly blockedNode?: number;
  /** Indexes of nodes whose drain a budget blocks for some minutes. */
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

export function fatesOf(options: SyntheticUpdate, nodes: readonly NodeFacts[], from: number): Fate[] {
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
export function createObserver(options: SyntheticUpdate, fates: readonly Fate[], upgradeAt: number) {
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
