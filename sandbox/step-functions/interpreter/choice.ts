import type { ChoiceState } from '../definition/definition.ts';
import { holdsChoiceRule } from '../expressions/choice-rule.ts';
import { statesError } from '../expressions/states-error.ts';
import type { Control } from './control.ts';
import { effectiveInput, effectiveOutput, scopeOf } from './input-output.ts';
import type { Step, Visit } from './thread.ts';

/** Create the runner of Choice states. */
export const createChoice =
  ({ leave }: Control) =>
  (visit: Visit<ChoiceState>): Step => {
    const input = effectiveInput(visit);
    const scope = scopeOf(visit, input);
    const rule = visit.state.Choices.find((candidate) => holdsChoiceRule(candidate, scope));
    const next = rule?.Next ?? visit.state.Default;
    if (next === undefined) {
      throw statesError('States.NoChoiceMatched', 'No choice rule matched, and the state has no Default.');
    }
    return leave(visit, effectiveOutput(visit, input), next);
  };
