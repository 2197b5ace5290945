/*
 * The report of the run of a whole cluster.
 *
 * group         a node group of the cluster, outdated or not; an outdated one has an execution and a report of its own
 * row           what the table of groups shows of one group
 * outcome       how a group ended, or stands while the run is in progress
 * out of scope  nodes that no run replaces, for example Karpenter's
 */

import { omitUndefined } from '../../domain/omit-undefined.ts';
import { asSentence } from '../../domain/text.ts';
import { TRANSITION_USD } from '../read/cost.ts';
import { executionOf, inOrder, inputOf, spanOf, statusOf } from '../read/execution.ts';
import { failureOf } from '../read/failure.ts';
import type { ClusterHistory, HistoryEvent, UpgradeHistory } from '../read/history.ts';
import { lastOutputOf, type Output } from '../read/outputs.ts';
import { buildReport } from '../read/read.ts';
import { visitsOf } from '../read/visits.ts';
import { groupRows } from './groups.ts';
import { clusterAdvice, clusterHeadline } from './headline.ts';
import type { AnyReport, ClusterPlanReport, ClusterReport } from './model.ts';

/** States outside the Map. Events of its iterations are interleaved, so their states cannot be told apart. */
const IN_SEQUENCE: ReadonlySet<string> = new Set(['PlanCluster', 'SelectNodegroups', 'CompleteCluster']);

function planOf({ run = {}, ...plan }: Output<'PlanCluster'>): ClusterPlanReport {
  return omitUndefined({
    summary: plan.summary,
    clusterName: run.clusterName,
    kubernetesVersion: plan.kubernetesVersion,
    isDryRun: plan.isDryRun ?? false,
    isNothingToDo: plan.status === 'nothingToDo',
    maxParallelNodegroups: run.maxParallelNodegroups,
    onNodegroupFailure: run.onNodegroupFailure,
    predictedSeconds: plan.durationSeconds,
  });
}

/** States entered, and tries of Tasks beyond the first of each, which are charged alike. */
function transitionsOf(history: readonly HistoryEvent[]): number {
  const count = (pattern: RegExp): number => history.filter(({ type = '' }) => pattern.test(type)).length;
  return count(/StateEntered$/) + Math.max(0, count(/^(LambdaFunction|Task)Scheduled$/) - count(/^TaskStateEntered$/));
}

/**
 * Build the report of the run of a whole cluster from its history and those of its groups' executions.
 *
 * @throws never, for events of AWS's shape
 */
export function buildClusterReport(cluster: ClusterHistory): ClusterReport {
  const own = inOrder(cluster);
  const groups = cluster.groups.map(buildReport);
  const status = statusOf(own);
  const span = spanOf(
    own,
    cluster.groups.flatMap((group) => [group, ...(group.continuations ?? []), ...group.children]).map(inOrder),
  );
  const visits = visitsOf(own.history).filter(({ state }) => IN_SEQUENCE.has(state));
  const plan = lastOutputOf(visits, 'PlanCluster');
  const facts = {
    status,
    plan: plan && planOf(plan),
    nodegroups: groupRows(plan, visits, groups, status),
    failure: failureOf(own, visits, status),
    durationSeconds: Math.max(0, Math.round((span.observedAt - span.startedAt) / 1000)),
  };
  const sum = (figure: (of: (typeof groups)[number]['cost']) => number): number =>
    groups.reduce((total, { cost }) => total + figure(cost), 0);
  const stateTransitions = transitionsOf(own.history) + sum((cost) => cost.stateTransitions);
  const known = omitUndefined(facts);
  return omitUndefined({
    schemaVersion: 1 as const,
    kind: 'cluster' as const,
    headline: clusterHeadline(known),
    advice: clusterAdvice(known),
    ...known,
    execution: executionOf(own, span),
    observedAt: new Date(span.observedAt).toISOString(),
    input: inputOf(own),
    outOfScope: plan?.outOfScope ?? [],
    warnings: (plan?.warnings ?? []).map(asSentence),
    cost: {
      stateTransitions,
      stepFunctionsUsd: stateTransitions * TRANSITION_USD,
      extraInstanceHours: sum((cost) => cost.extraInstanceHours ?? 0),
      historyEvents: own.history.length + sum((cost) => cost.historyEvents),
      executions: 1 + sum((cost) => cost.executions),
    },
    groups,
  });
}

/** Build the report of an execution of either state machine. */
export const buildAnyReport = (run: UpgradeHistory | ClusterHistory): AnyReport =>
  'groups' in run ? buildClusterReport(run) : buildReport(run);
