import { PAUSED } from '../turn.ts';
import { capacityOf } from './capacity.ts';
import { extraHoursSeen, extraInstanceHours, TRANSITION_USD, transitionsOf } from './cost.ts';
import { startedBy } from './execution-name.ts';
import { failureOf } from './failure.ts';
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
import type { ExecutionStatus, Report } from './model.ts';
import { readChild } from './node.ts';
import { countsOf, nodesOf, queuedNodes } from './nodes.ts';
import { phasesOf } from './phases.ts';
import { planOf } from './plan.ts';
import { compact, listOf, numberOf, objectOf, textOf, textsOf } from './read.ts';
import { mergeRetries, retriesOf } from './retries.ts';
import { updateOf } from './update-end.ts';
import { looksOf } from './update-looks.ts';
import { updateHeldPods, updateNodes } from './update-nodes.ts';

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

const upgradeBegan = (phases: Report['phases']): number | undefined =>
  millisecondsOf(phases.find(({ name }) => name === 'upgrade')?.startedAt);

/** What the newest turn says, when it is that an operator lets no node start. */
function pauseReasonOf(visits: readonly Visit[]): string | undefined {
  const turns = visits.filter(({ state, output }) => state === 'AwaitTurn' && output !== undefined);
  const newest = turns.reduce<Visit | undefined>(
    (best, turn) => ((turn.exitedAt ?? 0) >= (best?.exitedAt ?? 0) ? turn : best),
    undefined,
  );
  const reason = textOf(objectOf(newest?.output).reason);
  return reason?.startsWith(PAUSED) ? reason : undefined;
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
  const failure = failureOf(parent, visits, status);
  const phases = phasesOf(visits, stoppedAt);
  const looks = looksOf(visits);
  const update = updateOf(looks, status, failure);
  const end = update && { status: update.status, failure, upgradeAt: upgradeBegan(phases), observedAt };
  const begun = end === undefined ? nodesOf(readings) : updateNodes(looks, plan, end);
  const nodes = [...begun, ...queuedNodes(plan, visits, begun)];
  const allVisits = [...visits, ...readings.flatMap((reading) => reading.visits)];
  const bakes = bakesOf(visits);
  const transitions =
    transitionsOf(parent.history, visits) +
    children.reduce((sum, { history }, index) => sum + transitionsOf(history, readings[index]?.visits ?? []), 0);
  const facts = {
    status,
    plan,
    update,
    pauseReason: status === 'RUNNING' ? pauseReasonOf(allVisits) : undefined,
    counts: countsOf(nodes, plan, looks),
    failure,
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
    phases,
    waves: wavesOf(visits),
    canary: bakes.length === 0 ? undefined : { bakes },
    nodes,
    heldPods: (end === undefined
      ? readings.flatMap(({ heldPods }) => heldPods)
      : updateHeldPods(looks, nodes, end)
    ).sort(byImportance),
    capacity: capacityOf(allVisits, plan?.sizes.desiredCapacity),
    retries: mergeRetries([
      ...retriesOf(visits),
      ...readings.flatMap((reading) => retriesOf(reading.visits, reading.instanceId)),
    ]),
    warnings: [...new Set([...(plan?.warnings ?? []), ...laterWarnings(visits)])],
    cost: compact({
      stateTransitions: transitions,
      stepFunctionsUsd: transitions * TRANSITION_USD,
      extraInstanceHours:
        end === undefined
          ? extraInstanceHours(plan, visits, nodes, observedAt)
          : extraHoursSeen(looks, plan, observedAt),
      historyEvents: [parent, ...children].reduce((sum, { history }) => sum + history.length, 0),
      executions: 1 + children.length,
    }),
  });
}
