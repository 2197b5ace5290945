import { randomUuid } from '../expressions/intrinsics.ts';
import type { Payload } from '../expressions/json.ts';
import { executionArn } from './arns.ts';
import type { Execution, StateMachine } from './execution.ts';
import { type ExecutionContext, runExecution } from './run-execution.ts';

/** Find the execution of a machine with this name. */
export const findNamed = (
  { records, place }: ExecutionContext,
  machine: StateMachine,
  name: string,
): Execution | undefined => records.executions.get(executionArn(place, machine.name, name));

/** Start an execution of a machine. @throws Error when the name is taken */
export function startExecution(
  context: ExecutionContext,
  machine: StateMachine,
  input: Payload,
  name = randomUuid(context.ids),
): Execution {
  const { records, place } = context;
  const arn = executionArn(place, machine.name, name);
  if (records.executions.has(arn)) throw new Error(`the execution ${arn} exists already`);
  return runExecution(
    context,
    {
      arn,
      name,
      machine,
      stateMachineArn: machine.arn,
      definition: machine.definition,
      input,
      mapRun: undefined,
      onClosed: new Set(),
    },
    (execution) => records.executionsByMachine.get(machine)?.push(execution),
  );
}

/**
 * Start an execution, or return the one of this name that runs with the same input.
 *
 * @returns `undefined` when the name belongs to another execution
 */
export function startOrJoin(
  context: ExecutionContext,
  machine: StateMachine,
  input: Payload,
  name?: string,
): Execution | undefined {
  const existing = name === undefined ? undefined : findNamed(context, machine, name);
  if (existing === undefined) return startExecution(context, machine, input, name);
  return existing.status === 'RUNNING' && existing.input.text === input.text ? existing : undefined;
}
