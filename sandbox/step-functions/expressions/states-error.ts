/** How a state, or an execution, failed. */
export interface Failure {
  readonly error: string;
  readonly cause: string | undefined;
}

const STATES_ERROR = Symbol('statesError');

/**
 * Create an error of the interpreter to throw while a state is being evaluated.
 *
 * @param error name as in `ErrorEquals`, e.g. `States.Runtime`
 * @param cause one sentence; where it happened is added by the interpreter
 */
export const statesError = (error: string, cause: string): Error =>
  Object.assign(new Error(cause), { name: error, [STATES_ERROR]: true });

/** Whether something thrown came from `statesError`. */
export const isStatesError = (thrown: unknown): thrown is Error => thrown instanceof Error && STATES_ERROR in thrown;

/**
 * Decide whether an error is one of those that a Retrier or Catcher names.
 *
 * `States.Runtime` always fails the execution. `States.ALL` does not cover `States.DataLimitExceeded`.
 * `States.TaskFailed` covers every error but `States.Timeout`.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
 */
export function matchesError(errorEquals: readonly string[], error: string): boolean {
  if (error === 'States.Runtime') return false;
  return errorEquals.some(
    (name) =>
      name === error ||
      (name === 'States.ALL' && error !== 'States.DataLimitExceeded') ||
      (name === 'States.TaskFailed' && error !== 'States.Timeout'),
  );
}
