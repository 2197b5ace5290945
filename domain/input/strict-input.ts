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

type JsonSchema = z.core.JSONSchema.BaseSchema;

const isSchema = (value: unknown): value is JsonSchema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Of the alternatives of a union, the first whose constants the value has; any other schema itself. */
function alternativeFor(schema: JsonSchema, value: unknown): JsonSchema {
  const alternatives = (schema.oneOf ?? schema.anyOf ?? []).filter(isSchema);
  const fits = ({ properties = {} }: JsonSchema) =>
    Object.entries(properties).every(
      ([key, member]) => !isSchema(member) || member.const === undefined || member.const === memberOf(value, key),
    );
  return alternatives.find(fits) ?? schema;
}

/** Names of the keys a schema allows at a path of the input. */
function knownKeys(schema: z.ZodType, path: readonly PropertyKey[], input: unknown): string[] {
  let found: unknown = z.toJSONSchema(schema, { io: 'input' });
  for (const [depth, key] of path.entries()) {
    if (!isSchema(found)) return [];
    const { properties, items } = alternativeFor(found, at(input, path.slice(0, depth)));
    found = typeof key === 'number' ? items : properties?.[String(key)];
  }
  return isSchema(found) ? Object.keys(alternativeFor(found, at(input, path)).properties ?? {}) : [];
}

const ARTICLES: Readonly<Record<string, string>> = {
  string: 'a string',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
};

function oneOf(choices: readonly string[], value: unknown): string {
  const near = nearest(String(value), choices);
  return `one of ${choices.join(', ')}${near === undefined ? '' : ` (did you mean ${near}?)`}`;
}

/** What was expected instead, in words. */
function expectation(issue: z.core.$ZodIssue, value: unknown): string {
  switch (issue.code) {
    case 'invalid_type':
      return ARTICLES[issue.expected] ?? issue.expected;
    case 'invalid_value':
      return oneOf(issue.values.map(String), value);
    case 'invalid_union':
      return 'options' in issue && Array.isArray(issue.options)
        ? oneOf(issue.options.map(String), value)
        : issue.message;
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

/** How the sentences about a value are worded. */
export interface Wording {
  /** What they call the value itself. */
  readonly whole?: string;
  /** The line at which a path stands in the text that the value was read from. */
  readonly lineOf?: (path: readonly PropertyKey[]) => number;
  /** Whether the messages of refinements are sentences of their own; else they say what the value must have. */
  readonly areCustomMessagesSentences?: boolean;
}

/** One sentence for each fault: the key, what was expected, and what was given. */
function sentence(schema: z.ZodType, issue: z.core.$ZodIssue, input: unknown, wording: Wording): string {
  if (issue.code === 'unrecognized_keys') {
    const keys = knownKeys(schema, issue.path, input);
    return issue.keys
      .map((key) => {
        const known = nearest(key, keys);
        const hint = known === undefined ? `the known keys are ${keys.join(', ')}` : `did you mean "${known}"?`;
        return `unknown key "${[...issue.path.map(String), key].join('.')}": ${hint}`;
      })
      .join('; ');
  }
  const value = at(input, issue.path);
  const { whole = 'the input', areCustomMessagesSentences = false } = wording;
  const subject = issue.path.length === 0 ? whole : `"${issue.path.map(String).join('.')}"`;
  if (issue.code === 'custom' && areCustomMessagesSentences) return `${subject}: ${issue.message}`;
  const verb = issue.code === 'custom' ? 'must have' : 'must be';
  return `${subject} ${verb} ${expectation(issue, value)}, but is ${given(value)}`;
}

/**
 * Check an input against its schema and fill in the defaults.
 *
 * @throws {InvalidInput} naming every wrong key, what was expected and what was given
 */
export function parseStrictly<Output>(schema: z.ZodType<Output>, value: unknown, wording: Wording = {}): Output {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const sentences = parsed.error.issues.map((issue) => {
    const keys = issue.code === 'unrecognized_keys' ? issue.keys.slice(0, 1) : [];
    const line = wording.lineOf?.([...issue.path, ...keys]);
    return `${line === undefined ? '' : `line ${line}: `}${sentence(schema, issue, value, wording)}`;
  });
  throw new InvalidInput(sentences.join('; '));
}
