import type { PassState } from '../definition/definition.ts';
import { fillTemplate } from '../expressions/expression.ts';
import type { Control } from './control.ts';
import { effectiveInput, scopeOf } from './input-output.ts';
import type { Step, Visit } from './thread.ts';

/** Create the runner of Pass states. */
export const createPass =
  ({ leaveWithResult }: Control) =>
  (visit: Visit<PassState>): Step => {
    const { Parameters: parameters, Result: result } = visit.state;
    const input = effectiveInput(visit);
    const filled = parameters === undefined ? input : fillTemplate(parameters, scopeOf(visit, input));
    return leaveWithResult(visit, result === undefined ? filled : result);
  };
