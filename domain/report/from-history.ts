import { capacityOf } from './capacity.ts';
import { extraInstanceHours, TRANSITION_USD, transitionsOf } from './cost.ts';
import { startedBy } from './execution-name.ts';
import { failureOf, unwrapCause } from './failure.ts';
import { adviceOf, headlineOf } from './headline.ts';
import { byImportance } from './held-pods.ts';
import {
  type ExecutionHistory,
  millisecondsOf,
  parseJson,
  type UpgradeHistory,
  type Visit,
  visitsOf,
} from './history.ts';
import type { Counts, ExecutionStatus, NodeReport, PlanReport, Report, Retry } from './model.ts';
import { type ChildReading, nodeOf, readChild } from './node.ts';
import { phasesOf } from './phases.ts';
import { planOf } from './plan.ts';
import { compact, listOf, numberOf, objectOf, textOf, textsOf } from './read.ts';

const STATUS_OF_EVENT: Readonly<Record<string, ExecutionStatus>> = {
  ExecutionSucceeded: 'SUCCEEDED',
  ExecutionFailed: 'FAILED',
  ExecutionAborted: 'ABORTED',
  ExecutionTimedOut: 'TIMED_OUT',
};

const iso = (at: number): string => new Date(at).toISOString();

/** The history decides: a description fetched a moment earlier or later may disagree with it. */
function statusOf({ execution, history }: ExecutionHistory): ExecutionStatus {
  const ended = STATUS_OF_EVENT[history.at(-1)?.type ?? ''];
  if (ended !== undefined) return ended;
  const known = Object.values(STATUS_OF_EVENT).find((status) => status === execution.status);
  return known ?? 'RUNNING';
}

const inOrder = ({ execution, history }: ExecutionHistory): ExecutionHistory => ({
  execution,
  history: history.every((event, index) => index === 0 || (event.id ?? 0) >= (history[index - 1]?.id ?? 0))
    ? history
    : [...history].sort((left, right) => (left.id ?? 0) - (right.id ?? 0)),
});

function lastInstant(executions: readonly ExecutionHistory[]): number {
  let last = 0;
  for (const { execution, history } of executions) {
    const at = millisecondsOf(history.at(-1)?.timestamp) ?? millisecondsOf(execution.startDate) ?? 0;
    last = Math.max(last, at);
  }
  return last;
}

/** Nodes of the plan and of the waves that no child execution has begun. */
function queuedNodes(plan: PlanReport | undefined, visits: readonly Visit[], begun: ReadonlySet<string>): NodeReport[] {
  const selected = visits
    .filter(({ state }) => state === 'SelectNodes')
    .flatMap(({ output }) => listOf(objectOf(output).nodes).map(objectOf));
  const known = new Map<string, NodeReport>();
  for (const node of [...selected, ...(plan?.outdatedNodes ?? [])].map(objectOf)) {
    const instanceId = textOf(node.instanceId);
    if (instanceId === undefined || begun.has(instanceId) || known.has(instanceId)) continue;
    known.set(
      instanceId,
      compact({
        instanceId,
        nodeName: textOf(node.nodeName),
        zone: textOf(node.zone),
        outcome: 'queued' as const,
        attempts: [],
        evictedCount: 0,
        deletedCount: 0,
        evicted: [],
        ignored: [],
        remainingCount: 0,
      }),
    );
  }
  return [...known.values()];
}

function nodesOf(
  children: readonly ChildReading[],
  plan: PlanReport | undefined,
  visits: readonly Visit[],
): NodeReport[] {
  const byInstance = Map.groupBy(children, ({ instanceId }) => instanceId);
  const begun = [...byInstance.values()].map(nodeOf);
  begun.sort((left, right) => {
    const [a, b] = [left.attempts[0]?.startedAt ?? '', right.attempts[0]?.startedAt ?? ''];
    return a.localeCompare(b) || left.instanceId.localeCompare(right.instanceId);
  });
  return [...begun, ...queuedNodes(plan, visits, new Set(byInstance.keys()))];
}

function countsOf(nodes: readonly NodeReport[], plan: PlanReport | undefined): Counts {
  const count = (...outcomes: NodeReport['outcome'][]): number =>
    nodes.filter(({ outcome }) => outcomes.includes(outcome)).length;
  const outdated = Math.max(nodes.length, plan?.nodes.outdated ?? 0);
  const counts = {
    upgraded: count('upgraded'),
    blocked: count('blocked', 'interrupted'),
    skipped: count('skipped'),
    inProgress: count('inProgress'),
  };
  return {
    outdated,
    ...counts,
    // The plan's list of nodes is capped, so what is queued is what is left over.
    queued: outdated - counts.upgraded - counts.blocked - counts.skipped - counts.inProgress,
    evicted: nodes.reduce((sum, { evictedCount }) => sum + evictedCount, 0),
    deleted: nodes.reduce((sum, { deletedCount }) => sum + deletedCount, 0),
  };
}

function retriesOf(visits: readonly Visit[], instanceId?: string): Retry[] {
  return visits.flatMap(({ state, failures, tries }) =>
    failures.slice(0, Math.max(0, tries - 1)).map(({ at, error, cause }) => ({
      state,
      ...(instanceId === undefined ? {} : { instanceId }),
      error,
      message: unwrapCause(cause),
      count: 1,
      lastAt: iso(at),
    })),
  );
}

function mergeRetries(retries: readonly Retry[]): Retry[] {
  const merged = Map.groupBy(retries, (retry) =>
    [retry.state, retry.instanceId, retry.error, retry.message].join('\n'),
  );
  return [...merged.values()].map((same) => ({ ...(same.at(-1) as Retry), count: same.length }));
}

/** What steps after the plan warn of. */
const laterWarnings = (visits: readonly Visit[]): string[] =>
  visits
    .filter(({ state }) => state !== 'PlanUpgrade')
    .flatMap(({ output }) => {
      const { warnings, warning } = objectOf(output);
      return [...textsOf(warnings), ...textsOf([warning])];
    });

const wavesOf = (visits: readonly Visit[]): Report['waves'] =>
  visits
    .filter(({ state, output }) => state === 'SelectNodes' && objectOf(output).status === 'selected')
    .map(({ output, exitedAt, enteredAt }) => ({
      number: numberOf(objectOf(output).number) ?? 0,
      startedAt: iso(exitedAt ?? enteredAt),
      nodes: listOf(objectOf(output).nodes).length,
    }));

function bakesOf(visits: readonly Visit[]): NonNullable<Report['canary']>['bakes'] {
  return visits
    .filter(({ state }) => state === 'WaitForCanary')
    .map(({ enteredAt, exitedAt }) => ({
      startedAt: iso(enteredAt),
      ...(exitedAt === undefined ? {} : { endedAt: iso(exitedAt) }),
    }));
}

/**
 * Build the report of a run from its histories alone: the parent execution's and its child executions'. Works for a run
 * in any status; whatever a history withholds is absent from the report.
 *
 * @param upgrade `execution` as DescribeExecution gives it, `history` as GetExecutionHistory does, oldest or newest first
 * @throws never, for events of AWS's shape
 */
export function buildReport(upgrade: UpgradeHistory): Report {
  const parent = inOrder(upgrade);
  const children = upgrade.children.map(inOrder);
  const status = statusOf(parent);
  const visits = visitsOf(parent.history);
  const [started] = parent.history;
  const hasEnded = status !== 'RUNNING';
  const startedAt = millisecondsOf(started?.timestamp) ?? millisecondsOf(parent.execution.startDate) ?? 0;
  const stoppedAt = hasEnded ? (millisecondsOf(parent.execution.stopDate) ?? lastInstant([parent])) : undefined;
  const observedAt = stoppedAt ?? Math.max(startedAt, lastInstant([parent, ...children]));
  const readings = children.map((child) => readChild(child, observedAt));
  const plan = planOf(visits.findLast(({ state }) => state === 'PlanUpgrade')?.output);
  const nodes = nodesOf(readings, plan, visits);
  const allVisits = [...visits, ...readings.flatMap((reading) => reading.visits)];
  const bakes = bakesOf(visits);
  const transitions =
    transitionsOf(parent.history, visits) +
    children.reduce((sum, { history }, index) => sum + transitionsOf(history, readings[index]?.visits ?? []), 0);
  const facts = {
    status,
    plan,
    counts: countsOf(nodes, plan),
    failure: failureOf(parent, visits, status),
    durationSeconds: Math.max(0, Math.round((observedAt - startedAt) / 1000)),
  };
  const arn = parent.execution.executionArn ?? '';
  const name = parent.execution.name ?? arn.split(':').at(-1) ?? '';
  return compact({
    schemaVersion: 1 as const,
    headline: headlineOf(facts),
    advice: adviceOf(facts),
    ...facts,
    execution: compact({
      arn,
      name,
      region: arn.split(':')[3],
      startedAt: iso(startedAt),
      stoppedAt: stoppedAt === undefined ? undefined : iso(stoppedAt),
      startedBy: startedBy(name),
      roleArn: started?.executionStartedEventDetails?.roleArn,
    }),
    observedAt: iso(observedAt),
    input: parseJson(started?.executionStartedEventDetails?.input ?? parent.execution.input),
    phases: phasesOf(visits, stoppedAt),
    waves: wavesOf(visits),
    canary: bakes.length === 0 ? undefined : { bakes },
    nodes,
    heldPods: readings.flatMap(({ heldPods }) => heldPods).sort(byImportance),
    capacity: capacityOf(allVisits, plan?.sizes.desiredCapacity),
    retries: mergeRetries([
      ...retriesOf(visits),
      ...readings.flatMap((reading) => retriesOf(reading.visits, reading.instanceId)),
    ]),
    warnings: [...new Set([...(plan?.warnings ?? []), ...laterWarnings(visits)])],
    cost: compact({
      stateTransitions: transitions,
      stepFunctionsUsd: transitions * TRANSITION_USD,
      extraInstanceHours: extraInstanceHours(plan, visits, nodes, observedAt),
      historyEvents: [parent, ...children].reduce((sum, { history }) => sum + history.length, 0),
      executions: 1 + children.length,
    }),
  });
}
