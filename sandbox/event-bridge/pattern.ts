import type { EventPattern } from '../world/scenario/event-rule.ts';

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * Decide whether an event is one of those that a pattern describes: each field that it names has one of the values.
 *
 * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html
 */
export const matchesPattern = (pattern: EventPattern, event: Readonly<Record<string, unknown>>): boolean =>
  Object.entries(pattern).every(([field, wanted]) => {
    const value = event[field];
    if (!Array.isArray(wanted)) return isObject(value) && matchesPattern(wanted as EventPattern, value);
    // A list matches when one of its items does.
    return [value].flat().some((item) => wanted.includes(item));
  });
