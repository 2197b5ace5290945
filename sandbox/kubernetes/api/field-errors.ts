import type { FieldError } from './failures.ts';

/** A value that cannot be. */
export const invalid = (field: string, value: unknown, why: string): FieldError => ({
  reason: 'FieldValueInvalid',
  field,
  message: `Invalid value: ${JSON.stringify(value)}: ${why}`,
});

/** A value that is missing. */
export const required = (field: string, why?: string): FieldError => ({
  reason: 'FieldValueRequired',
  field,
  message: `Required value${why === undefined ? '' : `: ${why}`}`,
});

/** A value that cannot be given, or changed. */
export const forbidden = (field: string, why: string): FieldError => ({
  reason: 'FieldValueForbidden',
  field,
  message: `Forbidden: ${why}`,
});

/** A value that is not one of the supported ones. */
export const notSupported = (field: string, value: unknown, supported: readonly string[]): FieldError => ({
  reason: 'FieldValueNotSupported',
  field,
  message: `Unsupported value: "${value}": supported values: ${supported.map((each) => `"${each}"`).join(', ')}`,
});
