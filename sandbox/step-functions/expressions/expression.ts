import type { Random } from '../../world/random.ts';
import { type Expression, parseIntrinsic, unescapeText } from './intrinsic-syntax.ts';
import { applyIntrinsic } from './intrinsics.ts';
import { isJsonArray, isJsonObject, type Json, type JsonObject } from './json.ts';
import { parseJsonPath, readJsonPath } from './json-path.ts';
import { isStatesError, statesError } from './states-error.ts';

/** What paths and intrinsic functions of a state see. */
export interface Scope {
  /** The document behind `$`. */
  readonly input: Json;
  /** The context object behind `$$`, made when asked for. */
  readonly context: () => JsonObject;
  readonly random: Random;
}

/** Read a path in a scope; `undefined` when it names nothing. */
export function readPath(text: string, scope: Scope): Json | undefined {
  const path = parseJsonPath(text);
  return readJsonPath(path, path.isContext ? scope.context() : scope.input);
}

/**
 * Read a path that must name something.
 *
 * @throws States.Runtime
 */
export function requirePath(text: string, scope: Scope): Json {
  const value = readPath(text, scope);
  if (value === undefined) {
    throw statesError('States.Runtime', `Invalid path '${text}': No results for path: ${text}`);
  }
  return value;
}

const argumentOf = (expression: Expression, field: string, scope: Scope): Json => {
  switch (expression.kind) {
    case 'literal':
      return expression.value;
    case 'text':
      return unescapeText(expression.escaped);
    case 'path':
      return fieldPath(expression.text, field, scope);
    case 'call':
      return callOf(expression, field, scope);
  }
};

const callOf = (call: Expression & { kind: 'call' }, field: string, scope: Scope): Json => {
  const values = call.parameters.map((parameter, index) =>
    call.name === 'States.Format' && index === 0 && parameter.kind === 'text'
      ? parameter.escaped
      : argumentOf(parameter, field, scope),
  );
  try {
    return applyIntrinsic(call.name, values, scope.random);
  } catch (thrown) {
    if (isStatesError(thrown)) throw thrown;
    throw statesError(
      'States.IntrinsicFailure',
      `The function '${call.source}' had the following error: ${thrown instanceof Error ? thrown.message : thrown}`,
    );
  }
};

const fieldPath = (text: string, field: string, scope: Scope): Json => {
  const value = readPath(text, scope);
  if (value === undefined) {
    const document = text.startsWith('$$') ? scope.context() : scope.input;
    throw statesError(
      'States.ParameterPathFailure',
      `The JSONPath '${text}' specified for the field '${field}' could not be found in the input '${JSON.stringify(document)}'`,
    );
  }
  return value;
};

/**
 * Evaluate a path or an intrinsic call.
 *
 * @param field the field that holds it, for the error text
 * @throws States.ParameterPathFailure, States.IntrinsicFailure
 */
export const evaluate = (expression: string, field: string, scope: Scope): Json =>
  expression.startsWith('$') ? fieldPath(expression, field, scope) : callOf(parseIntrinsic(expression), field, scope);

/**
 * Fill a payload template: members whose name ends in `.$` are evaluated, everything else is kept.
 *
 * @throws States.ParameterPathFailure, States.IntrinsicFailure
 */
export function fillTemplate(template: Json, scope: Scope): Json {
  if (isJsonArray(template)) return template.map((item) => fillTemplate(item, scope));
  if (!isJsonObject(template)) return template;
  return Object.fromEntries(
    Object.entries(template).map(([name, value]) =>
      name.endsWith('.$')
        ? [name.slice(0, -2), evaluate(value as string, name, scope)]
        : [name, fillTemplate(value, scope)],
    ),
  );
}
