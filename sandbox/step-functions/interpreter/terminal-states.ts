import type { FailState, SucceedState } from '../definition/definition.ts';
import { evaluate } from '../expressions/expression.ts';
import { statesError } from '../expressions/states-error.ts';
import type { Control } from './control.ts';
import { effectiveInput, effectiveOutput, scopeOf } from './input-output.ts';
import type { Step, Visit } from './thread.ts';

/** Create the runner of Succeed states. */
export const createSucceed =
  ({ leave }: Control) =>
  (visit: Visit<SucceedState>): Step =>
    leave(visit, effectiveOutput(visit, effectiveInput(visit)));

function textAt(visit: Visit<FailState>, field: 'ErrorPath' | 'CausePath'): string | undefined {
  const path = visit.state[field];
  if (path === undefined) return undefined;
  const value = evaluate(path, field, scopeOf(visit, visit.input.value));
  if (typeof value === 'string') return value;
  throw statesError('States.Runtime', `The ${field} '${path}' must give a string, not ${JSON.stringify(value)}`);
}

/** Run a Fail state. */
export const runFail = (visit: Visit<FailState>): Step => {
  const { Error: error, Cause: cause } = visit.state;
  return {
    kind: 'failed',
    failure: { error: (textAt(visit, 'ErrorPath') ?? error) as string, cause: textAt(visit, 'CausePath') ?? cause },
  };
};
