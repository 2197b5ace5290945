import * as z from 'zod';
import { omitUndefined } from '../../domain/omit-undefined.ts';
import { plural } from '../../domain/text.ts';
import type { Failure } from '../model/model.ts';
import { type ExecutionHistory, parseJson } from './history.ts';
import { outputsOf } from './outputs.ts';
import type { Visit } from './visits.ts';

/**
 * Causes that wrap a sentence in JSON: those of Lambda, and those of an execution that another one started.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/nodejs-exceptions.html
 */
const wrappedCause = z.union([
  z.object({ errorMessage: z.string() }).transform(({ errorMessage }) => errorMessage),
  z.object({ Cause: z.string() }).transform(({ Cause }) => Cause),
  z.object({ cause: z.string() }).transform(({ cause }) => cause),
]);

/** The sentence of whoever threw an error, without the JSON around it. */
export function unwrapCause(cause: string): string {
  const message = wrappedCause.safeParse(parseJson(cause)).data;
  // A step that throws an earlier step's cause wraps it twice.
  return message === undefined || message === cause ? cause : unwrapCause(message);
}

/** What the recoveries did, beyond what they wrote into the cause: a run that was continued has one in each execution. */
function recoveryOf(visits: readonly Visit[]): string[] {
  const last = visits.at(-1);
  const failed = last?.failures.at(-1);
  if (last?.output === undefined && failed !== undefined) {
    return [`The recovery itself failed: ${unwrapCause(failed.cause)}`];
  }
  const cleanedNodes = outputsOf(visits, 'RecoverFromFailure').reduce((sum, { recovery }) => {
    return sum + (recovery?.status === 'recovered' ? (recovery.cleanedNodes ?? 0) : 0);
  }, 0);
  return cleanedNodes === 0
    ? []
    : [`Taints, labels and cordons of this run were removed from ${plural(cleanedNodes, 'node')}.`];
}

/** How and why a run ended badly; `undefined` while it runs and after a success. */
export function failureOf(run: ExecutionHistory, visits: readonly Visit[], status: string): Failure | undefined {
  if (status === 'RUNNING' || status === 'SUCCEEDED') return undefined;
  const last = run.history.at(-1);
  const details =
    last?.executionFailedEventDetails ?? last?.executionAbortedEventDetails ?? last?.executionTimedOutEventDetails;
  const recoveries = visits.filter((visit) => visit.state === 'RecoverFromFailure');
  const state = visits.findLast(
    ({ state, failures, output }) => failures.length > 0 && output === undefined && state !== 'RecoverFromFailure',
  )?.state;
  return omitUndefined({
    error: details?.error ?? run.execution.error ?? DEFAULT_ERRORS[status] ?? status,
    cause: unwrapCause(details?.cause ?? run.execution.cause ?? DEFAULT_CAUSES[status] ?? ''),
    state,
    recovery: recoveryOf(recoveries),
    isRecovered: recoveries.at(-1)?.output !== undefined,
  });
}

const DEFAULT_ERRORS: Readonly<Record<string, string>> = { ABORTED: 'Aborted', TIMED_OUT: 'States.Timeout' };

const AFTERWARDS =
  'Executions of nodes in hand finish them; the workflow then cleans up what else the run left, within minutes, or the next run does.';

const DEFAULT_CAUSES: Readonly<Record<string, string>> = {
  ABORTED: `The execution was stopped from outside, so no recovery ran. ${AFTERWARDS}`,
  TIMED_OUT: `The execution exceeded its time limit, so no recovery ran. ${AFTERWARDS}`,
};
