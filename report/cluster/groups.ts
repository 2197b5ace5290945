import type { NodegroupPlan } from '../../domain/cluster/cluster.ts';
import { omitUndefined } from '../../domain/omit-undefined.ts';
import type { ExecutionStatus, Report } from '../model/model.ts';
import { lastOutputOf, type Output } from '../read/outputs.ts';
import type { Visit } from '../read/visits.ts';
import type { GroupOutcome, GroupRow } from './model.ts';

type Plan = Output<'PlanCluster'>;
type Group = Partial<NodegroupPlan>;
type End = NonNullable<Output<'CompleteCluster'>['nodegroups'] | Output<'SelectNodegroups'>['ends']>[number];

/** How groups ended as the run itself found: at its end, else as far as it had come. */
function endsOf(visits: readonly Visit[]): Map<string, End> {
  const selected = lastOutputOf(visits, 'SelectNodegroups')?.ends ?? [];
  const completed = lastOutputOf(visits, 'CompleteCluster')?.nodegroups ?? [];
  return new Map([...selected, ...completed].map((end) => [end.name, end]));
}

function outcomeOf(
  { status: planned }: Group,
  end: End | undefined,
  report: Report | undefined,
  status: ExecutionStatus,
): GroupOutcome {
  // `succeeded` does not say whether anything was upgraded: the group's own report does.
  if (end !== undefined && end.outcome !== 'succeeded') return end.outcome;
  if (report !== undefined) {
    if (report.status === 'RUNNING') return 'inProgress';
    if (report.status !== 'SUCCEEDED') return 'failed';
    return report.plan?.isNothingToDo ? 'onTarget' : 'upgraded';
  }
  if (planned === 'onTarget' || planned === 'refused') return planned;
  return status === 'RUNNING' ? 'queued' : 'notStarted';
}

const podNames = (spans: Report['blockingPods']): Set<string> =>
  new Set(spans.map(({ namespace, name }) => `${namespace}/${name}`));

function executionFacts(report: Report | undefined): Partial<GroupRow> {
  if (report === undefined) return {};
  const { capacity, blockingPods } = report;
  return omitUndefined({
    execution: report.execution,
    durationSeconds: report.durationSeconds,
    evicted: report.counts.evicted,
    blockingPods: podNames(blockingPods).size,
    unresolvedPods: podNames(blockingPods.filter(({ outcome }) => outcome === 'blocked')).size,
    lowestReadyNodes: capacity.lowest?.readyNodes,
    originalNodes: capacity.originalDesired,
  });
}

/** The AMI before the upgrade. After a failed run most nodes may have the new one already. */
const outdatedAmi = (report: Report | undefined): string | undefined =>
  report?.plan?.current.find(({ amiId }) => amiId !== report.plan?.target.amiId)?.amiId;

function rowOf(group: Group, end: End | undefined, report: Report | undefined, status: ExecutionStatus): GroupRow {
  const { name = '', nodes, target } = group;
  const outdated = Math.max(nodes?.outdated ?? 0, report?.counts.outdated ?? 0);
  return omitUndefined({
    name,
    kind: group.kind,
    engine: report?.plan?.engine ?? group.engine,
    outcome: outcomeOf(group, end, report, status),
    from: outdatedAmi(report) ?? group.currentAmiId,
    to: target?.releaseVersion ?? target?.amiId,
    nodes: { total: nodes?.total ?? outdated, outdated, upgraded: report?.counts.upgraded ?? 0 },
    predictedSeconds: group.durationSeconds,
    error: report?.failure?.error ?? end?.error ?? group.error,
    reason: report?.failure?.cause ?? end?.reason ?? group.reason,
    ...executionFacts(report),
  });
}

/** Every group of the plan with what became of it; without a plan, the groups whose executions are known. */
export function groupRows(
  plan: Plan | undefined,
  visits: readonly Visit[],
  reports: readonly Report[],
  status: ExecutionStatus,
): GroupRow[] {
  const ends = endsOf(visits);
  const byExecution = new Map(reports.map((report) => [report.execution.name, report]));
  const planned: readonly Group[] = plan?.groups ?? [];
  const unplanned = reports.map(
    ({ execution, plan: own }): Group => ({
      name: own?.nodegroupName ?? own?.autoScalingGroupName ?? execution.name,
      executionName: execution.name,
    }),
  );
  return (planned.length > 0 ? planned : unplanned).map((group) =>
    rowOf(group, ends.get(group.name ?? ''), byExecution.get(group.executionName ?? ''), status),
  );
}
