import * as z from 'zod';

/** JSON Schema of a field; `whenAbsent` is its default in words, where that depends on the group or the cluster. */
export type Field = z.core.JSONSchema.BaseSchema;

const isPrimitive = (value: unknown): boolean => typeof value !== 'object' || value === null;

/** Describe the fields of an input as JSON Schema. */
export const fieldsOf = (schema: z.ZodType): Field => z.toJSONSchema(schema, { io: 'input' });

/**
 * Find a field of an input.
 *
 * @param path the keys that lead to it, such as `updateConfig.surge`
 * @throws {Error} when the input has no such field
 */
export function fieldAt(fields: Field, path: string): Field {
  return path.split('.').reduce((outer, key) => {
    const field = outer.properties?.[key];
    if (typeof field !== 'object') throw new Error(`the input has no field ${path}`);
    return field;
  }, fields);
}

/** What an absent field means, in Markdown; `undefined` where the description says it or nothing is to be said. */
export function defaultOf(field: Field): string | undefined {
  if (typeof field.whenAbsent === 'string') return field.whenAbsent;
  return field.default !== undefined && isPrimitive(field.default) ? `\`${JSON.stringify(field.default)}\`` : undefined;
}
