import { executionName } from '../../domain/cluster/execution-name.ts';
import type { BlockingPod, Drain, Plan } from '../../domain/state.ts';
import type { ExecutionHistory, UpgradeHistory } from '../../report/read/history.ts';
import { createHistoryWriter } from './history-writer.ts';

export const START = Date.parse('2026-01-20T10:15:00.000Z');
export const ACCOUNT = 'arn:aws:states:eu-central-1:111122223333';
const ZONES = ['eu-central-1a', 'eu-central-1b', 'eu-central-1c'];
const WORKLOADS = ['checkout', 'catalog', 'payments', 'search', 'sessions', 'mailer', 'ledger'];

export interface SyntheticOptions {
  readonly nodes: number;
  readonly parallelism: number;
  /** Indexes of nodes whose drain a budget blocks until the timeout, at every attempt. */
  readonly blockedNodes?: readonly number[];
  /** Indexes of nodes whose drain a budget blocks for some minutes. */
  readonly slowNodes?: readonly number[];
  /** What an observer saw that many seconds after the start. */
  readonly observedAfterSeconds?: number;
  /** Text used as the name of a pod, to try escaping. */
  readonly hostileName?: string;
  readonly isDryRun?: boolean;
}

export interface NodeFacts {
  readonly index: number;
  readonly instanceId: string;
  readonly nodeName: string;
  readonly zone: string;
  readonly pods: number;
}

export const factsOf = (index: number): NodeFacts => {
  // Spread, but the same on every run: Knuth's multiplicative hash.
  const mixed = Math.imul(index + 1, 2654435761) >>> 0;
  return {
    index,
    instanceId: `i-0${mixed.toString(16).padStart(8, '0')}${(index + 4096).toString(16).padStart(8, '0')}`,
    nodeName: `ip-10-${index % 3}-${(mixed >>> 8) % 200}-${(index % 250) + 4}.eu-central-1.compute.internal`,
    zone: ZONES[index % 3] ?? '',
    pods: 6 + (mixed % 9),
  };
};

export const podName = (node: number, pod: number): string =>
  `shop/${WORKLOADS[(node + pod) % WORKLOADS.length]}-7c9d8b6f5-${(node * 31 + pod * 7 + 4096).toString(36)}`;

export function blockingPod(sinceAt: number, name = 'ledger-0'): BlockingPod {
  return {
    namespace: 'shop',
    name,
    owner: 'StatefulSet ledger',
    reason: 'budget',
    detail:
      'PodDisruptionBudget shop/ledger allows 0 disruptions: 2 of 3 pods are Ready and 3 are needed (maxUnavailable 0).',
    advice: 'Set maxUnavailable of shop/ledger to at least 1, or make its unready pods Ready.',
    budget: 'shop/ledger',
    sinceAt: new Date(sinceAt).toISOString(),
  };
}

export function planFor(
  options: Pick<SyntheticOptions, 'nodes' | 'parallelism' | 'blockedNodes' | 'hostileName' | 'isDryRun'>,
  nodes: readonly NodeFacts[],
  arn: string,
): Plan {
  const surge = Math.max(2 * ZONES.length, 2 * options.parallelism);
  const sizes = { minSize: options.nodes, maxSize: options.nodes + 6, desiredCapacity: options.nodes };
  const target = { amiId: 'ami-0b2f4a6c8d0e1f3a5', releaseVersion: '1.33.5-20260114' };
  return {
    status: 'planned',
    isDryRun: options.isDryRun ?? false,
    summary: `${options.nodes} of ${options.nodes} nodes are outdated and would be brought to ${target.releaseVersion}, ${options.parallelism} at a time`,
    run: {
      executionArn: arn,
      startedAt: new Date(START).toISOString(),
      clusterName: 'shop-production',
      autoScalingGroupName: 'shop-workers',
      engine: 'workflow',
      updateStrategy: 'DEFAULT',
      target: { ...target, launchTemplateId: 'lt-0a1b2c3d4e5f60718', sourceVersion: '4', comparesVersion: false },
      parallelism: options.parallelism,
      coversZones: true,
      surge,
      originalSizes: sizes,
      force: false,
      drainTimeoutSeconds: 900,
      cordonWaitSeconds: 60,
      nodeReadyTimeoutSeconds: 900,
      alarms: ['shop-checkout-5xx'],
      failurePolicy: 'finish',
      pods: { unmanaged: 'evict', localStorage: 'evict' },
    },
    kubernetesVersion: '1.33',
    group: {
      kind: 'self-managed',
      zones: ZONES,
      instanceTypes: ['m6i.xlarge'],
      launchTemplateVersion: '4',
      sizes,
    },
    current: [{ amiId: 'ami-0123456789abcdef0', nodes: options.nodes }],
    target: {
      ...target,
      amiName: 'amazon-eks-node-al2023-x86_64-standard-1.33-v20260114',
      amiType: 'AL2023_x86_64_STANDARD',
      source:
        'SSM parameter /aws/service/eks/optimized-ami/1.33/amazon-linux-2023/x86_64/standard/recommended/image_id',
    },
    nodes: {
      total: options.nodes,
      outdated: options.nodes,
      outdatedNodes: nodes.slice(0, 100).map(({ instanceId, nodeName, zone }) => ({ instanceId, nodeName, zone })),
      isListComplete: nodes.length <= 100,
    },
    parallelism: { nodes: options.parallelism, rule: `maxUnavailablePercentage 10 of ${options.nodes} nodes` },
    surge: { nodes: surge, rule: 'the larger of 2 x 3 zones and 2 x the parallelism' },
    estimate: {
      durationSeconds: 120 + Math.ceil(options.nodes / options.parallelism) * 115,
      extraInstanceHours: surge * 0.4,
      stateTransitions: 30 + options.nodes * 12,
      stepFunctionsUsd: (30 + options.nodes * 12) * 0.000025,
      assumptions: 'boot 90 s, longest termination 45 s, cordon wait 60 s',
    },
    warnings: ['AZRebalance will be suspended while nodes are being replaced.'],
    blockingPods: (options.blockedNodes ?? []).length > 0 ? [blockingPod(START, options.hostileName)] : [],
    blockingPodCount: (options.blockedNodes ?? []).length > 0 ? 1 : 0,
  };
}

const roundOf = (extra: Partial<Drain>): unknown => ({
  status: 'draining',
  deadlineAt: new Date(START).toISOString(),
  evicted: [],
  evictedCount: 0,
  deletedCount: 0,
  remainingCount: 0,
  blockingPods: [],
  blockingPodCount: 0,
  ignored: [],
  waitSeconds: 10,
  ...extra,
});

type Fate = 'upgraded' | 'blocked';

interface Child {
  readonly endAt: number;
  readonly fate: Fate;
  readonly execution: ReturnType<typeof createHistoryWriter>;
}

/** One child execution, from the instant it has a slot. */
function runChild(
  options: SyntheticOptions,
  node: NodeFacts,
  startAt: number,
  attempt: number,
  absorb: boolean,
  ready: number,
): Child {
  const name = `${node.instanceId.slice(2, 10)}-${attempt}`;
  const { instanceId, nodeName, zone } = node;
  const child = createHistoryWriter({
    arn: `${ACCOUNT}:execution:upgrade-nodegroup/node:${name}`,
    name,
    startAt,
    input: { node: { instanceId, nodeName, zone, absorb, attempt }, turn: { status: 'pending' } },
  });
  const waits = node.index % 4 === 1 ? 2 : node.index % 7 === 3 ? 1 : 0;
  for (let turn = 0; turn < waits; turn += 1) {
    child.task('AwaitTurn', {
      status: 'wait',
      reason: 'waiting for replacements to become Ready',
      readyNodes: ready - 1,
      requiredNodes: ready,
    });
    child.step('Choice', 'IsItMyTurn');
    child.wait('WaitForTurn', 10);
  }
  child.task(
    'AwaitTurn',
    { status: 'proceed', readyNodes: ready, requiredNodes: ready },
    1,
    node.index % 11 === 5 ? [{ error: 'Throttled', message: 'Rate exceeded (DescribeAutoScalingGroups)' }] : [],
  );
  child.step('Choice', 'IsItMyTurn');
  const pods = Array.from({ length: node.pods }, (_, pod) => podName(node.index, pod));
  const isBlocked = options.blockedNodes?.includes(node.index) === true;
  const isSlow = options.slowNodes?.includes(node.index) === true;
  const first = child.at();
  child.task(
    'DrainNode',
    roundOf({ evicted: pods, evictedCount: pods.length, remainingCount: isBlocked || isSlow ? 4 : 2 }),
    12,
  );
  child.step('Choice', 'IsNodeDrained');
  child.wait('WaitForEvictions', 8);
  const until = first + (isBlocked ? 900 : isSlow ? 260 : 25 + (node.pods % 5) * 9) * 1000;
  while (child.at() < until) {
    const blockingPods = isBlocked || isSlow ? [blockingPod(first, options.hostileName)] : [];
    child.task('DrainNode', roundOf({ remainingCount: 1, blockingPods, blockingPodCount: blockingPods.length }), 10);
    child.step('Choice', 'IsNodeDrained');
    child.wait('WaitForEvictions', 15);
  }
  if (isBlocked) {
    const cause = `1 pod of ${nodeName} was still there after 15 minutes: shop/${options.hostileName ?? 'ledger-0'} (StatefulSet ledger), held for 15 min by PodDisruptionBudget shop/ledger, which allows 0 disruptions (2 of 3 pods Ready, 3 needed). Set maxUnavailable of shop/ledger to at least 1, or make its unready pods Ready.`;
    child.task(
      'DrainNode',
      roundOf({
        status: 'blocked',
        remainingCount: 1,
        blockingPods: [blockingPod(first, options.hostileName)],
        blockingPodCount: 1,
        error: 'PodEvictionFailure',
        cause,
      }),
    );
    child.step('Choice', 'IsNodeDrained');
    child.succeed('NodeBlocked', { instanceId, outcome: 'blocked', error: 'PodEvictionFailure', reason: cause });
    return { endAt: child.at(), fate: 'blocked', execution: child };
  }
  child.task('DrainNode', roundOf({ status: 'drained' }));
  child.step('Choice', 'IsNodeDrained');
  child.task('CordonNode', { status: 'cordoned' });
  child.wait('WaitAfterCordon', 60);
  child.task('TerminateInstance', { status: 'terminating' }, 3);
  child.succeed('NodeUpgraded', { instanceId, outcome: 'upgraded' });
  return { endAt: child.at(), fate: 'upgraded', execution: child };
}

/** Histories of a made-up run, as Step Functions would have written them; the same for the same options. */
export function syntheticRun(options: SyntheticOptions): UpgradeHistory {
  const nodes = Array.from({ length: options.nodes }, (_, index) => factsOf(index));
  const name = executionName('shop-workers', new Date(START).toISOString(), 'ana', '3f2a');
  const arn = `${ACCOUNT}:execution:upgrade-nodegroup:${name}`;
  const plan = planFor(options, nodes, arn);
  const input = {
    clusterName: 'shop-production',
    autoScalingGroupName: 'shop-workers',
    updateConfig: { maxUnavailablePercentage: 10 },
  };
  const parent = createHistoryWriter({ arn, name, startAt: START, input });
  const children: Child[] = [];
  const untilAt = START + (options.observedAfterSeconds ?? Number.POSITIVE_INFINITY) * 1000;
  const seen = (): UpgradeHistory => ({
    ...parent.finish(untilAt),
    children: children
      .map(({ execution }) => execution.finish(untilAt))
      .filter(({ history }): boolean => history.length > 0) as ExecutionHistory[],
  });

  parent.task('PlanUpgrade', plan, 4);
  parent.step('Choice', 'IsDryRun');
  if (options.isDryRun === true) {
    parent.succeed('PlanReported', { plan });
    return seen();
  }
  parent.task('AcquireLock', { status: 'acquired' });
  parent.task('CreateLaunchTemplateVersion', { launchTemplateVersion: '5' });
  parent.task('UpdateAutoScalingGroup', { status: 'updated' });
  parent.step('Choice', 'IsSurgeWanted');
  parent.task('ScaleUp', { status: 'scaled' });
  const surge = plan.run.surge;
  for (const newReadyNodes of [0, 0, Math.ceil(surge / 2), surge]) {
    const status = newReadyNodes === surge ? 'ready' : 'waiting';
    parent.task('CheckNewNodes', { status, newReadyNodes, readyNodes: options.nodes + newReadyNodes }, 24);
    parent.step('Choice', 'AreNewNodesReady');
    if (status === 'waiting') parent.wait('WaitForNewNodes', 5);
  }
  parent.task('TaintOutdatedNodes', { tainted: options.nodes }, 3);
  parent.step('Pass', 'BeginWaves');

  let remaining = nodes;
  const parked: string[] = [];
  for (let number = 1; remaining.length > 0 && number <= 2; number += 1) {
    const wave = remaining.map(({ instanceId, nodeName, zone }, position) => ({
      instanceId,
      nodeName,
      zone,
      absorb: position >= remaining.length - surge,
      attempt: number,
    }));
    parent.task('SelectNodes', {
      status: 'selected',
      number,
      nodes: wave,
      outdatedCount: remaining.length,
      readyNodes: options.nodes + surge,
      parked,
      canary: 'passed',
      results: [],
    });
    parent.step('Choice', 'IsAnyNodeOutdated');
    const blocked: NodeFacts[] = [];
    parent.map('UpgradeNodes', `${ACCOUNT}:mapRun:upgrade-nodegroup/node:${number}`, () => {
      const slots = Array.from({ length: options.parallelism }, () => parent.at() + 1000);
      remaining.forEach((node, position) => {
        const slot = slots.indexOf(Math.min(...slots));
        const left = remaining.length - position;
        const ready = options.nodes + Math.min(surge, left) + (position % 3 === 2 ? 0 : -Math.min(1, position % 3));
        const child = runChild(options, node, (slots[slot] ?? 0) + 300, number, wave[position]?.absorb === true, ready);
        slots[slot] = child.endAt;
        children.push(child);
        if (child.fate === 'blocked') blocked.push(node);
      });
      return Math.max(...slots);
    });
    parked.push(...blocked.map(({ instanceId }) => instanceId));
    remaining = blocked;
  }
  if (remaining.length > 0) {
    const cause = `${remaining.length} of ${options.nodes} nodes could not be drained: ${remaining.map(({ nodeName }) => nodeName).join(', ')}. shop/${options.hostileName ?? 'ledger-0'} (StatefulSet ledger) was held by PodDisruptionBudget shop/ledger, which allows 0 disruptions (2 of 3 pods Ready, 3 needed). Set maxUnavailable of shop/ledger to at least 1, or make its unready pods Ready.`;
    parent.task('SelectNodes', undefined, 1, [{ error: 'PodEvictionFailure', message: cause }]);
    const { length: left } = remaining;
    const told = `${cause} ${options.nodes - left} of ${options.nodes} nodes are on the target; the ${left} outdated ones are usable again. Sizes were left as they are (desired ${options.nodes}) for the next run. To continue, start an execution with the same input. To go back, start one with {"target": {"launchTemplateVersion": "4"}}.`;
    const recovery = {
      status: 'recovered',
      unmarkedNodes: left,
      outdatedNodes: left,
      totalNodes: options.nodes,
      desiredCapacity: options.nodes,
    };
    parent.task('RecoverFromFailure', { error: 'PodEvictionFailure', cause: told, recovery }, 3);
    parent.fail('UpgradeFailed', 'PodEvictionFailure', told);
    return seen();
  }
  parent.task('SelectNodes', {
    status: 'done',
    number: 2,
    nodes: [],
    outdatedCount: 0,
    readyNodes: options.nodes,
    parked,
    canary: 'passed',
    results: [],
  });
  parent.step('Choice', 'IsAnyNodeOutdated');
  parent.task('ScaleDown', { status: 'working', waitSeconds: 5, readyNodes: options.nodes });
  parent.step('Choice', 'IsScaledDown');
  parent.wait('WaitForScaleDown', 5);
  parent.task('ScaleDown', { status: 'done', readyNodes: options.nodes });
  parent.step('Choice', 'IsScaledDown');
  parent.task('CompleteUpgrade', { status: 'complete' }, 3);
  parent.succeed('UpgradeSucceeded', {});
  return seen();
}
