import {
  isDistributed,
  type MapState,
  NESTED_EXECUTION,
  type State,
  type TaskState,
} from '../definition/definition.ts';
import { createChoice } from './choice.ts';
import type { Control } from './control.ts';
import { createDistributedMap, type MapRunKeeper } from './distributed-map.ts';
import { createInlineMap, type IterationRunner } from './inline-map.ts';
import { createNestedExecution, type ExecutionStarter } from './nested-execution.ts';
import { createPass } from './pass.ts';
import { createTaskRunner, type InvokeFunction } from './task.ts';
import { createSucceed, runFail } from './terminal-states.ts';
import type { Step, Visit } from './thread.ts';
import { createWait } from './wait.ts';

/** What the states need from outside. */
export interface StateDependencies {
  readonly invokeFunction: InvokeFunction;
  /** ARN of the function behind a Task's Resource. */
  readonly functionArn: (functionKey: string) => string;
  readonly keeper: MapRunKeeper;
  readonly starter: ExecutionStarter;
}

/** Does the work of a state; `undefined` when it has to wait. */
type StateRunner<S extends State> = (visit: Visit<S>) => Step | undefined;

type StateRunners = { readonly [T in State['Type']]: StateRunner<Extract<State, { readonly Type: T }>> };

/** Create the runner of all states. */
export function createStateRunner(
  control: Control,
  dependencies: StateDependencies,
  iterations: IterationRunner,
): StateRunner<State> {
  const callFunction = createTaskRunner(control, dependencies);
  const runNestedExecution = createNestedExecution(control, dependencies.starter);
  const runInlineMap = createInlineMap(control, iterations);
  const runDistributedMap = createDistributedMap(control, dependencies.keeper);
  const runners: StateRunners = {
    Task: (visit: Visit<TaskState>) =>
      visit.state.Resource === NESTED_EXECUTION ? runNestedExecution(visit) : callFunction(visit),
    Pass: createPass(control),
    Wait: createWait(control),
    Choice: createChoice(control),
    Succeed: createSucceed(control),
    Fail: runFail,
    Map: (visit: Visit<MapState>) => (isDistributed(visit.state) ? runDistributedMap(visit) : runInlineMap(visit)),
  };
  return (visit) => (runners[visit.state.Type] as StateRunner<State>)(visit);
}
