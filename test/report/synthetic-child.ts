import type { Drain } from '../../domain/state.ts';
import { createHistoryWriter } from './history-writer.ts';
import { ACCOUNT, blockingPod, type NodeFacts, podName, START } from './synthetic-nodes.ts';

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

export interface Child {
  readonly endAt: number;
  readonly fate: Fate;
  readonly execution: ReturnType<typeof createHistoryWriter>;
}

/** One child execution, from the instant it has a slot. */
export function runChild(
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
    const cause = `${nodeName}: pod shop/${options.hostileName ?? 'ledger-0'} (StatefulSet ledger) has blocked the drain for 15 minutes: PodDisruptionBudget shop/ledger allows 0 disruptions (2 of 3 pods Ready, 3 needed). To do: set maxUnavailable of shop/ledger to at least 1, or make its unready pods Ready.`;
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
