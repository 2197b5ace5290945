import type { ChoiceRule } from '../definition/definition.ts';
import { readPath, type Scope } from './expression.ts';
import type { Json } from './json.ts';
import { statesError } from './states-error.ts';
import { parseTimestamp } from './timestamp.ts';

type Comparable = string | number | boolean;

/** How a value is read for a family of comparisons; `undefined` when it is of another type. */
const families: Readonly<Record<string, (value: Json) => Comparable | undefined>> = {
  String: (value) => (typeof value === 'string' ? value : undefined),
  Numeric: (value) => (typeof value === 'number' ? value : undefined),
  Boolean: (value) => (typeof value === 'boolean' ? value : undefined),
  Timestamp: (value) => (typeof value === 'string' ? parseTimestamp(value) : undefined),
};

const orderings: Readonly<Record<string, (left: Comparable, right: Comparable) => boolean>> = {
  Equals: (left, right) => left === right,
  LessThan: (left, right) => left < right,
  GreaterThan: (left, right) => left > right,
  LessThanEquals: (left, right) => left <= right,
  GreaterThanEquals: (left, right) => left >= right,
};

const typeTests: Readonly<Record<string, (value: Json) => boolean>> = {
  IsNull: (value) => value === null,
  IsString: (value) => typeof value === 'string',
  IsNumeric: (value) => typeof value === 'number',
  IsBoolean: (value) => typeof value === 'boolean',
  IsTimestamp: (value) => typeof value === 'string' && parseTimestamp(value) !== undefined,
};

const COMPARISON =
  /^(?:(String|Numeric|Timestamp)(Equals|LessThan|GreaterThan|LessThanEquals|GreaterThanEquals)|(Boolean)(Equals))(Path)?$/;
const NOT_OPERATORS = new Set(['Variable', 'Next', 'Comment', 'And', 'Or', 'Not']);

/** The operator of a rule that compares: it has exactly one. */
const operatorOf = (rule: ChoiceRule): string => Object.keys(rule).find((name) => !NOT_OPERATORS.has(name)) as string;

const invalidPath = (path: string) =>
  statesError(
    'States.Runtime',
    `Invalid path '${path}': The choice state's condition path references an invalid value.`,
  );

const requireValue = (path: string, scope: Scope): Json => {
  const value = readPath(path, scope);
  if (value === undefined) throw invalidPath(path);
  return value;
};

/** Match a text with `*` for any characters and `\*` for a star. */
function matchesPattern(text: string, pattern: string): boolean {
  const source = pattern.replace(/\\([*\\])|\*|[.+?^${}()|[\]\\]/g, (found, escaped: string | undefined) => {
    if (escaped !== undefined) return `\\${escaped}`;
    return found === '*' ? '.*' : `\\${found}`;
  });
  return new RegExp(`^${source}$`, 's').test(text);
}

function compare(rule: ChoiceRule, scope: Scope): boolean {
  const variable = rule.Variable as string;
  const operator = operatorOf(rule);
  const expected = rule[operator];
  if (operator === 'IsPresent') return (readPath(variable, scope) !== undefined) === expected;
  const value = requireValue(variable, scope);
  const hasType = typeTests[operator];
  if (hasType !== undefined) return hasType(value) === expected;
  if (operator === 'StringMatches') return typeof value === 'string' && matchesPattern(value, expected as string);

  const [, ordered, ordering, equatable, equality, isPath] = COMPARISON.exec(operator) ?? [];
  const read = families[ordered ?? equatable ?? ''];
  const holds = orderings[ordering ?? equality ?? ''];
  const left = read?.(value);
  const right = read?.(isPath === undefined ? (expected as Json) : requireValue(expected as string, scope));
  return left !== undefined && right !== undefined && holds?.(left, right) === true;
}

/**
 * Decide whether a choice rule holds.
 *
 * @throws States.Runtime when it names a value that is not there (`IsPresent` may)
 */
export function holdsChoiceRule(rule: ChoiceRule, scope: Scope): boolean {
  if (rule.And !== undefined) return rule.And.every((inner) => holdsChoiceRule(inner, scope));
  if (rule.Or !== undefined) return rule.Or.some((inner) => holdsChoiceRule(inner, scope));
  if (rule.Not !== undefined) return !holdsChoiceRule(rule.Not, scope);
  return compare(rule, scope);
}
