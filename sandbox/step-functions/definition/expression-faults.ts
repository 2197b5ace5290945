import { type Expression, parseIntrinsic } from '../expressions/intrinsic-syntax.ts';
import { checkIntrinsic } from '../expressions/intrinsics.ts';
import { isObject } from '../expressions/json.ts';
import { parseJsonPath } from '../expressions/json-path.ts';
import { parseTimestamp } from '../expressions/timestamp.ts';
import type { DefinitionFault } from './definition-fault.ts';

type Faults = Generator<DefinitionFault>;

function* notParsed(parse: () => void, location: string): Faults {
  try {
    parse();
  } catch (thrown) {
    yield { message: thrown instanceof Error ? thrown.message : String(thrown), location };
  }
}

function checkExpression(expression: Expression): void {
  if (expression.kind === 'path') parseJsonPath(expression.text);
  if (expression.kind !== 'call') return;
  checkIntrinsic(expression.name, expression.parameters.length);
  expression.parameters.forEach(checkExpression);
}

const expressionFaults = (text: string, location: string): Faults =>
  notParsed(() => (text.startsWith('$') ? parseJsonPath(text) : checkExpression(parseIntrinsic(text))), location);

function* templateFaults(value: unknown, location: string): Faults {
  if (typeof value !== 'object' || value === null) return;
  for (const [name, inner] of Object.entries(value)) {
    const place = `${location}/${name}`;
    if (!name.endsWith('.$')) yield* templateFaults(inner, place);
    else if (typeof inner === 'string') yield* expressionFaults(inner, place);
    else yield { message: 'a path or an intrinsic call is expected', location: place };
  }
}

function checkPath(field: string, text: string): void {
  const { isDefinite } = parseJsonPath(text);
  if (field !== 'ResultPath') return;
  if (!isDefinite) throw new Error(`'${text}' must name one value`);
  if (text.startsWith('$$')) throw new Error('the context object cannot be written');
}

/** Find what our own parsers cannot read in the fields of a state: paths, templates and timestamps. */
export function* expressionFieldFaults(state: Readonly<Record<string, unknown>>, location: string): Faults {
  for (const [name, value] of Object.entries(state)) {
    const place = `${location}/${name}`;
    if (['Parameters', 'ResultSelector', 'ItemSelector'].includes(name)) {
      if (!isObject(value)) yield { message: 'an object is expected', location: place };
      yield* templateFaults(value, place);
    }
    if (/^Timestamp(?!.*Path$)/.test(name) && (typeof value !== 'string' || parseTimestamp(value) === undefined))
      yield { message: 'an RFC 3339 timestamp is expected, e.g. 2026-01-31T12:00:00Z', location: place };
    if (typeof value !== 'string' || !(name.endsWith('Path') || name === 'Variable')) continue;
    if (name === 'ErrorPath' || name === 'CausePath') yield* expressionFaults(value, place);
    else yield* notParsed(() => checkPath(name, value), place);
  }
}
