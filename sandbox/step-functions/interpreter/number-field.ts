import { requirePath } from '../expressions/expression.ts';
import type { Json } from '../expressions/json.ts';
import { statesError } from '../expressions/states-error.ts';
import { scopeOf } from './input-output.ts';
import type { Visit } from './thread.ts';

/**
 * Read an optional number that a state has as a field or by a path.
 *
 * @throws States.Runtime when the path names anything but a number from 0
 */
export function readNumber(
  visit: Visit,
  literal: number | undefined,
  path: string | undefined,
  input: Json,
): number | undefined {
  if (path === undefined) return literal;
  const value = requirePath(path, scopeOf(visit, input));
  if (typeof value !== 'number' || !(value >= 0)) {
    throw statesError(
      'States.Runtime',
      `The path '${path}' must name a number that is not negative, not ${JSON.stringify(value)}`,
    );
  }
  return value;
}
