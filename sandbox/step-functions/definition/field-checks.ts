import { type Expression, parseIntrinsic } from '../expressions/intrinsic-syntax.ts';
import { checkIntrinsic } from '../expressions/intrinsics.ts';
import { isObject } from '../expressions/json.ts';
import { parseJsonPath } from '../expressions/json-path.ts';
import { parseTimestamp } from '../expressions/timestamp.ts';
import { NESTED_EXECUTION } from './definition.ts';

/** Takes one fault and its place, a JSON pointer. */
export type Report = (message: string, location: string) => void;
/** Reports what is wrong with the value of a field. */
export type Check = (value: unknown, location: string, report: Report) => void;

const LAMBDA_ARN = /^arn:aws[a-z-]*:lambda:[a-z0-9-]+:\d{12}:function:[A-Za-z0-9_-]+$/;

const attempt = (work: () => void, location: string, report: Report): void => {
  try {
    work();
  } catch (thrown) {
    report(thrown instanceof Error ? thrown.message : String(thrown), location);
  }
};

export const text: Check = (value, location, report) => {
  if (typeof value !== 'string') report('a string is expected', location);
};
export const bool: Check = (value, location, report) => {
  if (typeof value !== 'boolean') report('true or false is expected', location);
};
export const anything: Check = () => {};
export const oneOf =
  (...allowed: readonly string[]): Check =>
  (value, location, report) => {
    if (!allowed.includes(value as string)) {
      report(`${allowed.join(' or ')} is expected, not ${JSON.stringify(value)}`, location);
    }
  };
export const integer =
  (least: number, most: number): Check =>
  (value, location, report) => {
    if (!Number.isInteger(value) || (value as number) < least || (value as number) > most) {
      report(`a whole number from ${least} to ${most} is expected, not ${JSON.stringify(value)}`, location);
    }
  };
export const number =
  (least: number, most: number): Check =>
  (value, location, report) => {
    if (typeof value !== 'number' || value < least || value > most) {
      report(`a number from ${least} to ${most} is expected, not ${JSON.stringify(value)}`, location);
    }
  };
export const path: Check = (value, location, report) => {
  if (typeof value !== 'string') return report('a path is expected', location);
  attempt(() => parseJsonPath(value), location, report);
};
export const definitePath: Check = (value, location, report) => {
  if (typeof value !== 'string') return report('a path is expected', location);
  attempt(
    () => {
      if (!parseJsonPath(value).isDefinite) throw new Error(`'${value}' must name one value`);
    },
    location,
    report,
  );
};
export const resultPath: Check = (value, location, report) => {
  if (value === null) return;
  definitePath(value, location, report);
  if (typeof value === 'string' && value.startsWith('$$')) report('the context object cannot be written', location);
};
export const pathOrNull: Check = (value, location, report) => {
  if (value !== null) path(value, location, report);
};
export const timestamp: Check = (value, location, report) => {
  if (typeof value !== 'string' || parseTimestamp(value) === undefined) {
    report('an RFC 3339 timestamp is expected, e.g. 2026-01-31T12:00:00Z', location);
  }
};

function checkExpression(expression: Expression): void {
  if (expression.kind === 'path') parseJsonPath(expression.text);
  if (expression.kind !== 'call') return;
  checkIntrinsic(expression.name, expression.parameters.length);
  expression.parameters.forEach(checkExpression);
}
export const expression: Check = (value, location, report) => {
  if (typeof value !== 'string') return report('a path or an intrinsic call is expected', location);
  attempt(
    () => (value.startsWith('$') ? parseJsonPath(value) : checkExpression(parseIntrinsic(value))),
    location,
    report,
  );
};
const templateMembers: Check = (value, location, report) => {
  if (Array.isArray(value)) {
    value.forEach((item, index) => {
      templateMembers(item, `${location}/${index}`, report);
    });
  }
  if (!isObject(value)) return;
  for (const [name, inner] of Object.entries(value)) {
    (name.endsWith('.$') ? expression : templateMembers)(inner, `${location}/${name}`, report);
  }
};
export const template: Check = (value, location, report) => {
  if (!isObject(value)) return report('an object is expected', location);
  templateMembers(value, location, report);
};
export const taskResource: Check = (value, location, report) => {
  if (typeof value === 'string' && (LAMBDA_ARN.test(value) || value === NESTED_EXECUTION)) return;
  const attribute = isObject(value) ? value['Fn::GetAtt'] : undefined;
  const isFunction = Array.isArray(attribute) && typeof attribute[0] === 'string' && attribute[1] === 'Arn';
  if (!isFunction || attribute.length !== 2 || Object.keys(value as object).length !== 1) {
    report(
      `a Lambda function is expected (its ARN, or { 'Fn::GetAtt': [functionKey, 'Arn'] }), or ${NESTED_EXECUTION}`,
      location,
    );
  }
};

/** Check the fields of an object: those required, those known, and each by its own check. */
export function checkFields(
  value: unknown,
  location: string,
  fields: Readonly<Record<string, Check>>,
  required: readonly string[],
  report: Report,
): void {
  if (!isObject(value)) {
    report('an object is expected', location);
    return;
  }
  const missing = required.filter((name) => value[name] === undefined);
  if (missing.length > 0) report(`These fields are required: [${missing.join(', ')}]`, location);
  for (const [name, inner] of Object.entries(value)) {
    const check = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (check === undefined) report(`Field '${name}' is not supported`, location);
    else check(inner, `${location}/${name}`, report);
  }
}
