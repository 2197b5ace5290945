import type { ExecutionReport, ExecutionStatus, Failure, Report, Timestamp } from '../model/model.ts';

/** How a group ended or stands. `onTarget`: it was not outdated. `refused`: it cannot be upgraded as asked. */
export type GroupOutcome = 'upgraded' | 'onTarget' | 'failed' | 'refused' | 'notStarted' | 'inProgress' | 'queued';

/** One node group of the cluster, outdated or not. */
export interface GroupRow {
  readonly name: string;
  /** `managed` or `self-managed`. */
  readonly kind?: string;
  readonly engine?: string;
  readonly outcome: GroupOutcome;
  readonly from?: string;
  readonly to?: string;
  readonly nodes: { readonly total: number; readonly outdated: number; readonly upgraded: number };
  readonly predictedSeconds?: number;
  readonly error?: string;
  readonly reason?: string;
  /** The rest is of its execution, and absent for a group that has none. */
  readonly execution?: ExecutionReport;
  readonly durationSeconds?: number;
  readonly evicted?: number;
  /** Pods that blocked a drain, and how many of them have not left. */
  readonly blockingPods?: number;
  readonly unresolvedPods?: number;
  readonly lowestReadyNodes?: number;
  readonly originalNodes?: number;
}

/** Nodes that no run replaces, and why. */
export interface OutOfScopeRow {
  readonly kind: string;
  readonly name: string;
  readonly nodes: number;
  readonly reason: string;
}

export interface ClusterPlanReport {
  readonly summary?: string;
  readonly clusterName?: string;
  readonly kubernetesVersion?: string;
  readonly isDryRun: boolean;
  readonly isNothingToDo: boolean;
  readonly maxParallelNodegroups?: number;
  readonly onNodegroupFailure?: string;
  readonly predictedSeconds?: number;
}

/** The report of the run of a whole cluster, from its history and those of its groups. */
export interface ClusterReport {
  readonly schemaVersion: 1;
  readonly kind: 'cluster';
  readonly status: ExecutionStatus;
  /** One sentence: the result, or the progress. */
  readonly headline: string;
  /** What to do next, one sentence each. */
  readonly advice: readonly string[];
  readonly execution: ExecutionReport;
  /** Latest instant that the histories know; the end of a run that has ended. */
  readonly observedAt: Timestamp;
  readonly durationSeconds: number;
  readonly input?: unknown;
  readonly plan?: ClusterPlanReport;
  /** Of the plan, in the order in which they are upgraded. */
  readonly nodegroups: readonly GroupRow[];
  readonly outOfScope: readonly OutOfScopeRow[];
  readonly warnings: readonly string[];
  readonly failure?: Failure;
  readonly cost: {
    readonly stateTransitions: number;
    readonly stepFunctionsUsd: number;
    readonly extraInstanceHours: number;
    readonly historyEvents: number;
    readonly executions: number;
  };
  /** The reports of the groups that have an execution, in the order in which they were started. */
  readonly groups: readonly Report[];
}

/** The report of an execution of either state machine. */
export type AnyReport = Report | ClusterReport;

export const isClusterReport = (report: AnyReport): report is ClusterReport => 'nodegroups' in report;
