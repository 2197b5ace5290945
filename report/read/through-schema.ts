import * as z from 'zod';

/** A value of which members may be missing at any depth. Lists are shorter instead: their entries are whole. */
export type Part<T> = T extends readonly unknown[]
  ? T
  : T extends object
    ? { readonly [K in keyof T]?: Part<T[K]> }
    : T;

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The members that the schema names and that can be read. */
function partOfObject(schema: z.ZodObject, value: unknown): unknown {
  if (!isObject(value)) return undefined;
  const members = Object.entries(schema.shape).map(([key, member]) => [key, partOf(member, value[key])] as const);
  return Object.fromEntries(members.filter(([, member]) => member !== undefined));
}

/** The entries that are whole, without the members that the schema does not name. */
function wholeEntries(schema: z.ZodArray, value: unknown): unknown {
  if (!Array.isArray(value)) return undefined;
  return value.flatMap((entry) => {
    const whole = z.safeParse(schema.element, partOf(schema.element, entry));
    return whole.success ? [whole.data] : [];
  });
}

/** What the first member of the union that the value belongs to makes of it. */
function partOfUnion(schema: z.ZodUnion, value: unknown): unknown {
  const key = schema instanceof z.ZodDiscriminatedUnion ? schema.def.discriminator : undefined;
  const member = schema.options.find((option) =>
    key !== undefined && option instanceof z.ZodObject && isObject(value)
      ? z.safeParse(option.shape[key], value[key]).success
      : z.safeParse(option, value).success,
  );
  return member === undefined ? undefined : partOf(member, value);
}

function partOf(schema: z.core.$ZodType, value: unknown): unknown {
  const whole = z.safeParse(schema, value);
  if (whole.success) return whole.data;
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault) return partOf(schema.unwrap(), value);
  if (schema instanceof z.ZodObject) return partOfObject(schema, value);
  if (schema instanceof z.ZodArray) return wholeEntries(schema, value);
  if (schema instanceof z.ZodUnion) return partOfUnion(schema, value);
  return undefined;
}

/**
 * Read as much of a value as its schema recognises: a history can be redacted or cut, or be of another version of the
 * workflow, whose outputs have more members or fewer.
 *
 * @returns `undefined` when nothing of it can be read
 */
export const readThrough = <T>(schema: z.core.$ZodType<T>, value: unknown): Part<T> | undefined =>
  partOf(schema, value) as Part<T> | undefined;
