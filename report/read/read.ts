/*
 * From histories to the report of a run.
 *
 * history      the events of an execution, and what DescribeExecution says of it
 * visit        one stay of an execution in a state
 * output       what a state returned, read through the schema of the domain, as far as it can be read
 * child        the execution that upgrades one node; a node has one for every attempt
 * observation  what a step saw of an update that EKS carries out
 * span         how long a pod blocked a drain, joined from rounds or observations
 */

import { omitUndefined } from '../../domain/omit-undefined.ts';
import { asSentence } from '../../domain/text.ts';
import { adviceOf, headlineOf } from '../model/headline.ts';
import type { Cost, Report } from '../model/model.ts';
import { byImportance } from './blocking-spans.ts';
import { capacityOf } from './capacity.ts';
import { type ChildReading, readChild } from './child.ts';
import { extraHoursObserved, extraInstanceHours, TRANSITION_USD, transitionsOf } from './cost.ts';
import { executionOf, inOrder, inputOf, spanOf, statusOf } from './execution.ts';
import { failureOf } from './failure.ts';
import { type ExecutionHistory, millisecondsOf, type UpgradeHistory } from './history.ts';
import { countsOf, nodesOf, queuedNodes } from './nodes.ts';
import { groupOutputOf, lastOutputOf, outputOf } from './outputs.ts';
import { phasesOf } from './phases.ts';
import { planReportOf } from './plan.ts';
import { mergeRetries, retriesOf } from './retries.ts';
import { updateOf, updateRecovery } from './update-end.ts';
import { updateBlockingSpans, updateNodes } from './update-nodes.ts';
import { observationsOf } from './update-observations.ts';
import { type Visit, visitsOf } from './visits.ts';

const iso = (at: number): string => new Date(at).toISOString();

/** Warnings of steps after the plan. */
const laterWarnings = (visits: readonly Visit[]): string[] =>
  visits.filter(({ state }) => state !== 'PlanUpgrade').flatMap((visit) => groupOutputOf(visit).warnings ?? []);

const wavesOf = (visits: readonly Visit[]): Report['waves'] =>
  visits.flatMap((visit) => {
    const { status, number = 0, nodes = [] } = outputOf(visit, 'SelectNodes') ?? {};
    const startedAt = iso(visit.exitedAt ?? visit.enteredAt);
    return status === 'selected' ? [{ number, startedAt, nodes: nodes.length }] : [];
  });

function canaryOf(visits: readonly Visit[]): Report['canary'] {
  const bakes = visits
    .filter(({ state }) => state === 'WaitForCanary')
    .map(({ enteredAt, exitedAt }) => ({
      startedAt: iso(enteredAt),
      ...(exitedAt === undefined ? {} : { endedAt: iso(exitedAt) }),
    }));
  return bakes.length === 0 ? undefined : { bakes };
}

/** Why an operator has paused the run, by the newest turn. */
function pauseReasonOf(visits: readonly Visit[]): string | undefined {
  const turns = visits.filter(({ state, output }) => state === 'AwaitTurn' && output !== undefined);
  const newest = turns.reduce<Visit | undefined>(
    (best, turn) => ((turn.exitedAt ?? 0) >= (best?.exitedAt ?? 0) ? turn : best),
    undefined,
  );
  const turn = newest && outputOf(newest, 'AwaitTurn');
  return turn?.isPaused ? turn.reason : undefined;
}

/** All executions of a run, read. */
interface RunReading {
  readonly parent: ExecutionHistory;
  readonly visits: readonly Visit[];
  readonly children: readonly ExecutionHistory[];
  readonly readings: readonly ChildReading[];
}

function costOf({ parent, visits, children, readings }: RunReading, extraHours: number | undefined): Cost {
  const stateTransitions = children.reduce(
    (sum, { history }, index) => sum + transitionsOf(history, readings[index]?.visits ?? []),
    transitionsOf(parent.history, visits),
  );
  return omitUndefined({
    stateTransitions,
    stepFunctionsUsd: stateTransitions * TRANSITION_USD,
    extraInstanceHours: extraHours,
    historyEvents: [parent, ...children].reduce((sum, { history }) => sum + history.length, 0),
    executions: 1 + children.length,
  });
}

/** What differs between the engines: the workflow's nodes have executions, those of EKS are observed from outside. */
function nodesAndPods(
  { visits, readings }: RunReading,
  facts: Pick<Report, 'status' | 'phases'> & Partial<Pick<Report, 'plan' | 'failure'>>,
  observedAt: number,
) {
  const { status, phases, plan, failure } = facts;
  const observations = observationsOf(visits);
  const { updateStatus, failedNodes } = updateRecovery(visits);
  const update = updateOf(observations, status, failure, updateStatus);
  // An update that was under way may have raised the size already: the size before it is unknown.
  const originalDesired = update?.isAdopted ? undefined : plan?.sizes.desiredCapacity;
  if (update === undefined) {
    const nodes = nodesOf(readings);
    const blockingPods = readings.flatMap((reading) => reading.blockingPods);
    const extraHours = extraInstanceHours(plan, visits, nodes, observedAt);
    return { observations, update, originalDesired, begun: nodes, blockingPods, extraHours };
  }
  const upgradeAt = millisecondsOf(phases.find(({ name }) => name === 'upgrade')?.startedAt);
  const end = { status: update.status, failure, failedNodes, upgradeAt, observedAt };
  const nodes = updateNodes(observations, plan, end);
  const blockingPods = updateBlockingSpans(observations, nodes, end);
  const extraHours = extraHoursObserved(observations, originalDesired, observedAt);
  return { observations, update, originalDesired, begun: nodes, blockingPods, extraHours };
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
  const span = spanOf(parent, children);
  const { startedAt, stoppedAt, observedAt } = span;
  const run = { parent, visits, children, readings: children.map((child) => readChild(child, observedAt)) };
  const planned = lastOutputOf(visits, 'PlanUpgrade');
  const plan = planned && planReportOf(planned);
  const failure = failureOf(parent, visits, status);
  const phases = phasesOf(visits, stoppedAt);
  const known = omitUndefined({ status, phases, plan, failure });
  const { observations, update, originalDesired, begun, blockingPods, extraHours } = nodesAndPods(
    run,
    known,
    observedAt,
  );
  const nodes = [...begun, ...queuedNodes(plan, visits, begun)];
  const allVisits = [...visits, ...run.readings.flatMap((reading) => reading.visits)];
  const facts = {
    status,
    plan,
    update,
    pauseReason: status === 'RUNNING' ? pauseReasonOf(allVisits) : undefined,
    counts: countsOf(nodes, plan, observations),
    failure,
    durationSeconds: Math.max(0, Math.round((observedAt - startedAt) / 1000)),
  };
  return omitUndefined({
    schemaVersion: 1 as const,
    headline: headlineOf(facts),
    advice: adviceOf(facts),
    ...facts,
    execution: executionOf(parent, span),
    observedAt: iso(observedAt),
    input: inputOf(parent),
    phases,
    waves: wavesOf(visits),
    canary: canaryOf(visits),
    nodes,
    blockingPods: blockingPods.sort(byImportance),
    capacity: capacityOf(allVisits, originalDesired),
    retries: mergeRetries([
      ...retriesOf(visits),
      ...run.readings.flatMap((reading) => retriesOf(reading.visits, reading.instanceId)),
    ]),
    warnings: [...new Set([...(plan?.warnings ?? []), ...laterWarnings(visits)].map(asSentence))],
    cost: costOf(run, extraHours),
  });
}
