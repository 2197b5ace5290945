import type { Invariant } from './invariant.ts';

/** The text that people read of a failure: the message where Lambda reported an error. */
function sentenceOf(cause: string): string {
  try {
    const parsed: unknown = JSON.parse(cause);
    if (typeof parsed === 'object' && parsed !== null && 'errorMessage' in parsed) return String(parsed.errorMessage);
  } catch {
    // A sentence is no JSON.
  }
  return cause;
}

/** Every run that fails says why. */
export const causesAreSentences: Invariant = {
  name: 'causes are sentences',
  promise: 'A run that fails says why in a sentence, never in raw JSON or a stack trace.',
  begin:
    ({ runs }, broken) =>
    () => {
      for (const { execution } of runs) {
        const { name, status, error, cause = '' } = execution;
        if (status !== 'FAILED') continue;
        const isSentence = cause === sentenceOf(cause) && /\w+ \w+/.test(cause) && !/^\s*[[{]|\n\s+at /.test(cause);
        if (!isSentence) broken(`the cause of ${error} of ${name} is no sentence: ${cause.slice(0, 300)}`);
      }
    },
};
