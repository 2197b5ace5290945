const TIMESTAMP = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(\.\d+)?(Z|[+-]\d{2}:\d{2})$/;

/**
 * Read a timestamp of the Amazon States Language: RFC 3339 with upper-case `T` and with `Z` or an offset.
 *
 * @returns milliseconds since the epoch; `undefined` when the text is no such timestamp
 * @see https://states-language.net/spec.html#timestamps
 */
export function parseTimestamp(text: string): number | undefined {
  const match = TIMESTAMP.exec(text);
  if (match === null) return undefined;
  const [, seconds, fraction = '', zone] = match;
  const instant = Date.parse(`${seconds}${fraction.slice(0, 4)}${zone}`);
  return Number.isNaN(instant) ? undefined : instant;
}
