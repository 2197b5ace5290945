/** Characters that a name may not have: whitespace, brackets, wildcards, special and control characters. */
const BAD_CHARACTER = /[\s<>{}[\]?*"#%\\^|~`$&,;:/\p{Cc}\ufffe\uffff]/u;

const LONGEST_NAME = 80;

/**
 * Whether an execution may be called so.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html
 */
export const isLegalName = (name: string): boolean =>
  name.length >= 1 && name.length <= LONGEST_NAME && !BAD_CHARACTER.test(name);
