import type { State } from '../step-functions/definition/definition.ts';
import { NESTED_EXECUTION } from '../step-functions/definition/definition.ts';
import { functionKeyOf } from '../step-functions/interpreter/task.ts';
import type { StepFunctions } from '../step-functions/state-machines.ts';
import type { EventRule } from '../world/scenario/event-rule.ts';
import type { Fault } from '../world/scenario.ts';

function keysOf(states: Readonly<Record<string, State>>): string[] {
  return Object.values(states).flatMap((state) => {
    if (state.Type === 'Map') return keysOf(state.ItemProcessor.States);
    return state.Type === 'Task' && state.Resource !== NESTED_EXECUTION ? [functionKeyOf(state.Resource)] : [];
  });
}

/** Collect the keys of the functions that state machines and rules call. */
export const functionsCalled = ({ machines }: StepFunctions, rules: readonly EventRule[]): ReadonlySet<string> =>
  new Set([
    ...machines.flatMap(({ definition }) => keysOf(definition.States)),
    ...rules.map(({ function: functionKey }) => functionKey),
  ]);

/**
 * Refuse faults of functions that nothing calls, most likely misspelt.
 *
 * @throws Error that names the fault, and the functions that there are
 */
export function checkFunctionFaults(faults: readonly Fault[], functionKeys: ReadonlySet<string>): void {
  for (const fault of faults) {
    if (!('function' in fault) || fault.function === undefined || functionKeys.has(fault.function)) continue;
    const known = [...functionKeys].sort().join(', ') || 'none at all';
    throw new Error(`fault ${fault.kind}: nothing calls a function ${fault.function}, only ${known}`);
  }
}

/**
 * Refuse rules whose function there is not.
 *
 * @throws Error that names the rule, and the functions that there are
 */
export function checkRules(rules: readonly EventRule[], functionKeys: ReadonlySet<string>): void {
  const rule = rules.find(({ function: functionKey }) => !functionKeys.has(functionKey));
  if (rule === undefined) return;
  const known = [...functionKeys].sort().join(', ');
  throw new Error(`rule ${rule.name}: there is no function ${rule.function}, only ${known}`);
}
