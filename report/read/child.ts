import type { Entry } from '../../domain/admission/entry.ts';
import { omitUndefined } from '../../domain/omit-undefined.ts';
import { nodeResultSchema } from '../../domain/state.ts';
import type { Attempt, BlockingSpan, NodeOutcome, NodeState, Segment } from '../model/model.ts';
import { blockingSpans, type DrainRound } from './blocking-spans.ts';
import { adoptionOf, inputsOf, type OwnRun } from './child-input.ts';
import { consoleUrlOf } from './console.ts';
import { EARLIER_WAITING_STATE, isOfMapRun, resultInTodaysForm } from './earlier-versions.ts';
import { unwrapCause } from './failure.ts';
import { type ExecutionHistory, millisecondsOf, parseJson } from './history.ts';
import { lastOutputOf, type Output, outputOf } from './outputs.ts';
import { inSentences } from './plan.ts';
import { readThrough } from './through-schema.ts';
import { type Visit, visitsOf } from './visits.ts';

/** One execution of a node, read. Its attempt has no waiting before it was admitted yet. */
export interface ChildReading {
  readonly instanceId: string;
  readonly nodeName?: string;
  readonly zone?: string;
  readonly isSurplus: boolean;
  readonly attempt: Attempt;
  readonly visits: readonly Visit[];
  readonly blockingPods: readonly BlockingSpan[];
  readonly evictedCount: number;
  readonly deletedCount: number;
  readonly evicted: readonly string[];
  readonly ignored: readonly string[];
  readonly presumedGone: readonly string[];
  readonly remainingCount: number;
  readonly initialCount?: number;
}

const iso = (at: number): string => new Date(at).toISOString();

/** The state of the node that begins with a state of the definition. */
const NODE_STATES: Readonly<Record<string, NodeState>> = {
  [EARLIER_WAITING_STATE]: 'waiting',
  DrainNode: 'draining',
  CordonNode: 'cordonWait',
  TerminateInstance: 'terminating',
};

/** The state in which an execution begins, by where its entry lets it enter. */
const FIRST_STATES: Readonly<Record<Entry['enters'], NodeState>> = { drain: 'draining', terminate: 'terminating' };

const OUTCOMES: Readonly<Record<string, NodeOutcome>> = {
  NodeUpgraded: 'upgraded',
  NodeGone: 'gone',
  NodeGoneWhenTerminated: 'gone',
  NodeSkipped: 'skipped',
  NodeNotLicensed: 'skipped',
  NodeKept: 'skipped',
  NodeBlocked: 'blocked',
  NodeBlockedByError: 'blocked',
  NodeNotTerminated: 'blocked',
};

function segmentsOf(visits: readonly Visit[], first: NodeState, startedAt: number, endAt: number): Segment[] {
  const starts: { state: NodeState; at: number }[] = [{ state: first, at: startedAt }];
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
  if (byState === 'skipped' && isOfMapRun(child.execution.executionArn)) return 'gone';
  if (byState !== undefined) return byState;
  const status = child.execution.status ?? 'RUNNING';
  const lastType = child.history.at(-1)?.type ?? '';
  const hasEnded = status !== 'RUNNING' || /^Execution(Aborted|Failed|TimedOut)$/.test(lastType);
  return hasEnded ? 'interrupted' : 'inProgress';
}

/** Why an execution ended as it did: by its output, else by its last drain, else by its last event. */
function resultOf(child: ExecutionHistory, lastDrain: Output<'DrainNode'> | undefined) {
  const last = child.history.at(-1);
  const output = parseJson(last?.executionSucceededEventDetails?.output ?? child.execution.output);
  const isEarlier = isOfMapRun(child.execution.executionArn);
  const result = readThrough(nodeResultSchema, isEarlier ? resultInTodaysForm(output) : output);
  const blocked = lastDrain?.status === 'blocked' ? lastDrain : undefined;
  const ended =
    last?.executionFailedEventDetails ?? last?.executionAbortedEventDetails ?? last?.executionTimedOutEventDetails;
  const reason = result?.reason ?? blocked?.cause ?? ended?.cause ?? child.execution.cause;
  return {
    reason: reason === undefined ? undefined : unwrapCause(reason),
    error: result?.error ?? blocked?.error ?? ended?.error ?? child.execution.error,
    decrement: result?.decrement,
  };
}

/** An output of DrainNode that tells of pods: not that of a node that was not drained. */
type Told = Extract<Output<'DrainNode'>, { readonly evictedCount?: number }>;

const isTold = (drain: Output<'DrainNode'> | undefined): drain is Told =>
  drain !== undefined && 'evictedCount' in drain;

/** A round of a drain: the visit to DrainNode, and what it returned. */
interface Round {
  readonly visit: Visit;
  readonly drain: Told;
}

const roundsOf = (visits: readonly Visit[]): Round[] =>
  visits.flatMap((visit) => {
    const drain = outputOf(visit, 'DrainNode');
    return isTold(drain) ? [{ visit, drain }] : [];
  });

/** What the rounds of a drain add up to. */
function podsOf(rounds: readonly Round[]) {
  const sum = (figure: (drain: Told) => number | undefined): number =>
    rounds.reduce((total, { drain }) => total + (figure(drain) ?? 0), 0);
  const [evictedCount, deletedCount] = [sum((drain) => drain.evictedCount), sum((drain) => drain.deletedCount)];
  const remaining = rounds.flatMap(({ drain }) => drain.remainingCount ?? []);
  const [first] = remaining;
  return {
    evictedCount,
    deletedCount,
    evicted: [...new Set(rounds.flatMap(({ drain }) => drain.evicted ?? []))],
    ignored: [...new Set(rounds.flatMap(({ drain }) => drain.ignored ?? []))],
    presumedGone: [...new Set(rounds.flatMap(({ drain }) => drain.presumedGone ?? []))],
    remainingCount: remaining.at(-1) ?? 0,
    ...(first === undefined ? {} : { initialCount: Math.max(first, evictedCount + deletedCount) }),
  };
}

const observedIn = ({ visit: { enteredAt, exitedAt = enteredAt }, drain }: Round): DrainRound => ({
  beganAt: enteredAt,
  at: exitedAt,
  blockingPods: (drain.blockingPods ?? []).map(inSentences),
});

/**
 * Read one execution of a node.
 *
 * @param observedAt epoch ms, ends what is going on
 */
export function readChild(child: ExecutionHistory, observedAt: number, own: OwnRun): ChildReading {
  const { execution, history } = child;
  const visits = visitsOf(history);
  const rounds = roundsOf(visits);
  const { node, run } = inputsOf(child);
  const { instanceId, nodeName, zone } = node;
  const outcome = outcomeOf(child, visits);
  const startedAt = millisecondsOf(history[0]?.timestamp) ?? millisecondsOf(execution.startDate) ?? observedAt;
  const lastAt = millisecondsOf(history.at(-1)?.timestamp) ?? millisecondsOf(execution.stopDate) ?? observedAt;
  const endedAt = outcome === 'inProgress' ? undefined : lastAt;
  const begins = isOfMapRun(execution.executionArn) ? 'waiting' : FIRST_STATES[node.enters];
  const segments = segmentsOf(visits, begins, startedAt, endedAt ?? observedAt);
  const isDraining = outcome === 'inProgress' && segments.at(-1)?.state === 'draining';
  const isUnfinished = isDraining || outcome === 'blocked' || outcome === 'interrupted';
  const { reason, error, decrement } = resultOf(child, lastOutputOf(visits, 'DrainNode'));
  return {
    ...omitUndefined({ instanceId, nodeName, zone }),
    isSurplus: node.kind === 'surplus',
    attempt: omitUndefined({
      number: node.attempt,
      startedAt: iso(startedAt),
      endedAt: endedAt === undefined ? undefined : iso(endedAt),
      outcome,
      reason,
      error,
      isDecremented: node.decrement && (decrement === undefined || decrement === 'yes'),
      ...adoptionOf(node.runId, run, own),
      segments,
      executionArn: execution.executionArn,
      consoleUrl: consoleUrlOf(execution.executionArn),
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
