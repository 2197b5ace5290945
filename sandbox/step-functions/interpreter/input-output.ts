import { fillTemplate, requirePath, type Scope } from '../expressions/expression.ts';
import { isTooLarge, type Json, type JsonObject, type Payload, toPayload } from '../expressions/json.ts';
import { parseJsonPath, placeAtPath } from '../expressions/json-path.ts';
import { statesError } from '../expressions/states-error.ts';
import type { Visit } from './thread.ts';

/** ISO-8601 UTC text of an instant, with milliseconds, as Step Functions prints it. */
export const isoMilliseconds = (epochMilliseconds: number): string => new Date(epochMilliseconds).toISOString();

/** Make the context object that a state sees as `$$`. */
export function contextOf(
  { thread, stateName, state, enteredAt, retryCount }: Visit,
  mapItem = thread.mapItem,
): JsonObject {
  const { execution } = thread;
  return {
    Execution: {
      Id: execution.arn,
      Input: execution.input.value,
      Name: execution.name,
      RoleArn: execution.machine.roleArn,
      StartTime: isoMilliseconds(execution.startedAt),
      RedriveCount: execution.redriveCount,
      ...(execution.redrivenAt === undefined ? {} : { RedriveTime: isoMilliseconds(execution.redrivenAt) }),
    },
    StateMachine: { Id: execution.stateMachineArn, Name: execution.stateMachineArn.split(':').at(-1) as string },
    State: {
      Name: stateName,
      EnteredTime: isoMilliseconds(enteredAt),
      ...(state.Type === 'Task' || state.Type === 'Map' ? { RetryCount: retryCount } : {}),
    },
    ...(mapItem === undefined ? {} : { Map: { Item: { Index: mapItem.Index, Value: mapItem.Value } } }),
  };
}

/** Make the scope in which a state evaluates paths over a document. */
export const scopeOf = (visit: Visit, input: Json): Scope => ({
  input,
  context: () => contextOf(visit),
  random: visit.thread.execution.random,
});

const exceedsLimit = (name: string) =>
  statesError(
    'States.DataLimitExceeded',
    `The state/task '${name}' returned a result with a size exceeding the maximum number of bytes service limit.`,
  );

/**
 * Pair a value with its text, sharing the text of a payload that holds the very same value.
 *
 * @throws States.DataLimitExceeded beyond 256 KiB
 */
export function limitedPayload(value: Json, like: Payload, name: string): Payload {
  const payload = value === like.value ? like : toPayload(value);
  if (isTooLarge(payload.text)) throw exceedsLimit(name);
  return payload;
}

/** Apply InputPath. */
export function effectiveInput(visit: Visit): Json {
  const { InputPath: path = '$' } = visit.state as { InputPath?: string | null };
  if (path === null) return {};
  return path === '$' ? visit.input.value : requirePath(path, scopeOf(visit, visit.input.value));
}

/** Apply OutputPath. */
export function effectiveOutput(visit: Visit, value: Json): Json {
  const { OutputPath: path = '$' } = visit.state as { OutputPath?: string | null };
  if (path === null) return {};
  return path === '$' ? value : requirePath(path, scopeOf(visit, value));
}

/**
 * Put a result into a state's raw input at its ResultPath.
 *
 * @throws States.ResultPathMatchFailure
 */
export function placeResult(input: Json, resultPath: string | null | undefined, result: Json): Json {
  if (resultPath === null) return input;
  return resultPath === undefined || resultPath === '$'
    ? result
    : placeAtPath(parseJsonPath(resultPath), input, result);
}

/** Apply ResultSelector, ResultPath and OutputPath to the result of a Task, Map or Pass state. */
export function outputOfResult(visit: Visit, result: Json): Json {
  const { ResultSelector: selector, ResultPath: resultPath } = visit.state as {
    ResultSelector?: JsonObject;
    ResultPath?: string | null;
  };
  const selected = selector === undefined ? result : fillTemplate(selector, scopeOf(visit, result));
  return effectiveOutput(visit, placeResult(visit.input.value, resultPath, selected));
}
