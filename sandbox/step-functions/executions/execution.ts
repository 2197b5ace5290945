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
  /** Told once each, in this order, when the execution is over. */
  readonly onClosed: Set<(execution: Execution) => void>;
  status: ExecutionStatus;
  stoppedAt: number | undefined;
  output: Payload | undefined;
  error: string | undefined;
  cause: string | undefined;
  /** What it is doing; absent once it is over. */
  thread: Thread | undefined;
  cancelTimeout: (() => void) | undefined;
}
