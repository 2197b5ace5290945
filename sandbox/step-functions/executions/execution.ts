import type { Random } from '../../world/random.ts';
import type { MachineDefinition } from '../definition/definition.ts';
import type { Payload } from '../expressions/json.ts';
import type { Thread } from '../interpreter/thread.ts';
import type { History } from './history.ts';
import type { MapRun } from './map-run.ts';

/** A state machine that can be started. */
export interface StateMachine {
  readonly arn: string;
  readonly name: string;
  readonly roleArn: string;
  readonly definition: MachineDefinition;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
}

export type ExecutionStatus = 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED';

/** An end after which an execution was redriven. */
export interface EarlierEnding extends Pick<Execution, 'status' | 'stoppedAt' | 'error' | 'cause'> {
  readonly redrivenAt: number;
}

/** One run of a state machine, or of the item processor of a Distributed Map. */
export interface Execution {
  readonly arn: string;
  readonly name: string;
  readonly machine: StateMachine;
  /** ARN as `DescribeExecution` gives it; for a child execution it ends in `/LABEL`. */
  readonly stateMachineArn: string;
  /** What it runs: the machine's definition, or the item processor of a child execution. */
  readonly definition: Pick<MachineDefinition, 'StartAt' | 'States' | 'TimeoutSeconds'>;
  /** Its place in the order of all starts. */
  readonly order: number;
  readonly input: Payload;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly mapRun: MapRun | undefined;
  readonly history: History;
  readonly random: Random;
  /** Told in this order when the execution is over; again when it is over after a redrive. */
  readonly onClosed: Set<(execution: Execution) => void>;
  status: ExecutionStatus;
  stoppedAt: number | undefined;
  output: Payload | undefined;
  error: string | undefined;
  cause: string | undefined;
  /** What it is doing; absent once it is over. */
  thread: Thread | undefined;
  /** What it was doing when it ended without success. */
  stoppedThread: Thread | undefined;
  redriveCount: number;
  /** The last time; milliseconds since the epoch. */
  redrivenAt: number | undefined;
  /** How it ended before each redrive, and when it was redriven. */
  readonly earlierEndings: EarlierEnding[];
  cancelTimeout: (() => void) | undefined;
}
