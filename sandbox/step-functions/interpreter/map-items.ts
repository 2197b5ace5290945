import type { MapState } from '../definition/definition.ts';
import { fillTemplate, requirePath } from '../expressions/expression.ts';
import { isJsonArray, type Json, type Payload } from '../expressions/json.ts';
import { statesError } from '../expressions/states-error.ts';
import { contextOf, effectiveInput, limitedPayload, scopeOf } from './input-output.ts';
import type { Visit } from './thread.ts';

/** The items of a Map state. */
export interface MapItems {
  /** The state's effective input. */
  readonly input: Json;
  readonly values: readonly Json[];
  /** Input of each item's run: the item, or what ItemSelector makes of it. */
  readonly inputs: readonly Payload[];
}

/**
 * Read the items of a Map state.
 *
 * @throws States.Runtime when ItemsPath names no array
 */
export function readMapItems(visit: Visit<MapState>): MapItems {
  const { state, stateName } = visit;
  const input = effectiveInput(visit);
  const scope = scopeOf(visit, input);
  const path = state.ItemsPath ?? '$';
  const values = requirePath(path, scope);
  if (!isJsonArray(values)) throw statesError('States.Runtime', `Reference path "${path}" must point to array.`);
  const { ItemSelector: selector } = state;
  const inputs = values.map((Value, Index) => {
    if (selector === undefined) return limitedPayload(Value, visit.input, stateName);
    const context = () => contextOf(visit, { Index, Value });
    return limitedPayload(fillTemplate(selector, { ...scope, context }), visit.input, stateName);
  });
  return { input, values, inputs };
}
