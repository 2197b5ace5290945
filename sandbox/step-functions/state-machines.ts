import type { SandboxClock } from '../world/clock.ts';
import type { Random } from '../world/random.ts';
import { checkDefinition, type DefinitionCheck } from './definition/check-definition.ts';
import { createMachines, type MachineSource } from './definition/machine-source.ts';
import { functionArn, type Place } from './executions/arns.ts';
import { createMapRunKeeper } from './executions/child-executions.ts';
import type { Execution, StateMachine } from './executions/execution.ts';
import type { MapRun } from './executions/map-run.ts';
import { createExecutionStarter } from './executions/nested-executions.ts';
import { createRecords } from './executions/records.ts';
import { redriveExecution, whyNotRedrivable } from './executions/redrive-execution.ts';
import { closeExecution, type ExecutionContext, instantOf } from './executions/run-execution.ts';
import { findNamed, startExecution, startOrJoin } from './executions/start-execution.ts';
import type { Payload } from './expressions/json.ts';
import { createInterpreter } from './interpreter/interpreter.ts';
import type { InvokeFunction } from './interpreter/task.ts';

/** What `createStepFunctions` needs. */
export interface StepFunctionsDependencies extends Place {
  /** Each definition as an object, e.g. parsed YAML; anything outside the subset is refused. */
  readonly definitions: readonly MachineSource[];
  /** `checkDefinition` by default. */
  readonly check?: DefinitionCheck;
  readonly clock: SandboxClock;
  readonly random: Random;
  /** Calls the function with this key of serverless.yml; what it rejects with is the error of the Task, by its `name`. */
  readonly invokeFunction: InvokeFunction;
}

/** The state machines of one account and region, and everything that ran. */
export interface StepFunctions {
  /** The present instant, in whole milliseconds since the epoch. */
  now(): number;
  readonly machines: readonly StateMachine[];
  findMachine(arn: string): StateMachine | undefined;
  findExecution(arn: string): Execution | undefined;
  /** The execution of a machine with this name. */
  findNamed(machine: StateMachine, name: string): Execution | undefined;
  findMapRun(arn: string): MapRun | undefined;
  /** Executions of a machine in the order of their starts, child executions left out. */
  executionsOf(machine: StateMachine): readonly Execution[];
  /** Map Runs of an execution in the order of their starts. */
  mapRunsOf(execution: Execution): readonly MapRun[];
  /** Start an execution; its first state is entered before this returns. The name must be free. */
  start(machine: StateMachine, input: Payload, name?: string): Execution;
  /**
   * Start an execution, or return the one of this name that runs with the same input.
   *
   * @returns `undefined` when the name belongs to another execution
   */
  startOrJoin(machine: StateMachine, input: Payload, name?: string): Execution | undefined;
  /** Say why an execution cannot be redriven, in the words of AWS; `undefined` when it can. */
  whyNotRedrivable(execution: Execution): string | undefined;
  /** Go on with an execution that ended without success, from the state in which it ended. */
  redrive(execution: Execution): void;
  /** Call back when an execution has started, was redriven, or is over; child executions left out. */
  onStatusChange(tell: (execution: Execution) => void): void;
  /** Abort an execution and the child executions of its Map Runs. Nothing happens when it is over. */
  stop(execution: Execution, failure: { error?: string | undefined; cause?: string | undefined }): void;
  /** Name the Lambda function that a Task's Resource stands for. */
  functionArn(functionKey: string): string;
}

/**
 * Create the state machines and the interpreter that runs them on the sandbox's clock.
 *
 * @throws Error named `InvalidDefinition` when a definition is outside the supported subset
 */
export function createStepFunctions(dependencies: StepFunctionsDependencies): StepFunctions {
  const { definitions, check = checkDefinition, clock, invokeFunction, region, accountId } = dependencies;
  const place = { region, accountId };
  const records = createRecords(createMachines(definitions, place, check, instantOf({ clock })));
  const listeners: ((execution: Execution) => void)[] = [];
  const context: ExecutionContext = {
    place,
    clock,
    random: dependencies.random,
    ids: dependencies.random.fork('step-functions/ids'),
    records,
    begin: (thread, startAt, input) => interpreter.begin(thread, startAt, input),
    goOn: (thread, stopped) => interpreter.goOn(thread, stopped),
    onStatusChange: (execution) => {
      if (execution.mapRun === undefined) for (const tell of listeners) tell(execution);
    },
  };
  const functionArnOf = (functionKey: string) => functionArn(place, functionKey);
  const interpreter = createInterpreter({
    clock,
    invokeFunction,
    functionArn: functionArnOf,
    keeper: createMapRunKeeper(context),
    starter: createExecutionStarter(context),
    endOverlong: (execution, failure) =>
      closeExecution(context, execution, 'FAILED', { failure, followsId: execution.history.length }),
  });

  return {
    now: () => instantOf(context),
    machines: records.machines,
    findMachine: (arn) => records.machinesByArn.get(arn),
    findExecution: (arn) => records.executions.get(arn),
    findNamed: (machine, name) => findNamed(context, machine, name),
    findMapRun: (arn) => records.mapRuns.get(arn),
    executionsOf: (machine) => records.executionsByMachine.get(machine) ?? [],
    mapRunsOf: (execution) => records.mapRunsByExecution.get(execution) ?? [],
    functionArn: functionArnOf,
    start: (machine, input, name) => startExecution(context, machine, input, name),
    startOrJoin: (machine, input, name) => startOrJoin(context, machine, input, name),
    whyNotRedrivable: (execution) => whyNotRedrivable(context, execution),
    redrive: (execution) => redriveExecution(context, execution),
    onStatusChange: (tell) => void listeners.push(tell),
    stop: (execution, { error, cause }) => closeExecution(context, execution, 'ABORTED', { failure: { error, cause } }),
  };
}
