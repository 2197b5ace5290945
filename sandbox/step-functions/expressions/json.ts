/** A JSON value; the interpreter never changes one in place. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
/** A JSON object. */
export type JsonObject = { readonly [name: string]: Json };

/** A value together with the text that history shows of it, so that both are made once and shared. */
export interface Payload {
  readonly value: Json;
  readonly text: string;
}

/** Most bytes of UTF-8 that a state, a task or an execution may take or give (Step Functions quotas). */
const PAYLOAD_LIMIT_BYTES = 262_144;

/** Pair a value with its JSON text. */
export const toPayload = (value: Json): Payload => ({ value, text: JSON.stringify(value) });

/** Whether a text is over the payload quota. */
export const isTooLarge = (text: string): boolean =>
  // A UTF-16 unit is at most three bytes of UTF-8, so short texts need no counting.
  text.length * 3 > PAYLOAD_LIMIT_BYTES && Buffer.byteLength(text) > PAYLOAD_LIMIT_BYTES;

/** Whether something is an object with members: neither null nor an array. */
export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Whether a JSON value is an object. */
export const isJsonObject = (value: Json): value is JsonObject => isObject(value);

/** Whether a JSON value is an array. */
export const isJsonArray = (value: Json): value is readonly Json[] => Array.isArray(value);

/** Whether two JSON values are the same, whatever the order of their members. */
export function isJsonEqual(left: Json, right: Json): boolean {
  if (left === right) return true;
  if (isJsonArray(left) && isJsonArray(right)) {
    return left.length === right.length && left.every((item, index) => isJsonEqual(item, right[index] as Json));
  }
  if (!isJsonObject(left) || !isJsonObject(right)) return false;
  const names = Object.keys(left);
  return (
    names.length === Object.keys(right).length &&
    names.every((name) => Object.hasOwn(right, name) && isJsonEqual(left[name] as Json, right[name] as Json))
  );
}
