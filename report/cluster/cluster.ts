import { asSentence } from '../../domain/text.ts';
import { TRANSITION_USD } from '../read/cost.ts';
import { executionOf, inOrder, inputOf, spanOf, statusOf } from '../read/execution.ts';
import { failureOf } from '../read/failure.ts';
import { numberOf, objectOf, omitUndefined, textOf, textsOf } from '../read/fields.ts';
import { type ClusterHistory, type HistoryEvent, type UpgradeHistory, visitsOf } from '../read/history.ts';
import { buildReport } from '../read/read.ts';
import { groupRows, outOfScopeRows } from './groups.ts';
import { clusterAdvice, clusterHeadline } from './headline.ts';
import type { AnyReport, ClusterPlanReport, ClusterReport } from './model.ts';

/** States that run once at a time; those of the iterations of the Map come in between each other. */
const IN_SEQUENCE: ReadonlySet<string> = new Set(['PlanCluster', 'SelectNodegroups', 'CompleteCluster']);

function planOf(output: Readonly<Record<string, unknown>>): ClusterPlanReport {
  const run = objectOf(output.run);
  return omitUndefined({
    summary: textOf(output.summary),
    clusterName: textOf(run.clusterName),
    kubernetesVersion: textOf(output.kubernetesVersion),
    isDryRun: output.isDryRun === true,
    isNothingToDo: output.status === 'nothingToDo',
    maxParallelNodegroups: numberOf(run.maxParallelNodegroups),
    onNodegroupFailure: textOf(run.onNodegroupFailure),
    predictedSeconds: numberOf(output.durationSeconds),
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
  const span = spanOf(own, cluster.groups.flatMap((group) => [group, ...group.children]).map(inOrder));
  const visits = visitsOf(own.history).filter(({ state }) => IN_SEQUENCE.has(state));
  const planned = visits.findLast(({ state }) => state === 'PlanCluster')?.output;
  const output = planned === undefined ? undefined : objectOf(planned);
  const facts = {
    status,
    plan: output === undefined ? undefined : planOf(output),
    nodegroups: groupRows(output, visits, groups, status),
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
    outOfScope: outOfScopeRows(output),
    warnings: textsOf(output?.warnings).map(asSentence),
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
