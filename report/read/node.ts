import type { Attempt, BlockingSpan, NodeOutcome, NodeReport, NodeState, Segment } from '../model/model.ts';
import { blockingPodsOf, blockingSpans, type DrainTurn } from './blocking-pods.ts';
import { unwrapCause } from './failure.ts';
import { numberOf, objectOf, omitUndefined, textOf, textsOf } from './fields.ts';
import { type ExecutionHistory, millisecondsOf, parseJson, type Visit, visitsOf } from './history.ts';

/** One child execution, read. */
export interface ChildReading {
  readonly instanceId: string;
  readonly nodeName?: string;
  readonly zone?: string;
  readonly attempt: Attempt;
  readonly visits: readonly Visit[];
  readonly blockingPods: readonly BlockingSpan[];
  readonly evictedCount: number;
  readonly deletedCount: number;
  readonly evicted: readonly string[];
  readonly ignored: readonly string[];
  readonly remainingCount: number;
  readonly initialCount?: number;
}

const iso = (at: number): string => new Date(at).toISOString();

/** The state of the node that begins with a state of the definition. */
const NODE_STATES: Readonly<Record<string, NodeState>> = {
  AwaitTurn: 'waiting',
  DrainNode: 'draining',
  CordonNode: 'cordonWait',
  TerminateInstance: 'terminating',
};

const OUTCOMES: Readonly<Record<string, NodeOutcome>> = {
  NodeUpgraded: 'upgraded',
  NodeSkipped: 'skipped',
  NodeBlocked: 'blocked',
  NodeBlockedByError: 'blocked',
  NodeNotTerminated: 'blocked',
};

function segmentsOf(visits: readonly Visit[], startedAt: number, endAt: number): Segment[] {
  const starts: { state: NodeState; at: number }[] = [{ state: 'waiting', at: startedAt }];
  for (const visit of visits) {
    const state = NODE_STATES[visit.state];
    if (state !== undefined && starts.at(-1)?.state !== state) starts.push({ state, at: visit.enteredAt });
  }
  return starts
    .map(({ state, at }, index) => ({ state, startedAt: iso(at), endedAt: iso(starts[index + 1]?.at ?? endAt) }))
    .filter((segment, index, all) => segment.startedAt !== segment.endedAt || index === all.length - 1);
}

function outcomeOf(child: ExecutionHistory, visits: readonly Visit[]): NodeOutcome {
  const byState = OUTCOMES[visits.at(-1)?.state ?? ''];
  if (byState !== undefined) return byState;
  const status = child.execution.status ?? 'RUNNING';
  const lastType = child.history.at(-1)?.type ?? '';
  const hasEnded = status !== 'RUNNING' || /^Execution(Aborted|Failed|TimedOut)$/.test(lastType);
  return hasEnded ? 'interrupted' : 'inProgress';
}

/** Read one child execution. `observedAt` (epoch ms) ends what is going on. */
export function readChild(child: ExecutionHistory, observedAt: number): ChildReading {
  const visits = visitsOf(child.history);
  const first = child.history[0];
  const input = objectOf(parseJson(first?.executionStartedEventDetails?.input ?? child.execution.input));
  const node = objectOf(input.node);
  const name = child.execution.name ?? child.execution.executionArn?.split(':').at(-1) ?? 'unknown';
  const identity = omitUndefined({
    instanceId: textOf(node.instanceId) ?? name,
    nodeName: textOf(node.nodeName),
    zone: textOf(node.zone),
  });
  const outcome = outcomeOf(child, visits);
  const startedAt = millisecondsOf(first?.timestamp) ?? millisecondsOf(child.execution.startDate) ?? observedAt;
  const lastAt = millisecondsOf(child.history.at(-1)?.timestamp) ?? millisecondsOf(child.execution.stopDate);
  const endedAt = outcome === 'inProgress' ? undefined : (lastAt ?? observedAt);
  const drains = visits.filter(({ state }) => state === 'DrainNode');
  const turns = drains.map((visit) => objectOf(visit.output));
  const sum = (key: string): number => turns.reduce((total, turn) => total + (numberOf(turn[key]) ?? 0), 0);
  const all = (key: string): string[] => [...new Set(turns.flatMap((turn) => textsOf(turn[key])))];
  const drainTurns = drains
    .filter(({ output }) => output !== undefined)
    .map(
      (visit): DrainTurn => ({
        beganAt: visit.enteredAt,
        at: visit.exitedAt ?? visit.enteredAt,
        blockingPods: blockingPodsOf(objectOf(visit.output).blockingPods),
      }),
    );

  const segments = segmentsOf(visits, startedAt, endedAt ?? observedAt);
  const isDraining = outcome === 'inProgress' && segments.at(-1)?.state === 'draining';
  const { zone: _, ...holder } = identity;
  const answered = turns.filter((turn) => numberOf(turn.remainingCount) !== undefined);
  const [firstTurn, lastTurn] = [answered[0], answered.at(-1)];
  const result = resultOf(child, visits);
  const waitReason = textOf(objectOf(visits.findLast(({ state }) => state === 'AwaitTurn')?.output).reason);
  return {
    ...identity,
    attempt: omitUndefined({
      number: numberOf(node.attempt) ?? 1,
      startedAt: iso(startedAt),
      endedAt: endedAt === undefined ? undefined : iso(endedAt),
      outcome,
      reason: result.reason,
      error: result.error,
      isAbsorbed: node.absorb === true,
      segments,
      waitReason: outcome === 'inProgress' ? waitReason : undefined,
      executionArn: child.execution.executionArn,
    }),
    visits,
    blockingPods: blockingSpans(
      holder,
      drainTurns,
      isDraining || outcome === 'blocked' || outcome === 'interrupted',
      isDraining ? observedAt : undefined,
    ),
    evictedCount: sum('evictedCount'),
    deletedCount: sum('deletedCount'),
    evicted: all('evicted'),
    ignored: all('ignored'),
    remainingCount: numberOf(lastTurn?.remainingCount) ?? 0,
    ...(firstTurn === undefined
      ? {}
      : { initialCount: Math.max(numberOf(firstTurn.remainingCount) ?? 0, sum('evictedCount') + sum('deletedCount')) }),
  };
}

function resultOf(child: ExecutionHistory, visits: readonly Visit[]): { reason?: string; error?: string } {
  const output = child.history.at(-1)?.executionSucceededEventDetails?.output ?? child.execution.output;
  const result = objectOf(parseJson(output));
  const drain = objectOf(visits.findLast(({ state }) => state === 'DrainNode')?.output);
  const last = child.history.at(-1);
  const ended =
    last?.executionFailedEventDetails ?? last?.executionAbortedEventDetails ?? last?.executionTimedOutEventDetails;
  const reason = textOf(result.reason) ?? textOf(drain.cause) ?? ended?.cause ?? child.execution.cause;
  const error = textOf(result.error) ?? textOf(drain.error) ?? ended?.error ?? child.execution.error;
  return {
    ...(reason === undefined ? {} : { reason: unwrapCause(reason) }),
    ...(error === undefined ? {} : { error }),
  };
}

/** Join the attempts on one node. `readings` are of that node only, at least one. */
export function nodeOf(readings: readonly ChildReading[]): NodeReport {
  const inOrder = [...readings].sort((left, right) => left.attempt.startedAt.localeCompare(right.attempt.startedAt));
  const last = inOrder.at(-1) as ChildReading;
  const { attempt } = last;
  const sum = (pick: (reading: ChildReading) => number): number =>
    inOrder.reduce((total, reading) => total + pick(reading), 0);
  return omitUndefined({
    instanceId: last.instanceId,
    nodeName: last.nodeName,
    zone: last.zone,
    outcome: attempt.outcome,
    state: attempt.outcome === 'inProgress' ? attempt.segments.at(-1)?.state : undefined,
    attempts: inOrder.map((reading) => reading.attempt),
    evictedCount: sum((reading) => reading.evictedCount),
    deletedCount: sum((reading) => reading.deletedCount),
    evicted: [...new Set(inOrder.flatMap(({ evicted }) => evicted))],
    ignored: [...new Set(inOrder.flatMap(({ ignored }) => ignored))],
    remainingCount: last.remainingCount,
    initialCount: last.initialCount,
  });
}
