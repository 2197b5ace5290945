import { randomUuid } from '../expressions/intrinsics.ts';
import type { Failure } from '../expressions/states-error.ts';
import type { ExecutionStarter } from '../interpreter/nested-execution.ts';
import { executionArn } from './arns.ts';
import type { Execution } from './execution.ts';
import { isLegalName } from './execution-name.ts';
import { closeExecution, type ExecutionContext } from './run-execution.ts';
import { startOrJoin } from './start-execution.ts';

const refused = (code: string, cause: string): Failure => ({ error: `StepFunctions.${code}Exception`, cause });

function startNested(
  context: ExecutionContext,
  { stateMachineArn, name, input }: Parameters<ExecutionStarter['startNested']>[0],
): Execution | Failure {
  const machine = context.records.machinesByArn.get(stateMachineArn);
  if (machine === undefined)
    return refused('StateMachineDoesNotExist', `State Machine Does Not Exist: '${stateMachineArn}'`);
  if (name !== undefined && !isLegalName(name)) return refused('InvalidName', `Invalid Name: '${name}'`);
  const started = startOrJoin(context, machine, input, name);
  if (started !== undefined) return started;
  const taken = executionArn(context.place, machine.name, name ?? '');
  return refused('ExecutionAlreadyExists', `Execution Already Exists: '${taken}'`);
}

function whenClosed({ clock }: ExecutionContext, execution: Execution, tell: () => void): { forget(): void } {
  // Never within this call: a child may be over before its parent has begun to wait.
  let timer = execution.status === 'RUNNING' ? undefined : clock.after(0, tell);
  const onClosed = () => {
    timer = clock.after(0, tell);
  };
  execution.onClosed.add(onClosed);
  return {
    forget() {
      execution.onClosed.delete(onClosed);
      timer?.cancel();
    },
  };
}

/** Create what Tasks need that start executions of other machines. */
export const createExecutionStarter = (context: ExecutionContext): ExecutionStarter => ({
  region: context.place.region,
  startNested: (request) => startNested(context, request),
  whenClosed: (execution, tell) => whenClosed(context, execution, tell),
  stopNested: (execution) => closeExecution(context, execution, 'ABORTED', {}),
  requestId: () => randomUuid(context.ids),
});
