import { failureOfCall } from '../../lambda/failure.ts';
import type { TaskResource, TaskState } from '../definition/definition.ts';
import { fillTemplate } from '../expressions/expression.ts';
import { isTooLarge, type Json, type Payload } from '../expressions/json.ts';
import type { Control } from './control.ts';
import { effectiveInput, limitedPayload, scopeOf } from './input-output.ts';
import { readNumber } from './number-field.ts';
import type { Step, Visit } from './thread.ts';

/** Calls the function behind a Task; what it rejects with becomes the error of the Task. */
export type InvokeFunction = (functionKey: string, payload: unknown) => Promise<unknown>;

/** The key, as in serverless.yml, of the function that a Task calls. */
export function functionKeyOf(resource: TaskResource): string {
  if (typeof resource !== 'string') return resource['Fn::GetAtt'][0];
  const name = resource.split(':').at(-1) as string;
  return name.split('-').at(-1) as string;
}

/** What Lambda makes of a function's return value: JSON, and null for nothing. */
const resultOf = (value: unknown): Payload => {
  const text = JSON.stringify(value) ?? 'null';
  return { value: JSON.parse(text) as Json, text };
};

/** Create the runner of Task states: it calls the function and goes on with its result, its error or the timeout. */
export function createTaskRunner(
  { clock, note, resume, leaveWithResult, recover }: Control,
  { invokeFunction, functionArn }: { invokeFunction: InvokeFunction; functionArn: (functionKey: string) => string },
): (visit: Visit<TaskState>) => Step | undefined {
  const succeed = (visit: Visit<TaskState>, arn: string, result: Payload): Step | undefined => {
    if (isTooLarge(result.text)) {
      const error = 'States.DataLimitExceeded';
      const cause = `The state/task '${arn}' returned a result with a size exceeding the maximum number of bytes service limit.`;
      note(visit.thread, 'LambdaFunctionFailed', error, cause);
      return recover(visit, { error, cause });
    }
    note(visit.thread, 'LambdaFunctionSucceeded', undefined, result.text);
    return leaveWithResult(visit, result.value);
  };

  /** Call the function, and make of its answer what is left to do in the state. */
  const call = async (visit: Visit<TaskState>, functionKey: string, payload: string) => {
    try {
      const result = resultOf(await invokeFunction(functionKey, JSON.parse(payload)));
      return () => succeed(visit, functionArn(functionKey), result);
    } catch (thrown) {
      const failure = failureOfCall(thrown);
      return () => {
        note(visit.thread, 'LambdaFunctionFailed', failure.error, failure.cause);
        return recover(visit, failure);
      };
    }
  };

  return (visit) => {
    const { thread, state } = visit;
    const input = effectiveInput(visit);
    const payload = limitedPayload(
      state.Parameters === undefined ? input : fillTemplate(state.Parameters, scopeOf(visit, input)),
      visit.input,
      visit.stateName,
    );
    const timeoutSeconds = readNumber(visit, state.TimeoutSeconds, state.TimeoutSecondsPath, input);
    const functionKey = functionKeyOf(state.Resource);
    note(thread, 'LambdaFunctionScheduled', functionArn(functionKey), payload.text, timeoutSeconds);
    note(thread, 'LambdaFunctionStarted');

    let isSettled = false;
    const settle = (work: () => Step | undefined) => {
      if (isSettled) return;
      isSettled = true;
      timer?.cancel();
      resume(visit, work);
    };
    const timer =
      timeoutSeconds === undefined
        ? undefined
        : clock.timeout(timeoutSeconds, () =>
            settle(() => {
              note(thread, 'LambdaFunctionTimedOut', 'States.Timeout');
              return recover(visit, { error: 'States.Timeout', cause: undefined });
            }),
          );
    thread.pending = {
      abort(noteAbort) {
        isSettled = true;
        timer?.cancel();
        noteAbort('TaskStateAborted');
      },
    };
    void clock.run(async () => settle(await call(visit, functionKey, payload.text)));
    return undefined;
  };
}
