import { type Entry, nodeExecutionInput, nodeExecutionName } from '../../domain/admission/entry.ts';
import { nodeExecutionArn } from '../../domain/admission/node-execution.ts';
import type { Drain, NodeResult } from '../../domain/state.ts';
import { createHistoryWriter } from './history-writer.ts';
import { blockingPod, type NodeFacts, podName, START } from './synthetic-nodes.ts';

/** What happens to a node. `dies`: its execution is stopped while it terminates the instance. */
export type Fate = 'upgraded' | 'slow' | 'blocked' | 'gone' | 'dies' | 'skipped';

/** An execution of a node that was started. */
export interface SyntheticNode {
  readonly entry: Entry;
  readonly name: string;
  readonly startAt: number;
  readonly endAt: number;
  readonly fate: Fate;
  readonly execution: ReturnType<typeof createHistoryWriter>;
}

export interface NodeStart {
  readonly node: NodeFacts;
  readonly fate: Fate;
  readonly startAt: number;
  readonly entry: Pick<Entry, 'attempt' | 'runId' | 'decrement' | 'kind' | 'enters'>;
  readonly runArn: string;
  /** What the inputs of all nodes have in common, as JSON. */
  readonly shared: string;
  readonly hostileName?: string | undefined;
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

type Writer = ReturnType<typeof createHistoryWriter>;

/** How long a drain takes, in seconds. */
const drainSeconds = (fate: Fate, { pods }: NodeFacts): number =>
  fate === 'blocked' ? 900 : fate === 'slow' ? 260 : 25 + (pods % 5) * 9;

/** Drain a node. @returns whether it is empty in the end */
function drain(writer: Writer, { node, fate, hostileName }: NodeStart): boolean {
  const pods = Array.from({ length: node.pods }, (_, pod) => podName(node.index, pod));
  const isStuck = fate === 'blocked' || fate === 'slow';
  const throttled = { error: 'Throttled', message: 'Rate exceeded (GET pods)' };
  const first = writer.at();
  const round = roundOf({ evicted: pods, evictedCount: pods.length, remainingCount: isStuck ? 4 : 2 });
  writer.task('DrainNode', round, 12, node.index % 11 === 5 ? [throttled] : []);
  writer.step('Choice', 'IsNodeDrained');
  writer.wait('WaitForEvictions', 8);
  while (writer.at() < first + drainSeconds(fate, node) * 1000) {
    const blockingPods = isStuck ? [blockingPod(first, hostileName)] : [];
    writer.task('DrainNode', roundOf({ remainingCount: 1, blockingPods, blockingPodCount: blockingPods.length }), 10);
    writer.step('Choice', 'IsNodeDrained');
    writer.wait('WaitForEvictions', 15);
  }
  if (fate !== 'blocked') {
    writer.task('DrainNode', roundOf({ status: 'drained' }));
    writer.step('Choice', 'IsNodeDrained');
    return true;
  }
  const cause = `${node.nodeName}: pod shop/${hostileName ?? 'ledger-0'} (StatefulSet ledger) has blocked the drain for 15 minutes: PodDisruptionBudget shop/ledger allows 0 disruptions (2 of 3 pods Ready, 3 needed). To do: set maxUnavailable of shop/ledger to at least 1, or make its unready pods Ready.`;
  const blockingPods = [blockingPod(first, hostileName)];
  const end = { remainingCount: 1, blockingPods, blockingPodCount: 1, error: 'PodEvictionFailure' as const, cause };
  writer.task('DrainNode', roundOf({ status: 'blocked', ...end }));
  writer.step('Choice', 'IsNodeDrained');
  endAs(writer, 'NodeBlocked', { outcome: 'blocked', error: 'PodEvictionFailure', reason: cause }, node);
  return false;
}

const endAs = (
  writer: Writer,
  state: string,
  result: Omit<NodeResult, 'instanceId'>,
  { instanceId }: NodeFacts,
): void => writer.succeed(state, { instanceId, ...result });

function terminate(writer: Writer, { node, entry }: NodeStart): void {
  const decrement = entry.decrement ? 'yes' : 'no';
  writer.task(
    'TerminateInstance',
    { status: 'terminating', decrement, terminatedAt: new Date(START).toISOString() },
    3,
  );
  writer.step('Choice', 'IsNodeEmpty');
  endAs(writer, 'NodeUpgraded', { outcome: 'upgraded', decrement }, node);
}

function carryOut(writer: Writer, start: NodeStart): void {
  const { node, fate, entry } = start;
  writer.step('Choice', 'WhereToBegin');
  if (entry.enters === 'terminate') {
    terminate(writer, start);
    return;
  }
  if (fate === 'gone' || fate === 'skipped') {
    const reason = fate === 'gone' ? 'its Node was deleted' : 'the record has no entry for this execution';
    writer.task('DrainNode', { status: fate === 'gone' ? 'absent' : 'skipped', reason });
    writer.step('Choice', 'IsNodeDrained');
    endAs(writer, fate === 'gone' ? 'NodeGone' : 'NodeSkipped', { outcome: fate, reason }, node);
    return;
  }
  if (!drain(writer, start)) return;
  writer.task('CordonNode', { status: 'cordoned' });
  writer.wait('WaitAfterCordon', 60);
  if (fate === 'dies') {
    writer.begin('TerminateInstance');
    writer.abort();
  } else {
    terminate(writer, start);
  }
}

/** Write the execution of a node from its start to its end. */
export function runNode(start: NodeStart): SyntheticNode {
  const { node, fate, startAt, runArn } = start;
  const { instanceId, nodeName, zone } = node;
  const admittedAt = new Date(startAt).toISOString();
  const entry: Entry = { ...start.entry, instanceId, nodeName, uid: `uid-of-${instanceId}`, zone, admittedAt };
  const name = nodeExecutionName('shop-workers', entry);
  const execution = createHistoryWriter({
    arn: nodeExecutionArn(runArn, name) ?? '',
    name,
    startAt,
    input: JSON.parse(nodeExecutionInput(start.shared, entry)),
  });
  carryOut(execution, start);
  return { entry, name, startAt, endAt: execution.at(), fate, execution };
}
