/** A JSON object, as patches see it. */
export type JsonObject = { readonly [field: string]: unknown };

/** Tell a JSON object from anything else. */
export const isJsonObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The object that a field holds; none when it holds anything else. */
export const jsonObjectIn = (value: unknown): JsonObject => (isJsonObject(value) ? value : {});
