import type { Execution, StateMachine } from './execution.ts';
import type { MapRun } from './map-run.ts';

/** The machines of one account and region, and everything that ran. */
export interface ExecutionRecords {
  readonly machines: readonly StateMachine[];
  /** By ARN. */
  readonly machinesByArn: ReadonlyMap<string, StateMachine>;
  /** By ARN, in the order of their starts. */
  readonly executions: Map<string, Execution>;
  /** In the order of their starts, child executions left out. */
  readonly executionsByMachine: ReadonlyMap<StateMachine, Execution[]>;
  /** By ARN. */
  readonly mapRuns: Map<string, MapRun>;
  /** In the order of their starts. */
  readonly mapRunsByExecution: Map<Execution, MapRun[]>;
}

/** Create records in which nothing has run yet. */
export const createRecords = (machines: readonly StateMachine[]): ExecutionRecords => ({
  machines,
  machinesByArn: new Map(machines.map((machine) => [machine.arn, machine])),
  executions: new Map(),
  executionsByMachine: new Map(machines.map((machine) => [machine, []])),
  mapRuns: new Map(),
  mapRunsByExecution: new Map(),
});
