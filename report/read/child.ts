import * as z from 'zod';
import { omitUndefined } from '../../domain/omit-undefined.ts';
import { nodeResultSchema, waveNodeSchema } from '../../domain/state.ts';
import type { Attempt, BlockingSpan, NodeOutcome, NodeState, Segment } from '../model/model.ts';
import { blockingSpans, type DrainRound } from './blocking-spans.ts';
import { inputOf, nameOf } from './execution.ts';
import { unwrapCause } from './failure.ts';
import { type ExecutionHistory, millisecondsOf, parseJson } from './history.ts';
import { lastOutputOf, type Output, outputOf } from './outputs.ts';
import { inSentences } from './plan.ts';
import { readThrough } from './through-schema.ts';
import { type Visit, visitsOf } from './visits.ts';

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

const childInputSchema = z.object({ node: waveNodeSchema });

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

/** Why a child execution ended as it did: by its output, else by its last drain, else by its last event. */
function resultOf(
  child: ExecutionHistory,
  lastDrain: Output<'DrainNode'> | undefined,
): { reason?: string; error?: string } {
  const last = child.history.at(-1);
  const output = last?.executionSucceededEventDetails?.output ?? child.execution.output;
  const result = readThrough(nodeResultSchema, parseJson(output));
  const blocked = lastDrain?.status === 'blocked' ? lastDrain : undefined;
  const ended =
    last?.executionFailedEventDetails ?? last?.executionAbortedEventDetails ?? last?.executionTimedOutEventDetails;
  const reason = result?.reason ?? blocked?.cause ?? ended?.cause ?? child.execution.cause;
  return omitUndefined({
    reason: reason === undefined ? undefined : unwrapCause(reason),
    error: result?.error ?? blocked?.error ?? ended?.error ?? child.execution.error,
  });
}

/** A round of a drain: the visit to DrainNode, and what it returned. */
interface Round {
  readonly visit: Visit;
  readonly drain: Output<'DrainNode'>;
}

const roundsOf = (visits: readonly Visit[]): Round[] =>
  visits.flatMap((visit) => {
    const drain = outputOf(visit, 'DrainNode');
    return drain === undefined ? [] : [{ visit, drain }];
  });

/** What the rounds of a drain add up to. */
function podsOf(rounds: readonly Round[]) {
  const sum = (figure: (drain: Output<'DrainNode'>) => number | undefined): number =>
    rounds.reduce((total, { drain }) => total + (figure(drain) ?? 0), 0);
  const [evictedCount, deletedCount] = [sum((drain) => drain.evictedCount), sum((drain) => drain.deletedCount)];
  const remaining = rounds.flatMap(({ drain }) => drain.remainingCount ?? []);
  const [first] = remaining;
  return {
    evictedCount,
    deletedCount,
    evicted: [...new Set(rounds.flatMap(({ drain }) => drain.evicted ?? []))],
    ignored: [...new Set(rounds.flatMap(({ drain }) => drain.ignored ?? []))],
    remainingCount: remaining.at(-1) ?? 0,
    ...(first === undefined ? {} : { initialCount: Math.max(first, evictedCount + deletedCount) }),
  };
}

const observedIn = ({ visit: { enteredAt, exitedAt = enteredAt }, drain }: Round): DrainRound => ({
  beganAt: enteredAt,
  at: exitedAt,
  blockingPods: (drain.blockingPods ?? []).map(inSentences),
});

/** Read one child execution. `observedAt` (epoch ms) ends what is going on. */
export function readChild(child: ExecutionHistory, observedAt: number): ChildReading {
  const { execution, history } = child;
  const visits = visitsOf(history);
  const rounds = roundsOf(visits);
  const { node = {} } = readThrough(childInputSchema, inputOf(child)) ?? {};
  const { instanceId = nameOf(execution) || 'unknown', nodeName, zone, attempt = 1, absorb = false } = node;
  const outcome = outcomeOf(child, visits);
  const startedAt = millisecondsOf(history[0]?.timestamp) ?? millisecondsOf(execution.startDate) ?? observedAt;
  const lastAt = millisecondsOf(history.at(-1)?.timestamp) ?? millisecondsOf(execution.stopDate) ?? observedAt;
  const endedAt = outcome === 'inProgress' ? undefined : lastAt;
  const segments = segmentsOf(visits, startedAt, endedAt ?? observedAt);
  const isDraining = outcome === 'inProgress' && segments.at(-1)?.state === 'draining';
  const isUnfinished = isDraining || outcome === 'blocked' || outcome === 'interrupted';
  return {
    ...omitUndefined({ instanceId, nodeName, zone }),
    attempt: omitUndefined({
      number: attempt,
      startedAt: iso(startedAt),
      endedAt: endedAt === undefined ? undefined : iso(endedAt),
      outcome,
      ...resultOf(child, rounds.at(-1)?.drain),
      isAbsorbed: absorb,
      segments,
      waitReason: outcome === 'inProgress' ? lastOutputOf(visits, 'AwaitTurn')?.reason : undefined,
      executionArn: execution.executionArn,
    }),
    visits,
    blockingPods: blockingSpans(
      omitUndefined({ instanceId, nodeName }),
      rounds.map(observedIn),
      isUnfinished,
      isDraining ? observedAt : undefined,
    ),
    ...podsOf(rounds),
  };
}
