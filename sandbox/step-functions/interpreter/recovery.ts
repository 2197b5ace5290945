import { isHistoryFull } from '../executions/history.ts';
import { type Failure, isStatesError, matchesError } from '../expressions/states-error.ts';
import type { Control } from './control.ts';
import { placeResult } from './input-output.ts';
import { findRetrier, retryDelaySeconds } from './retry.ts';
import type { Step, Visit } from './thread.ts';

/** Describe an error of the state itself. @throws anything that is no error of a state machine */
export function failureOf({ stateName, enteredEventId }: Visit, thrown: unknown): Failure {
  if (!isStatesError(thrown) || isHistoryFull(thrown)) throw thrown;
  const place = `An error occurred while executing the state '${stateName}' (entered at the event id #${enteredEventId}). `;
  const isComplete = thrown.name === 'States.DataLimitExceeded';
  return { error: thrown.name, cause: isComplete ? thrown.message : place + thrown.message };
}

/** Retriers and catchers of the types of state that have them. */
const recoveryOf = ({ state }: Visit) => ({
  retriers: 'Retry' in state ? (state.Retry ?? []) : [],
  catchers: 'Catch' in state ? (state.Catch ?? []) : [],
});

/** @returns the delay before the next attempt; `undefined` when there is none */
function nextAttemptSeconds(visit: Visit, failure: Failure): number | undefined {
  const { retriers } = recoveryOf(visit);
  const index = findRetrier(retriers, failure.error);
  const retrier = retriers[index];
  if (retrier === undefined) return undefined;
  const { thread, retriesBy } = visit;
  const used = retriesBy[index] ?? 0;
  const delaySeconds = retryDelaySeconds(retrier, used, thread.execution.random);
  if (delaySeconds !== undefined) {
    retriesBy[index] = used + 1;
    visit.retryCount += 1;
  }
  return delaySeconds;
}

/** Create what follows a failure: a retry, a catcher, or the end of the thread. */
export const createRecovery =
  (
    { waitThen, leave }: Pick<Control, 'waitThen' | 'leave'>,
    startWork: (visit: Visit) => Step | undefined,
  ): Control['recover'] =>
  (visit, failure) => {
    const delaySeconds = nextAttemptSeconds(visit, failure);
    if (delaySeconds !== undefined) {
      waitThen(visit, delaySeconds, () => startWork(visit));
      return undefined;
    }
    const { catchers } = recoveryOf(visit);
    const catcher = catchers.find(({ ErrorEquals }) => matchesError(ErrorEquals, failure.error));
    if (catcher === undefined) return { kind: 'failed', failure };
    try {
      const output = { Error: failure.error, Cause: failure.cause ?? '' };
      return leave(visit, placeResult(visit.input.value, catcher.ResultPath, output), catcher.Next);
    } catch (thrown) {
      return { kind: 'failed', failure: failureOf(visit, thrown) };
    }
  };
