import { targetName } from '../../report/model/headline.ts';
import type { BlockingSpan, NodeReport, NodeState, PhaseName, Report } from '../../report/model/model.ts';
import { secondsBetween, shortNodeName } from '../../report/model/text.ts';
import { updateName } from '../../report/model/update-words.ts';

/**
 * What a node is doing, or how it ended; `replaced`: its termination was requested, and the group launches another or has
 * launched one before; `removed`: the same of a surplus node, for which there is no other.
 */
export type CellState =
  | 'queued'
  | Exclude<NodeState, 'unseen' | 'waiting'>
  | 'replaced'
  | 'removed'
  | 'blocked'
  | 'gone'
  | 'skipped'
  | 'interrupted';

/** One step of a node: when it came into which state. */
export interface Step {
  readonly state: CellState;
  /** ISO-8601 UTC */
  readonly at: string;
  readonly attempt: number;
}

export interface NodeCell {
  readonly instanceId: string;
  readonly label: string;
  readonly state: CellState;
  readonly steps: readonly Step[];
  readonly podsLeft: number;
  readonly podsTotal: number;
  /** Why it ended as it did. */
  readonly reason?: string;
  readonly error?: string;
}

export interface PhaseCell {
  readonly name: PhaseName;
  readonly title: string;
  readonly state: 'done' | 'current' | 'failed';
  readonly startedAt: string;
  readonly seconds: number;
}

/** Everything that the live display shows; times are those of the history. */
export interface ProgressView {
  readonly status: Report['status'];
  readonly headline: string;
  readonly title: string;
  /** ISO-8601 UTC: the clock of the run. */
  readonly at: string;
  readonly startedAt: string;
  readonly elapsedSeconds: number;
  /** Absent when nothing is known or nothing is left. */
  readonly remainingSeconds?: number;
  readonly phases: readonly PhaseCell[];
  readonly counts: Report['counts'];
  readonly parallelism?: number;
  readonly readyNodes?: number;
  readonly lowestReadyNodes?: number;
  readonly originalNodes?: number;
  readonly nodes: readonly NodeCell[];
  /** Outdated nodes that the history does not name yet: they are queued. */
  readonly unlistedNodes: number;
  /** Pods that block the drain of a node now. */
  readonly blockingPods: readonly BlockingSpan[];
  readonly planSummary?: string;
  /** Which update of EKS the run follows and whose it is; `at`: since when, ISO-8601 UTC. */
  readonly update?: { readonly name: string; readonly at: string };
  /** Why an operator has paused the run. */
  readonly pauseReason?: string;
  /** Why no further node is taken now, when it is not paused. */
  readonly waitsFor?: string;
  readonly failure?: Report['failure'];
  readonly executionName: string;
}

const FINAL: Readonly<Partial<Record<NodeReport['outcome'], CellState>>> = {
  upgraded: 'replaced',
  blocked: 'blocked',
  gone: 'gone',
  skipped: 'skipped',
  interrupted: 'interrupted',
};

/** Waiting is no step: a node is queued until it is admitted. */
function stepsOf({ attempts, isSurplus }: NodeReport): Step[] {
  return attempts.flatMap(({ number, outcome, segments, endedAt }): Step[] => {
    const final = outcome === 'upgraded' && isSurplus ? 'removed' : FINAL[outcome];
    return [
      ...segments.flatMap(({ state, startedAt }) =>
        state === 'unseen' || state === 'waiting' ? [] : [{ state, at: startedAt, attempt: number }],
      ),
      ...(final === undefined || endedAt === undefined ? [] : [{ state: final, at: endedAt, attempt: number }]),
    ];
  });
}

function cellOf(node: NodeReport): NodeCell {
  const steps = stepsOf(node);
  const last = node.attempts.at(-1);
  return {
    instanceId: node.instanceId,
    label: shortNodeName(node),
    state: steps.at(-1)?.state ?? 'queued',
    steps,
    podsLeft: node.remainingCount,
    podsTotal: Math.max(node.initialCount ?? 0, node.remainingCount),
    ...(last?.reason === undefined ? {} : { reason: last.reason }),
    ...(last?.error === undefined ? {} : { error: last.error }),
  };
}

/** From the pace so far once as many nodes are done as run in parallel; before that from the plan. */
function remainingOf({ status, counts, plan, phases, durationSeconds, observedAt }: Report): number | undefined {
  if (status !== 'RUNNING') return undefined;
  const upgrade = phases.find(({ name }) => name === 'upgrade');
  const done = counts.upgraded + counts.gone;
  const left = counts.outdated - done - counts.blocked;
  if (upgrade !== undefined && left > 0 && done >= (plan?.parallelism.nodes ?? 1)) {
    return (secondsBetween(upgrade.startedAt, observedAt) / done) * left;
  }
  const predicted = plan?.estimate.durationSeconds;
  if (predicted === undefined || predicted <= durationSeconds) return undefined;
  return upgrade !== undefined && left === 0 ? undefined : predicted - durationSeconds;
}

/** Does a pod block its node in the current attempt? A pod that blocked an earlier attempt need not block this one. */
function isBlockingNow({ nodes }: Report): (pod: BlockingSpan) => boolean {
  const drainingSince = new Map(
    nodes.flatMap(({ instanceId, state, attempts }) =>
      state === 'draining' ? [[instanceId, attempts.at(-1)?.startedAt ?? ''] as const] : [],
    ),
  );
  return ({ outcome, instanceId, blockedUntil }) => {
    const since = drainingSince.get(instanceId);
    return outcome === 'blocked' && since !== undefined && blockedUntil >= since;
  };
}

/**
 * Pick out of a report what the live display shows.
 *
 * @param nowAt ISO-8601 UTC of the run's clock when it is known to be ahead of the latest event
 */
export function progressView(report: Report, nowAt?: string): ProgressView {
  const { plan, execution, capacity, phases, update, pauseReason, waitsFor } = report;
  const at =
    nowAt !== undefined && report.status === 'RUNNING' && nowAt > report.observedAt ? nowAt : report.observedAt;
  const group = plan?.nodegroupName ?? plan?.autoScalingGroupName;
  const place = [plan?.clusterName, group].filter((text) => text !== undefined).join(' / ');
  const remaining = remainingOf(report);
  const followedAt = phases.find(({ carriedOutBy }) => carriedOutBy === 'EKS')?.startedAt;
  return {
    status: report.status,
    headline: report.headline,
    title: place === '' ? execution.name : `${place} → ${targetName(plan)}${plan?.engine === 'eks' ? ' by EKS' : ''}`,
    at,
    startedAt: execution.startedAt,
    elapsedSeconds: secondsBetween(execution.startedAt, at),
    ...(remaining === undefined
      ? {}
      : { remainingSeconds: Math.max(0, remaining - secondsBetween(report.observedAt, at)) }),
    phases: phases.map(({ name, title, startedAt, endedAt, hasFailed }) => ({
      name,
      title,
      state: hasFailed ? 'failed' : endedAt === undefined ? 'current' : 'done',
      startedAt,
      seconds: secondsBetween(startedAt, endedAt ?? at),
    })),
    counts: report.counts,
    ...(plan?.parallelism.nodes === undefined ? {} : { parallelism: plan.parallelism.nodes }),
    ...lastCapacity(capacity),
    nodes: report.nodes.map(cellOf),
    unlistedNodes: Math.max(0, report.counts.outdated - report.nodes.filter(({ isSurplus }) => !isSurplus).length),
    blockingPods: report.blockingPods.filter(isBlockingNow(report)),
    ...(update === undefined ? {} : { update: { name: updateName(update), at: followedAt ?? execution.startedAt } }),
    ...(pauseReason === undefined ? {} : { pauseReason }),
    ...(waitsFor === undefined ? {} : { waitsFor }),
    ...(plan?.summary === undefined ? {} : { planSummary: plan.summary }),
    ...(report.failure === undefined ? {} : { failure: report.failure }),
    executionName: execution.name,
  };
}

function lastCapacity({ points, lowest, originalDesired }: Report['capacity']) {
  const last = points.at(-1);
  return {
    ...(last === undefined ? {} : { readyNodes: last.readyNodes }),
    ...(lowest === undefined ? {} : { lowestReadyNodes: lowest.readyNodes }),
    ...(originalDesired === undefined ? {} : { originalNodes: originalDesired }),
  };
}
