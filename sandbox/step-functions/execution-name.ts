/** Characters that a name may not have: whitespace, brackets, wildcards, special and control characters. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
const BAD_CHARACTER = /[\s<>{}[\]?*"#%\\^|~`$&,;:/\u0000-\u001f\u007f-\u009f\ufffe\uffff]/;

const LONGEST_NAME = 80;

/**
 * Whether an execution may be called so.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html
 */
export const isLegalName = (name: string): boolean =>
  name.length >= 1 && name.length <= LONGEST_NAME && !BAD_CHARACTER.test(name);
