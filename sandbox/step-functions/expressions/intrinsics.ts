import { createHash } from 'node:crypto';
import type { Random } from '../../world/random.ts';
import { isJsonArray, isJsonEqual, isJsonObject, type Json, type JsonObject } from './json.ts';

/** An intrinsic function; it throws a plain Error with what is wrong with its arguments. */
interface Intrinsic {
  readonly least: number;
  readonly most: number;
  readonly apply: (values: readonly Json[], random: Random) => Json;
}

const LONGEST_TEXT = 10_000;
const LONGEST_RANGE = 1_000;
const HASHES: Readonly<Record<string, string>> = {
  MD5: 'md5',
  'SHA-1': 'sha1',
  'SHA-256': 'sha256',
  'SHA-384': 'sha384',
  'SHA-512': 'sha512',
};

const text = (value: Json | undefined): string => {
  if (typeof value !== 'string') throw new Error(`a string is needed, not ${JSON.stringify(value)}`);
  return value;
};
const shortText = (value: Json | undefined): string => {
  const short = text(value);
  if (short.length > LONGEST_TEXT) throw new Error(`the text is longer than ${LONGEST_TEXT} characters`);
  return short;
};
const list = (value: Json | undefined): readonly Json[] => {
  if (value === undefined || !isJsonArray(value)) throw new Error(`an array is needed, not ${JSON.stringify(value)}`);
  return value;
};
const object = (value: Json | undefined): JsonObject => {
  if (value === undefined || !isJsonObject(value)) throw new Error(`an object is needed, not ${JSON.stringify(value)}`);
  return value;
};
/** Step Functions rounds numbers that are not whole. */
const whole = (value: Json | undefined): number => {
  if (typeof value !== 'number') throw new Error(`a number is needed, not ${JSON.stringify(value)}`);
  return Math.round(value);
};

const asText = (value: Json): string => (typeof value === 'string' ? value : JSON.stringify(value));

/** Fill each `{}` of a template whose backslashes escape the next character. */
function format(template: string, values: readonly Json[]): string {
  let filled = 0;
  const result = template.replace(/\\(.)|\{\}|[{}]|\\$/gs, (found, escaped: string | undefined) => {
    if (escaped !== undefined) return escaped;
    if (found !== '{}') throw new Error(`'${found}' must be escaped in the template '${template}'`);
    const value = values[filled];
    if (value === undefined) throw new Error(`the template '${template}' has more {} than there are values`);
    filled += 1;
    return asText(value);
  });
  if (filled < values.length) throw new Error(`the template '${template}' has fewer {} than there are values`);
  return result;
}

function partition(items: readonly Json[], size: number): Json[] {
  if (size < 1) throw new Error('the size of a part must be at least 1');
  return Array.from({ length: Math.ceil(items.length / size) }, (_, part) =>
    items.slice(part * size, (part + 1) * size),
  );
}

function range(first: number, last: number, step: number): Json[] {
  if (step === 0) throw new Error('the step must not be 0');
  const length = Math.max(0, Math.floor((last - first) / step) + 1);
  if (length > LONGEST_RANGE) throw new Error(`the range has more than ${LONGEST_RANGE} items`);
  return Array.from({ length }, (_, index) => first + index * step);
}

function uuid(random: Random): string {
  const variant = '89ab'[random.integer(4)];
  return [random.hex(8), random.hex(4), `4${random.hex(3)}`, `${variant}${random.hex(3)}`, random.hex(12)].join('-');
}

const intrinsics: Readonly<Record<string, Intrinsic>> = {
  'States.Array': { least: 0, most: Infinity, apply: (values) => values },
  'States.ArrayPartition': { least: 2, most: 2, apply: ([items, size]) => partition(list(items), whole(size)) },
  'States.ArrayContains': {
    least: 2,
    most: 2,
    apply: ([items, sought]) => list(items).some((item) => isJsonEqual(item, sought as Json)),
  },
  'States.ArrayRange': {
    least: 3,
    most: 3,
    apply: ([first, last, step]) => range(whole(first), whole(last), whole(step)),
  },
  'States.ArrayGetItem': {
    least: 2,
    most: 2,
    apply: ([items, index]) => {
      const item = list(items)[whole(index)];
      if (item === undefined) throw new Error(`the array has no item ${JSON.stringify(index)}`);
      return item;
    },
  },
  'States.ArrayLength': { least: 1, most: 1, apply: ([items]) => list(items).length },
  'States.ArrayUnique': {
    least: 1,
    most: 1,
    apply: ([items]) =>
      list(items).filter((item, index, all) => all.findIndex((other) => isJsonEqual(other, item)) === index),
  },
  'States.Base64Encode': {
    least: 1,
    most: 1,
    apply: ([value]) => Buffer.from(shortText(value), 'utf8').toString('base64'),
  },
  'States.Base64Decode': {
    least: 1,
    most: 1,
    apply: ([value]) => Buffer.from(shortText(value), 'base64').toString('utf8'),
  },
  'States.Hash': {
    least: 2,
    most: 2,
    apply: ([value, algorithm]) => {
      const hash = HASHES[text(algorithm)];
      if (hash === undefined) throw new Error(`the algorithm must be one of ${Object.keys(HASHES).join(', ')}`);
      return createHash(hash)
        .update(shortText(asText(value as Json)))
        .digest('hex');
    },
  },
  'States.JsonMerge': {
    least: 3,
    most: 3,
    apply: ([first, second, isDeep]) => {
      if (isDeep !== false) throw new Error('only the shallow merge exists: the third argument must be false');
      return { ...object(first), ...object(second) };
    },
  },
  'States.StringToJson': {
    least: 1,
    most: 1,
    apply: ([value]) => (text(value).trim() === '' ? null : (JSON.parse(text(value)) as Json)),
  },
  'States.JsonToString': { least: 1, most: 1, apply: ([value]) => JSON.stringify(value) },
  'States.MathRandom': {
    least: 2,
    most: 3,
    apply: ([start, end, seed], random) => {
      const span = whole(end) - whole(start);
      if (span < 1) throw new Error('the end must be greater than the start');
      const source = seed === undefined ? random : random.fork(String(whole(seed)));
      return whole(start) + source.integer(span);
    },
  },
  'States.MathAdd': { least: 2, most: 2, apply: ([left, right]) => whole(left) + whole(right) },
  'States.StringSplit': {
    least: 2,
    most: 2,
    apply: ([value, separators]) => {
      const isSeparator = new Set(text(separators));
      const parts = [''];
      for (const character of text(value)) {
        if (isSeparator.has(character)) parts.push('');
        else parts.push((parts.pop() as string) + character);
      }
      return parts.filter((part) => part !== '');
    },
  },
  'States.UUID': { least: 0, most: 0, apply: (_, random) => uuid(random) },
  'States.Format': {
    least: 1,
    most: Infinity,
    apply: ([template, ...values]) => format(text(template), values),
  },
};

/**
 * Check that an intrinsic function exists and takes that many arguments.
 *
 * @throws Error
 */
export function checkIntrinsic(name: string, count: number): void {
  const intrinsic = intrinsics[name];
  if (intrinsic === undefined) throw new Error(`${name} is not an intrinsic function`);
  if (count < intrinsic.least || count > intrinsic.most) {
    throw new Error(`${name} does not take ${count} argument${count === 1 ? '' : 's'}`);
  }
}

/**
 * Apply an intrinsic function; randomness comes from the seeded generator.
 *
 * @throws Error with what is wrong with the arguments
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/intrinsic-functions.html
 */
export function applyIntrinsic(name: string, values: readonly Json[], random: Random): Json {
  checkIntrinsic(name, values.length);
  return (intrinsics[name] as Intrinsic).apply(values, random);
}

/** Make a version 4 UUID from the seeded generator. */
export const randomUuid = uuid;
