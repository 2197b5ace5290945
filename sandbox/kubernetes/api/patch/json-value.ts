/** A JSON object, as patches see it. */
export type JsonObject = { readonly [field: string]: unknown };

export const isJsonObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
