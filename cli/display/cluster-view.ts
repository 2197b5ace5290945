import type { ClusterReport, GroupOutcome, GroupRow } from '../../report/cluster/model.ts';
import type { Failure } from '../../report/model/model.ts';
import { secondsBetween } from '../../report/model/text.ts';
import { type ProgressView, progressView } from './view.ts';

/** One node group on the display. */
export interface GroupCell {
  readonly name: string;
  readonly outcome: GroupOutcome;
  readonly upgraded: number;
  readonly outdated: number;
  readonly seconds?: number;
  readonly predictedSeconds?: number;
  readonly error?: string;
  readonly reason?: string;
  /** Of its execution, once it has one. */
  readonly view?: ProgressView;
}

/** Everything that the live display shows of the run of a cluster. */
export interface ClusterView {
  readonly kind: 'cluster';
  readonly status: ClusterReport['status'];
  readonly headline: string;
  readonly title: string;
  /** ISO-8601 UTC: the clock of the run. */
  readonly at: string;
  readonly startedAt: string;
  readonly elapsedSeconds: number;
  readonly groups: readonly GroupCell[];
  readonly planSummary?: string;
  readonly failure?: Failure;
  readonly advice: readonly string[];
}

function cellOf(row: GroupRow, view: ProgressView | undefined): GroupCell {
  const { name, outcome, nodes, durationSeconds, predictedSeconds, error, reason } = row;
  return {
    name,
    outcome,
    upgraded: nodes.upgraded,
    outdated: nodes.outdated,
    ...(durationSeconds === undefined ? {} : { seconds: view?.elapsedSeconds ?? durationSeconds }),
    ...(predictedSeconds === undefined ? {} : { predictedSeconds }),
    ...(error === undefined ? {} : { error }),
    ...(reason === undefined ? {} : { reason }),
    ...(view === undefined ? {} : { view }),
  };
}

/**
 * Pick out of the report of a cluster what the live display shows.
 *
 * @param nowAt ISO-8601 UTC of the run's clock when it is known to be ahead of the latest event
 */
export function clusterView(report: ClusterReport, nowAt?: string): ClusterView {
  const { status, headline, plan, execution, observedAt, nodegroups, groups, failure, advice } = report;
  const at = nowAt !== undefined && status === 'RUNNING' && nowAt > observedAt ? nowAt : observedAt;
  const views = new Map(groups.map((group) => [group.execution.name, progressView(group, at)]));
  return {
    kind: 'cluster',
    status,
    headline,
    title: plan?.clusterName === undefined ? execution.name : `Cluster ${plan.clusterName}`,
    at,
    startedAt: execution.startedAt,
    elapsedSeconds: secondsBetween(execution.startedAt, at),
    groups: nodegroups.map((row) => cellOf(row, views.get(row.execution?.name ?? ''))),
    ...(plan?.summary === undefined ? {} : { planSummary: plan.summary }),
    ...(failure === undefined ? {} : { failure }),
    advice,
  };
}
