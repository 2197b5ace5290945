/*
 * From histories to the report of a run.
 *
 * history      the events of an execution, and what DescribeExecution says of it
 * visit        one stay of an execution in a state
 * output       what a state returned, read through the schema of the domain, as far as it can be read
 * child        the execution that upgrades one node; a node has one for every attempt
 * continuation the execution that goes on with the run when the history of the one before is nearly full
 * observation  what a step saw of an update that EKS carries out
 * span         how long a pod blocked a drain, joined from rounds or observations
 */

import { runIdOf } from '../../domain/admission/entry.ts';
import { omitUndefined } from '../../domain/omit-undefined.ts';
import { asSentence } from '../../domain/text.ts';
import { adviceOf, headlineOf } from '../model/headline.ts';
import type { Cost, PlanReport, Report } from '../model/model.ts';
import { byImportance } from './blocking-spans.ts';
import { capacityOf } from './capacity.ts';
import { type ChildReading, readChild } from './child.ts';
import { joinedVisits } from './continuations.ts';
import { extraHoursObserved, extraInstanceHours, TRANSITION_USD, transitionsOf } from './cost.ts';
import { EARLIER_WAITING_STATE } from './earlier-versions.ts';
import { executionOf, inOrder, inputOf, lastInstant, nameOf, type Span, spanOf, statusOf } from './execution.ts';
import { failureOf } from './failure.ts';
import { type ExecutionHistory, millisecondsOf, type UpgradeHistory } from './history.ts';
import { countsOf, nodesOf, otherNodes } from './nodes.ts';
import { groupOutputOf, lastOutputOf, outputOf } from './outputs.ts';
import { phasesOf } from './phases.ts';
import { planReportOf } from './plan.ts';
import { mergeRetries, retriesOf } from './retries.ts';
import { updateOf, updateRecovery } from './update-end.ts';
import { updateBlockingSpans, updateNodes } from './update-nodes.ts';
import { observationsOf } from './update-observations.ts';
import { type Visit, visitsOf } from './visits.ts';

const iso = (at: number): string => new Date(at).toISOString();

/** The states that decide whether a node is taken. */
const ADMITTING: ReadonlySet<string> = new Set(['UpgradeNodes', EARLIER_WAITING_STATE]);

/** Warnings of steps after the plan. */
const laterWarnings = (visits: readonly Visit[]): string[] =>
  visits.filter(({ state }) => state !== 'PlanUpgrade').flatMap((visit) => groupOutputOf(visit).warnings ?? []);

/** Why no node is taken now, by the newest step; that as many are in hand as may be is no reason worth a word. */
function waitOf(visits: readonly Visit[], plan: PlanReport | undefined): Pick<Report, 'pauseReason' | 'waitsFor'> {
  const newest = visits
    .filter(({ state, output }) => ADMITTING.has(state) && output !== undefined)
    .reduce<Visit | undefined>(
      (best, visit) => ((visit.exitedAt ?? 0) >= (best?.exitedAt ?? 0) ? visit : best),
      undefined,
    );
  if (newest === undefined) return {};
  const { waitsFor, isPaused } = groupOutputOf(newest);
  const { inHand = 0 } = outputOf(newest, 'UpgradeNodes') ?? {};
  if (!isPaused && inHand >= (plan?.parallelism.nodes ?? Number.POSITIVE_INFINITY)) return {};
  return isPaused ? omitUndefined({ pauseReason: waitsFor }) : omitUndefined({ waitsFor });
}

/** All executions of a run, read. */
interface RunReading {
  readonly parent: ExecutionHistory;
  readonly span: Span;
  readonly plan: PlanReport | undefined;
  /** The run's own execution, and those that continued it. */
  readonly parts: readonly ExecutionHistory[];
  /** Of all parts, joined. */
  readonly visits: readonly Visit[];
  readonly children: readonly ExecutionHistory[];
  readonly readings: readonly ChildReading[];
}

function costOf({ parts, children, readings }: RunReading, extraHours: number | undefined): Cost {
  const stateTransitions =
    parts.reduce((sum, { history }) => sum + transitionsOf(history, visitsOf(history)), 0) +
    children.reduce((sum, { history }, index) => sum + transitionsOf(history, readings[index]?.visits ?? []), 0);
  const all = [...parts, ...children];
  return omitUndefined({
    stateTransitions,
    stepFunctionsUsd: stateTransitions * TRANSITION_USD,
    extraInstanceHours: extraHours,
    historyEvents: all.reduce((sum, { history }) => sum + history.length, 0),
    executions: all.length,
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
  const upgradeAt = millisecondsOf(phases.find(({ name }) => name === 'upgrade')?.startedAt);
  if (update === undefined) {
    const nodes = nodesOf(readings, upgradeAt);
    const blockingPods = readings.flatMap((reading) => reading.blockingPods);
    const extraHours = extraInstanceHours(plan, visits, nodes, observedAt);
    return { observations, update, originalDesired, begun: nodes, blockingPods, extraHours };
  }
  const end = { status: update.status, failure, failedNodes, upgradeAt, observedAt };
  const nodes = updateNodes(observations, plan, end);
  const blockingPods = updateBlockingSpans(observations, nodes, end);
  const extraHours = extraHoursObserved(observations, originalDesired, observedAt);
  return { observations, update, originalDesired, begun: nodes, blockingPods, extraHours };
}

/** Read all executions of a run. */
function readRun(upgrade: UpgradeHistory): RunReading {
  const parent = inOrder(upgrade);
  const continuations = (upgrade.continuations ?? []).map(inOrder);
  const children = upgrade.children.map(inOrder);
  const parts = [parent, ...continuations];
  const span = spanOf(parent, [...continuations, ...children]);
  const visits = joinedVisits(parts.map(({ history }) => visitsOf(history)));
  const planned = lastOutputOf(visits, 'PlanUpgrade');
  const plan = planned && planReportOf(planned);
  const own = { id: runIdOf(parent.execution.executionArn ?? ''), settings: plan?.settings ?? [] };
  // Nodes in hand are finished by their own executions after their run was stopped.
  const seenAt = Math.max(span.observedAt, lastInstant(children));
  const readings = children.map((child) => readChild(child, seenAt, own));
  return { parent, parts, span, plan, visits, children, readings };
}

/** Number of nodes that the run itself calls upgraded, and whose executions are not among those that could be read. */
function unreadUpgraded({ visits, children }: RunReading): number {
  const read = new Set(children.map(({ execution }) => nameOf(execution)));
  const ended = visits.flatMap((visit) => outputOf(visit, 'UpgradeNodes')?.ended ?? []);
  const unread = ended.filter(({ execution, outcome }) => outcome === 'upgraded' && !read.has(execution));
  return new Set(unread.map(({ execution }) => execution)).size;
}

/**
 * Build the report of a run from its histories alone: those of its own executions and of its nodes' executions. Works for a
 * run in any status; whatever a history withholds is absent from the report.
 *
 * @param upgrade `execution` as DescribeExecution gives it, `history` as GetExecutionHistory does, oldest or newest first
 * @throws never, for events of AWS's shape
 */
export function buildReport(upgrade: UpgradeHistory): Report {
  const run = readRun(upgrade);
  const { parent, parts, span, plan, visits } = run;
  const { startedAt, stoppedAt, observedAt } = span;
  const status = statusOf(parent);
  const failure = failureOf(parent, visits, status);
  const phases = phasesOf(visits, stoppedAt);
  const known = omitUndefined({ status, phases, plan, failure });
  const { observations, update, originalDesired, begun, blockingPods, extraHours } = nodesAndPods(
    run,
    known,
    observedAt,
  );
  const nodes = [...begun, ...otherNodes(plan, begun, status)];
  const allVisits = [...visits, ...run.readings.flatMap((reading) => reading.visits)];
  const facts = {
    status,
    plan,
    update,
    ...(status === 'RUNNING' ? waitOf(allVisits, plan) : {}),
    counts: countsOf(nodes, plan, observations, status, unreadUpgraded(run)),
    failure,
    durationSeconds: Math.max(0, Math.round((observedAt - startedAt) / 1000)),
  };
  return omitUndefined({
    schemaVersion: 1 as const,
    headline: headlineOf(facts),
    advice: adviceOf(facts),
    ...facts,
    execution: executionOf(parent, span, parts.slice(1)),
    observedAt: iso(observedAt),
    input: inputOf(parent),
    phases,
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
