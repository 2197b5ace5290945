import type { ExecutionStatus, Report } from '../model/model.ts';
import { listOf, numberOf, objectOf, omitUndefined, textOf } from '../read/fields.ts';
import type { Visit } from '../read/history.ts';
import type { GroupOutcome, GroupRow, OutOfScopeRow } from './model.ts';

type Json = Readonly<Record<string, unknown>>;

const OUTCOMES: ReadonlySet<string> = new Set<GroupOutcome>([
  'upgraded',
  'onTarget',
  'failed',
  'refused',
  'notStarted',
]);

/** How groups ended as the run itself said: at its end, else as far as it had come. */
function endsOf(visits: readonly Visit[]): Map<string, Json> {
  const outputs = visits.map(({ state, output }) => [state, objectOf(output)] as const);
  const selected = outputs.findLast(([state]) => state === 'SelectNodegroups')?.[1];
  const completed = outputs.findLast(([state]) => state === 'CompleteCluster')?.[1];
  const ends = [...listOf(selected?.ends), ...listOf(completed?.nodegroups)].map(objectOf);
  return new Map(ends.map((end) => [textOf(end.name) ?? '', end]));
}

function outcomeOf(
  group: Json,
  end: Json | undefined,
  report: Report | undefined,
  status: ExecutionStatus,
): GroupOutcome {
  const said = textOf(end?.outcome);
  if (said !== undefined && OUTCOMES.has(said)) return said as GroupOutcome;
  if (report !== undefined) {
    if (report.status === 'RUNNING') return 'inProgress';
    if (report.status !== 'SUCCEEDED') return 'failed';
    return report.plan?.isNothingToDo ? 'onTarget' : 'upgraded';
  }
  if (group.status === 'onTarget' || group.status === 'refused') return group.status;
  return said === 'failed' ? 'failed' : status === 'RUNNING' ? 'queued' : 'notStarted';
}

const blockedNames = (report: Report, isUnresolved: boolean): number =>
  new Set(
    report.blockingPods
      .filter(({ outcome }) => !isUnresolved || outcome === 'blocked')
      .map(({ namespace, name }) => `${namespace}/${name}`),
  ).size;

function executionFacts(report: Report | undefined): Partial<GroupRow> {
  if (report === undefined) return {};
  const { capacity } = report;
  return omitUndefined({
    execution: report.execution,
    durationSeconds: report.durationSeconds,
    evicted: report.counts.evicted,
    blockingPods: blockedNames(report, false),
    unresolvedPods: blockedNames(report, true),
    lowestReadyNodes: capacity.lowest?.readyNodes,
    originalNodes: capacity.originalDesired,
  });
}

/** The AMI that a group goes away from; after a failed run the newer one may be that of most nodes already. */
const outdatedAmi = (report: Report | undefined): string | undefined =>
  report?.plan?.current.find(({ amiId }) => amiId !== report.plan?.target.amiId)?.amiId;

function rowOf(group: Json, end: Json | undefined, report: Report | undefined, status: ExecutionStatus): GroupRow {
  const nodes = objectOf(group.nodes);
  const target = objectOf(group.target);
  const outdated = Math.max(numberOf(nodes.outdated) ?? 0, report?.counts.outdated ?? 0);
  return omitUndefined({
    name: textOf(group.name) ?? '',
    kind: textOf(group.kind),
    engine: report?.plan?.engine ?? textOf(group.engine),
    outcome: outcomeOf(group, end, report, status),
    from: outdatedAmi(report) ?? textOf(group.currentAmiId),
    to: textOf(target.releaseVersion) ?? textOf(target.amiId),
    nodes: { total: numberOf(nodes.total) ?? outdated, outdated, upgraded: report?.counts.upgraded ?? 0 },
    predictedSeconds: numberOf(group.durationSeconds),
    error: report?.failure?.error ?? textOf(end?.error) ?? textOf(group.error),
    reason: report?.failure?.cause ?? textOf(end?.reason) ?? textOf(group.reason),
    ...executionFacts(report),
  });
}

/** Every group of the plan with what became of it; without a plan, the groups whose executions are known. */
export function groupRows(
  plan: Json | undefined,
  visits: readonly Visit[],
  reports: readonly Report[],
  status: ExecutionStatus,
): GroupRow[] {
  const ends = endsOf(visits);
  const byExecution = new Map(reports.map((report) => [report.execution.name, report]));
  const planned = listOf(plan?.groups).map(objectOf);
  const unplanned = reports.map(({ execution, plan: own }) => ({
    name: own?.nodegroupName ?? own?.autoScalingGroupName ?? execution.name,
    executionName: execution.name,
  }));
  return (planned.length > 0 ? planned : unplanned).map((group: Json) =>
    rowOf(group, ends.get(textOf(group.name) ?? ''), byExecution.get(textOf(group.executionName) ?? ''), status),
  );
}

/** What the plan left out, with the reasons. */
export const outOfScopeRows = (plan: Json | undefined): OutOfScopeRow[] =>
  listOf(plan?.outOfScope)
    .map(objectOf)
    .map(({ kind, name, nodes, reason }) => ({
      kind: textOf(kind) ?? 'unknown',
      name: textOf(name) ?? '',
      nodes: numberOf(nodes) ?? 0,
      reason: textOf(reason) ?? '',
    }));
