import type { ClusterPlan, NodegroupPlan, NodegroupResult } from '../../domain/cluster/cluster.ts';
import { executionName } from '../../domain/cluster/execution-name.ts';
import type { ClusterHistory, UpgradeHistory } from '../../report/read/history.ts';
import { createHistoryWriter } from './history-writer.ts';
import { ACCOUNT, START } from './synthetic-nodes.ts';
import { syntheticRun } from './synthetic-run.ts';
import { syntheticUpdate } from './synthetic-update.ts';

export interface SyntheticCluster {
  /** The workflow's group cannot be drained. */
  readonly isBlocked?: boolean;
  readonly isDryRun?: boolean;
  readonly observedAfterSeconds?: number;
  /** Text used as the name of a group, to try escaping. */
  readonly hostileName?: string;
}

/** What the cluster's own execution did before the first group began. */
const LEAD = 10_000;

const planOf = (
  name: string,
  history: UpgradeHistory | undefined,
  more: Partial<NodegroupPlan> = {},
): NodegroupPlan => ({
  name,
  kind: 'self-managed',
  engine: 'workflow',
  status: 'outdated',
  executionName: history?.execution.name ?? `${name}-is-not-started`,
  nodes: { total: 4, outdated: 4 },
  currentAmiId: 'ami-0123456789abcdef0',
  target: { amiId: 'ami-0b2f4a6c8d0e1f3a5', releaseVersion: '1.33.5-20260114' },
  durationSeconds: 420,
  blockingPodCount: 0,
  blockingPods: [],
  settingsNotPassedOn: [],
  warnings: [],
  ...more,
});

const onTarget = { status: 'onTarget', nodes: { total: 2, outdated: 0 }, durationSeconds: 0 } as const;

/**
 * Histories of a made-up run of a cluster: a group of its own nodes and a managed one side by side, a third after them, and a
 * fourth that is on the target; after a failure the third is not started, else it is on the target as well.
 */
export function syntheticCluster(options: SyntheticCluster = {}): ClusterHistory {
  const { observedAfterSeconds = Number.POSITIVE_INFINITY, isBlocked = false, isDryRun = false } = options;
  const name = executionName('shop', new Date(START).toISOString(), 'ana', '0c1d');
  const arn = `${ACCOUNT}:execution:upgrade-cluster:${name}`;
  const groups = [
    syntheticRun({ nodes: 4, parallelism: 2, ...(isBlocked ? { blockedNodes: [1] } : {}) }),
    syntheticUpdate({ nodes: 4, parallelism: 2, slowNodes: [1] }),
  ];
  const names = [options.hostileName ?? 'shop-workers', 'workers'];
  const plan: ClusterPlan = {
    status: 'planned',
    isDryRun,
    summary: '3 of 4 node groups of shop are outdated, with 12 nodes, about 14 minutes; 1 out of scope',
    run: {
      executionArn: arn,
      executionName: name,
      startedAt: new Date(START - LEAD).toISOString(),
      clusterName: 'shop',
      maxParallelNodegroups: 2,
      onNodegroupFailure: 'stop',
      settings: {},
    },
    kubernetesVersion: '1.33',
    groups: [
      planOf(names[0] as string, groups[0]),
      planOf('workers', groups[1], { kind: 'managed', engine: 'eks' }),
      planOf('ingress', undefined, isBlocked ? {} : onTarget),
      planOf('gpu', undefined, onTarget),
    ],
    outOfScope: [{ kind: 'karpenter', name: 'spot', nodes: 3, reason: 'Karpenter replaces its nodes itself' }],
    durationSeconds: 840,
    warnings: [],
  };
  const writer = createHistoryWriter({
    arn,
    name,
    startAt: START - LEAD,
    input: { clusterName: 'shop', nodegroups: 'all', maxParallelNodegroups: 2 },
  });
  const untilAt = START - LEAD + observedAfterSeconds * 1000;
  const cut = ({ execution, history, children }: UpgradeHistory): UpgradeHistory => {
    const isOver = Date.parse(String(execution.stopDate)) <= untilAt;
    const { stopDate: _, ...running } = { ...execution, status: 'RUNNING' };
    const shown = <T extends { timestamp?: unknown }>(events: readonly T[]): T[] =>
      events.filter(({ timestamp }) => Date.parse(String(timestamp)) <= untilAt);
    return {
      execution: isOver ? execution : running,
      history: shown(history),
      children: children
        .map((child) => ({
          execution:
            shown(child.history).length < child.history.length
              ? { ...child.execution, status: 'RUNNING' }
              : child.execution,
          history: shown(child.history),
        }))
        .filter((child) => child.history.length > 0),
    };
  };
  const seen = (): ClusterHistory => ({
    ...writer.finish(untilAt),
    groups: groups.map(cut).filter(({ history }) => history.length > 0),
  });
  writer.task('PlanCluster', plan, 8);
  writer.step('Choice', 'IsClusterDryRun');
  if (isDryRun) {
    writer.succeed('ClusterPlanReported', { plan });
    return { ...seen(), groups: [] };
  }
  writer.step('Pass', 'BeginNodegroups');
  const empty = { ends: [], results: [] };
  writer.task('SelectNodegroups', {
    status: 'selected',
    number: 1,
    nodegroups: names.map((each) => ({ name: each })),
    ...empty,
  });
  writer.step('Choice', 'IsAnyNodegroupOutdated');
  writer.moveTo(START);
  writer.nested('UpgradeNodegroups', groups);
  const cause = 'shop-workers could not be drained: PodDisruptionBudget shop/ledger blocks shop/ledger-0.';
  const ends = names.map((each, index): NodegroupResult => {
    const ok = !(isBlocked && index === 0);
    return {
      name: each,
      outcome: ok ? 'succeeded' : 'failed',
      ...(ok ? {} : { error: 'PodEvictionFailure', reason: cause }),
    };
  });
  if (isBlocked) {
    writer.task('SelectNodegroups', { status: 'done', number: 1, nodegroups: [], ends, results: [] });
    writer.task('CompleteCluster', {
      status: 'failed',
      summary: '4 node groups of shop: 1 upgraded, 1 on the target already, 1 failed, 1 not started',
      nodegroups: [
        { name: names[0], outcome: 'failed', error: 'PodEvictionFailure', reason: cause },
        { name: 'workers', outcome: 'upgraded' },
        { name: 'ingress', outcome: 'notStarted', reason: 'a group before it failed' },
        { name: 'gpu', outcome: 'onTarget' },
      ],
      error: 'PodEvictionFailure',
      cause,
    });
    writer.fail('ClusterNotUpgraded', 'PodEvictionFailure', cause);
    return seen();
  }
  writer.task('SelectNodegroups', { status: 'done', number: 1, nodegroups: [], ends, results: [] });
  writer.task('CompleteCluster', {
    status: 'succeeded',
    summary: '4 node groups of shop: 2 upgraded, 2 on the target already',
    nodegroups: [
      { name: names[0], outcome: 'upgraded' },
      { name: 'workers', outcome: 'upgraded' },
      { name: 'ingress', outcome: 'onTarget' },
      { name: 'gpu', outcome: 'onTarget' },
    ],
  });
  writer.succeed('ClusterUpgraded', {});
  return seen();
}
