/*
 * What a report says of a run, whatever it is rendered as.
 *
 * phase         a stretch of the run: plan, setup, scale up, upgrade, scale down, recovery
 * attempt       one execution of a node, or the one time that EKS works on it
 * segment       a stretch of an attempt in which the node is in one state
 * blocking pod  a pod that blocks the drain of its node; its span is how long it did
 * outcome       how a node or a pod ended, or stands while the run is in progress
 * figure        a number worth reading first
 */
import type { Timestamp } from './instants.ts';
import type { BlockingSpan, NodeReport } from './node-report.ts';
import type { PlanReport } from './plan-report.ts';

export type { Timestamp } from './instants.ts';
export type { Attempt, BlockingSpan, NodeOutcome, NodeReport, NodeState, Segment, Setting } from './node-report.ts';
export type { PlanReport } from './plan-report.ts';

export type ExecutionStatus = 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'ABORTED' | 'TIMED_OUT';

export type PhaseName = 'plan' | 'setup' | 'scaleUp' | 'upgrade' | 'scaleDown' | 'recovery';

/** A stretch of the run; without `endedAt` it is in progress. A phase that did not begin is not listed. */
export interface Phase {
  readonly name: PhaseName;
  readonly title: string;
  readonly startedAt: Timestamp;
  readonly endedAt?: Timestamp;
  /** Of a phase that ends by an error. */
  readonly hasFailed: boolean;
  /** Absent: the workflow itself. */
  readonly carriedOutBy?: 'EKS';
}

export interface CapacityPoint {
  readonly at: Timestamp;
  /** Ready nodes of the group, draining ones included. */
  readonly readyNodes: number;
}

export interface Capacity {
  /** Desired capacity before the run. */
  readonly originalDesired?: number;
  readonly points: readonly CapacityPoint[];
  readonly lowest?: CapacityPoint;
  readonly highest?: CapacityPoint;
}

export interface Retry {
  readonly state: string;
  readonly instanceId?: string;
  readonly error: string;
  readonly message: string;
  readonly count: number;
  readonly lastAt: Timestamp;
}

export interface Failure {
  readonly error: string;
  /** The sentence, with Lambda's JSON unwrapped. */
  readonly cause: string;
  /** State whose error it was. */
  readonly state?: string;
  /** What was done about it, one sentence each. */
  readonly recovery: readonly string[];
  /** True: RecoverFromFailure ran to its end; the cause then says how to continue. */
  readonly isRecovered: boolean;
}

export interface Cost {
  /** States entered plus retries, of all executions seen. */
  readonly stateTransitions: number;
  /** At the list price of us-east-1, without the free tier. */
  readonly stepFunctionsUsd: number;
  /** Hours of instances beyond the original desired capacity, by surge and decrements. */
  readonly extraInstanceHours?: number;
  readonly historyEvents: number;
  readonly executions: number;
}

/** An update that EKS carries out, as far as the run followed it. */
export interface UpdateReport {
  readonly updateId: string;
  /** Started by somebody else, with the same target. */
  readonly isAdopted: boolean;
  readonly requestedAt: Timestamp;
  /** `goesOn`: the run has ended; EKS continues. */
  readonly status: 'inProgress' | 'successful' | 'failed' | 'goesOn';
  readonly observations: number;
  /** The longest time between two observations: what took less can have gone unseen. */
  readonly longestGapSeconds: number;
}

/** Nodes by how they ended or stand, of all that were outdated. */
export interface Counts {
  readonly outdated: number;
  readonly upgraded: number;
  readonly blocked: number;
  /** Left by themselves. */
  readonly gone: number;
  readonly inProgress: number;
  /** Not begun, or begun by an execution that touched nothing. */
  readonly queued: number;
  /** Pods, those of surplus nodes included. */
  readonly evicted: number;
  readonly deleted: number;
}

/** What identifies an execution, and who started it when. */
export interface ExecutionReport {
  readonly arn: string;
  readonly name: string;
  readonly region?: string;
  readonly startedAt: Timestamp;
  readonly stoppedAt?: Timestamp;
  readonly startedBy?: string;
  readonly roleArn?: string;
  /** Page of the execution in the console of AWS. */
  readonly consoleUrl?: string;
  /** ARNs of the executions that continued it, because a history has room for 25,000 events. */
  readonly continuedBy?: readonly string[];
}

/** The report of a run, from its histories alone. */
export interface Report {
  readonly schemaVersion: 1;
  readonly status: ExecutionStatus;
  /** One sentence: the result, or the progress. */
  readonly headline: string;
  /** What to do next, one sentence each; empty after a success. */
  readonly advice: readonly string[];
  readonly execution: ExecutionReport;
  /** Latest instant that the histories know; the end of a run that has ended. */
  readonly observedAt: Timestamp;
  readonly durationSeconds: number;
  readonly input?: unknown;
  readonly plan?: PlanReport;
  /** Engine `eks` only. */
  readonly update?: UpdateReport;
  /** Why an operator has paused the run, while it is paused. */
  readonly pauseReason?: string;
  /** Why no further node is taken now, when it is not paused. */
  readonly waitsFor?: string;
  readonly phases: readonly Phase[];
  readonly counts: Counts;
  /** In the order in which they were begun; nodes not begun last. */
  readonly nodes: readonly NodeReport[];
  /** Unresolved first, then by duration, longest first. */
  readonly blockingPods: readonly BlockingSpan[];
  readonly capacity: Capacity;
  readonly failure?: Failure;
  readonly retries: readonly Retry[];
  readonly warnings: readonly string[];
  readonly cost: Cost;
}
