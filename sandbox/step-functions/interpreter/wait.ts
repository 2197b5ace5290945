import type { WaitState } from '../definition/definition.ts';
import { requirePath } from '../expressions/expression.ts';
import type { Json } from '../expressions/json.ts';
import { statesError } from '../expressions/states-error.ts';
import { parseTimestamp } from '../expressions/timestamp.ts';
import type { Control } from './control.ts';
import { effectiveInput, effectiveOutput, scopeOf } from './input-output.ts';
import { readNumber } from './number-field.ts';
import type { Visit } from './thread.ts';

function waitSeconds(visit: Visit<WaitState>, input: Json, now: number): number {
  const { Seconds: seconds, SecondsPath: secondsPath, Timestamp: literal, TimestampPath: path } = visit.state;
  const relative = readNumber(visit, seconds, secondsPath, input);
  if (relative !== undefined) return relative;
  const text = path === undefined ? literal : requirePath(path, scopeOf(visit, input));
  const until = typeof text === 'string' ? parseTimestamp(text) : undefined;
  if (until === undefined) {
    throw statesError(
      'States.Runtime',
      `The TimestampPath parameter does not reference a valid ISO-8601 extended offset date-time format string: ${path} == ${text}`,
    );
  }
  return Math.max(0, (until - now) / 1000);
}

/** Create the runner of Wait states. */
export const createWait =
  ({ clock, waitThen, leave }: Control) =>
  (visit: Visit<WaitState>): undefined => {
    const input = effectiveInput(visit);
    waitThen(visit, waitSeconds(visit, input, clock.now()), () => leave(visit, effectiveOutput(visit, input)));
  };
