import { isObject } from '../expressions/json.ts';
import { anything, type Check, checkFields, integer, number, oneOf, resultPath, text } from './field-checks.ts';

const LONGEST_SECONDS = 99_999_999;

const errorNames: Check = (value, location, report) => {
  if (!Array.isArray(value) || value.length === 0 || value.some((name) => typeof name !== 'string')) {
    return report('a list of error names is expected', location);
  }
  if (value.length > 1 && value.includes('States.ALL')) report('States.ALL must stand alone', location);
};

const listOf =
  (fields: Readonly<Record<string, Check>>, required: readonly string[], further: Check = anything): Check =>
  (value, location, report) => {
    if (!Array.isArray(value)) return report('a list is expected', location);
    value.forEach((item, index) => {
      const place = `${location}/${index}`;
      checkFields(item, place, fields, required, report);
      if (!isObject(item)) return;
      further(item, place, report);
      const names = item.ErrorEquals;
      if (Array.isArray(names) && names.includes('States.ALL') && index < value.length - 1) {
        report('States.ALL must come last', `${place}/ErrorEquals`);
      }
    });
  };

/** Check the Retry of a state. */
export const retriers = listOf(
  {
    Comment: text,
    ErrorEquals: errorNames,
    IntervalSeconds: integer(1, LONGEST_SECONDS),
    MaxAttempts: integer(0, LONGEST_SECONDS),
    BackoffRate: number(1, Number.MAX_VALUE),
    MaxDelaySeconds: integer(1, 31_622_400),
    JitterStrategy: oneOf('FULL', 'NONE'),
  },
  ['ErrorEquals'],
  (retrier, location, report) => {
    const { MaxDelaySeconds: longest, IntervalSeconds: first = 1 } = retrier as Record<string, unknown>;
    if (typeof longest === 'number' && longest <= (first as number)) {
      report('MaxDelaySeconds must be greater than IntervalSeconds', location);
    }
  },
);
/** Check the Catch of a state. */
export const catchers = listOf({ Comment: text, ErrorEquals: errorNames, Next: text, ResultPath: resultPath }, [
  'ErrorEquals',
  'Next',
]);
