import type { BlockingPod } from '../../domain/state.ts';
import type { Timestamp } from './instants.ts';

/** A setting of a run, in words. */
export interface Setting {
  readonly name: string;
  readonly value: string;
}

/** What a node was doing at a time. `unseen`: EKS worked on it between two observations. */
export type NodeState = 'waiting' | 'unseen' | 'draining' | 'cordonWait' | 'terminating';

/**
 * `gone`: instance or Node left by itself. `skipped`: its execution touched nothing, or a surplus node was kept.
 * `interrupted`: its execution died. `queued`: outdated, and not begun.
 */
export type NodeOutcome = 'queued' | 'inProgress' | 'upgraded' | 'blocked' | 'gone' | 'skipped' | 'interrupted';

export interface Segment {
  readonly state: NodeState;
  readonly startedAt: Timestamp;
  /** The end, or the latest instant the histories know. */
  readonly endedAt: Timestamp;
}

/** One execution of the node, or the one time that EKS works on the node. */
export interface Attempt {
  readonly number: number;
  /** When the node was admitted; engine `eks`: when it was first seen to be active. */
  readonly startedAt: Timestamp;
  readonly endedAt?: Timestamp;
  readonly outcome: NodeOutcome;
  readonly reason?: string;
  readonly error?: string;
  /** True: terminated with a decrement, so without a replacement, which gives back one node of the surge. */
  readonly isDecremented: boolean;
  /** True: an earlier run began with it. */
  readonly isAdopted?: boolean;
  /** Settings of that earlier run, which hold for this attempt, and differ from those of this run. */
  readonly otherSettings?: readonly Setting[];
  /** Begins with what the node waited before it was admitted. */
  readonly segments: readonly Segment[];
  readonly executionArn?: string;
  /** Page of the execution in the console of AWS. */
  readonly consoleUrl?: string;
  /** Engine `eks`: what showed that EKS worked on it. */
  readonly evidence?: readonly string[];
}

/** One outdated node, or one of the surplus, over all its attempts. */
export interface NodeReport {
  readonly instanceId: string;
  readonly nodeName?: string;
  readonly zone?: string;
  readonly outcome: NodeOutcome;
  /** True: it has the new configuration, and was terminated because there were more nodes than before the run. */
  readonly isSurplus?: boolean;
  /** The state it is in, while its last attempt is in progress. */
  readonly state?: NodeState;
  readonly attempts: readonly Attempt[];
  readonly evictedCount: number;
  /** Pods deleted by force. */
  readonly deletedCount: number;
  /** namespace/name; each round lists at most 20, so this can be shorter than the count. */
  readonly evicted: readonly string[];
  /** Pods that came back because they tolerate every taint. */
  readonly ignored: readonly string[];
  /** Names of pods that outlasted their grace period on a node that was not Ready. */
  readonly presumedGone?: readonly string[];
  /** Pods still to leave, as last seen. */
  readonly remainingCount: number;
  /** Pods the drain had to move, as far as its rounds tell. */
  readonly initialCount?: number;
}

/** A pod that blocked the drain of a node, from the first round to the last that saw it block. */
export interface BlockingSpan extends BlockingPod {
  readonly instanceId: string;
  readonly nodeName?: string;
  readonly blockedFrom: Timestamp;
  readonly blockedUntil: Timestamp;
  readonly blockedSeconds: number;
  /** `left`: the pod left in the end. `blocked`: it blocks the node now, or did so when the node was given up. */
  readonly outcome: 'left' | 'blocked';
}
