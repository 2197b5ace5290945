import * as z from 'zod';
import { InvalidInput } from '../errors.ts';
import { nearest } from './nearest.ts';

/** The wrong value, short enough for a sentence. */
function given(value: unknown): string {
  if (value === undefined) return 'missing';
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

const memberOf = (value: unknown, key: PropertyKey): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;

const at = (value: unknown, path: readonly PropertyKey[]): unknown => path.reduce(memberOf, value);

const propertiesOf = (schema: z.core.JSONSchema._JSONSchema | undefined) =>
  (typeof schema === 'object' ? schema.properties : undefined) ?? {};

/** Names of the keys a schema allows at a path of the input. */
function knownKeys(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
  const found = path.reduce<z.core.JSONSchema._JSONSchema | undefined>(
    (inner, key) => propertiesOf(inner)[String(key)],
    z.toJSONSchema(schema, { io: 'input' }),
  );
  return Object.keys(propertiesOf(found));
}

const ARTICLES: Readonly<Record<string, string>> = {
  string: 'a string',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
};

/** What was expected instead, in words. */
function expectation(issue: z.core.$ZodIssue, value: unknown): string {
  switch (issue.code) {
    case 'invalid_type':
      return ARTICLES[issue.expected] ?? issue.expected;
    case 'invalid_value': {
      const near = nearest(String(value), issue.values.map(String));
      return `one of ${issue.values.join(', ')}${near === undefined ? '' : ` (did you mean ${near}?)`}`;
    }
    case 'too_small':
      return issue.origin === 'string' || issue.origin === 'array'
        ? `at least ${issue.minimum} long`
        : `at least ${issue.minimum}`;
    case 'too_big':
      return issue.origin === 'string' || issue.origin === 'array'
        ? `at most ${issue.maximum} long`
        : `at most ${issue.maximum}`;
    default:
      return issue.message;
  }
}

/** One sentence for each fault: the key, what was expected, and what was given. */
function sentence(schema: z.ZodType, issue: z.core.$ZodIssue, input: unknown): string {
  if (issue.code === 'unrecognized_keys') {
    const keys = knownKeys(schema, issue.path);
    return issue.keys
      .map((key) => {
        const known = nearest(key, keys);
        const hint = known === undefined ? `the known keys are ${keys.join(', ')}` : `did you mean "${known}"?`;
        return `unknown key "${[...issue.path.map(String), key].join('.')}": ${hint}`;
      })
      .join('; ');
  }
  const value = at(input, issue.path);
  const subject = issue.path.length === 0 ? 'the input' : `"${issue.path.map(String).join('.')}"`;
  const verb = issue.code === 'custom' ? 'must have' : 'must be';
  return `${subject} ${verb} ${expectation(issue, value)}, but is ${given(value)}`;
}

/**
 * Check an input against its schema and fill in the defaults.
 *
 * @throws {InvalidInput} naming every wrong key, what was expected and what was given
 */
export function parseStrictly<Output>(schema: z.ZodType<Output>, value: unknown): Output {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new InvalidInput(parsed.error.issues.map((issue) => sentence(schema, issue, value)).join('; '));
}
