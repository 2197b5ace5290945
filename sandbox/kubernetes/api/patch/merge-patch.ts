import { isJsonObject, type JsonObject } from './json-value.ts';

/**
 * Apply an RFC 7386 merge patch.
 *
 * @see https://www.rfc-editor.org/rfc/rfc7386
 */
export function applyMergePatch(target: unknown, patch: unknown): unknown {
  if (!isJsonObject(patch)) return patch;
  const result: Record<string, unknown> = { ...(isJsonObject(target) ? target : {}) } satisfies JsonObject;
  for (const [field, value] of Object.entries(patch)) {
    if (value === null) delete result[field];
    else result[field] = applyMergePatch(result[field], value);
  }
  return result;
}
