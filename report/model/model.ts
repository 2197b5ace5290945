import type { BlockingPod } from '../../domain/state.ts';

/** Instants are ISO-8601 UTC strings throughout the report. */
export type Timestamp = string;

export type ExecutionStatus = 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'ABORTED' | 'TIMED_OUT';

export type PhaseName = 'plan' | 'setup' | 'scaleUp' | 'upgrade' | 'scaleDown' | 'recovery';

/** A stretch of the run; without `endedAt` it is going on. A phase that never began is not listed. */
export interface Phase {
  readonly name: PhaseName;
  readonly title: string;
  readonly startedAt: Timestamp;
  readonly endedAt?: Timestamp;
  /** Of a phase that ends by an error. */
  readonly hasFailed: boolean;
  /** Absent: by the workflow's own steps. */
  readonly carriedOutBy?: 'EKS';
}

/** What a node was doing at a time. `unseen`: EKS worked on it between two looks. */
export type NodeState = 'waiting' | 'unseen' | 'draining' | 'cordonWait' | 'terminating';

/** `interrupted`: its child execution was stopped from outside. `queued`: outdated, and not begun. */
export type NodeOutcome = 'queued' | 'inProgress' | 'upgraded' | 'blocked' | 'skipped' | 'interrupted';

export interface Segment {
  readonly state: NodeState;
  readonly startedAt: Timestamp;
  /** The end, or the latest instant the histories know. */
  readonly endedAt: Timestamp;
}

/** One child execution, or the one time that EKS works on the node. */
export interface Attempt {
  readonly number: number;
  /** EKS announces nothing: of its nodes, when they were first seen in work. */
  readonly startedAt: Timestamp;
  readonly endedAt?: Timestamp;
  readonly outcome: NodeOutcome;
  readonly reason?: string;
  readonly error?: string;
  /** True: terminated without a replacement, which takes back one surge node. */
  readonly isAbsorbed: boolean;
  readonly segments: readonly Segment[];
  /** What it waits for, as last said by AwaitTurn. */
  readonly waitReason?: string;
  readonly executionArn?: string;
  /** What told that EKS worked on it. */
  readonly evidence?: readonly string[];
}

/** One outdated node over all its attempts. */
export interface NodeReport {
  readonly instanceId: string;
  readonly nodeName?: string;
  readonly zone?: string;
  readonly outcome: NodeOutcome;
  /** The state it is in, while its last attempt is in progress. */
  readonly state?: NodeState;
  readonly attempts: readonly Attempt[];
  readonly evictedCount: number;
  /** Pods deleted by force. */
  readonly deletedCount: number;
  /** namespace/name; the steps list at most 20 a turn, so this can be shorter than the count. */
  readonly evicted: readonly string[];
  /** Pods that came back because they tolerate every taint. */
  readonly ignored: readonly string[];
  /** Pods still to leave, as last seen. */
  readonly remainingCount: number;
  /** Pods the drain had to move, as far as its turns tell. */
  readonly initialCount?: number;
}

/** A pod that held a node's drain up, from the first turn to the last that saw it held. */
export interface BlockingSpan extends BlockingPod {
  readonly instanceId: string;
  readonly nodeName?: string;
  readonly blockedFrom: Timestamp;
  readonly blockedUntil: Timestamp;
  readonly blockedSeconds: number;
  /** `left`: it went in the end. `held`: it holds the node now, or did so when the node was given up. */
  readonly outcome: 'left' | 'blocked';
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
  /** True: RecoverFromFailure ran to its end; the cause then says how to go on. */
  readonly isRecovered: boolean;
}

export interface Cost {
  /** States entered plus retries, of all executions seen. */
  readonly stateTransitions: number;
  /** At the list price of us-east-1, without the free tier. */
  readonly stepFunctionsUsd: number;
  /** Hours of instances beyond the original desired capacity, by surge and what was absorbed. */
  readonly extraInstanceHours?: number;
  readonly historyEvents: number;
  readonly executions: number;
}

/** An update that EKS carries out by itself, as far as the run followed it. */
export interface UpdateReport {
  readonly updateId: string;
  /** Started by somebody else, with the same target. */
  readonly isAdopted: boolean;
  readonly requestedAt: Timestamp;
  /** `goesOn`: the run has ended, and EKS has not. */
  readonly status: 'inProgress' | 'successful' | 'failed' | 'goesOn';
  readonly observations: number;
  /** The longest time between two looks: how much of a node's way can have gone unseen. */
  readonly longestGapSeconds: number;
}

/** What the plan said, as far as the history tells. */
export interface PlanReport {
  readonly summary?: string;
  readonly isDryRun: boolean;
  readonly isNothingToDo: boolean;
  readonly clusterName?: string;
  readonly nodegroupName?: string;
  readonly autoScalingGroupName?: string;
  readonly engine?: string;
  readonly updateStrategy?: string;
  readonly kubernetesVersion?: string;
  readonly zones: readonly string[];
  readonly instanceTypes: readonly string[];
  readonly current: readonly { amiId: string; nodes: number }[];
  readonly target: { amiId?: string; amiName?: string; amiType?: string; releaseVersion?: string; source?: string };
  readonly launchTemplate: { id?: string; sourceVersion?: string; targetVersion?: string };
  readonly nodes: { total?: number; outdated?: number };
  readonly outdatedNodes: readonly { instanceId: string; nodeName?: string; zone?: string }[];
  readonly sizes: { minSize?: number; maxSize?: number; desiredCapacity?: number };
  readonly parallelism: { nodes?: number; rule?: string };
  readonly surge: { nodes?: number; rule?: string };
  readonly estimate: {
    durationSeconds?: number;
    extraInstanceHours?: number;
    stateTransitions?: number;
    stepFunctionsUsd?: number;
    assumptions?: string;
  };
  readonly settings: readonly { name: string; value: string }[];
  readonly warnings: readonly string[];
  readonly blockingPods: readonly BlockingPod[];
  readonly blockingPodCount: number;
}

/** Nodes by how they ended or stand, of all that were outdated. */
export interface Counts {
  readonly outdated: number;
  readonly upgraded: number;
  readonly blocked: number;
  readonly skipped: number;
  readonly inProgress: number;
  readonly queued: number;
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
}

/** All there is to say about a run, from its histories alone. */
export interface Report {
  readonly schemaVersion: 1;
  readonly status: ExecutionStatus;
  /** One sentence: how it went. */
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
  /** Why an operator lets no further node start, while that lasts. */
  readonly pauseReason?: string;
  readonly phases: readonly Phase[];
  readonly waves: readonly { number: number; startedAt: Timestamp; nodes: number }[];
  readonly canary?: { readonly bakes: readonly { startedAt: Timestamp; endedAt?: Timestamp }[] };
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
