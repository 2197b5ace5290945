import type { TaskState } from '../definition/definition.ts';
import type { Execution } from '../executions/execution.ts';
import { fillTemplate } from '../expressions/expression.ts';
import { isObject, isTooLarge, type Json, type JsonObject, type Payload, toPayload } from '../expressions/json.ts';
import type { Failure } from '../expressions/states-error.ts';
import type { Control } from './control.ts';
import { effectiveInput, limitedPayload, scopeOf } from './input-output.ts';
import { readNumber } from './number-field.ts';
import type { Step, Visit } from './thread.ts';

/** How the events of such a Task name it. */
const OPTIMISED = { resourceType: 'states', resource: 'startExecution.sync:2' } as const;

/** What a nested Task needs from whoever keeps the executions. */
export interface ExecutionStarter {
  readonly region: string;
  /** Start an execution, or join the running one of the same name and input; a refusal is a failure with AWS's name. */
  startNested(request: { stateMachineArn: string; name: string | undefined; input: Payload }): Execution | Failure;
  /** Call back when an execution is over, unless `forget` has been called. */
  whenClosed(execution: Execution, tell: () => void): { forget(): void };
  /** End an execution whose parent ended or gave up. */
  stopNested(execution: Execution): void;
  /** A request id, for the metadata of the SDK's answer. */
  requestId(): string;
}

const isFailure = (answer: Execution | Failure): answer is Failure => !('arn' in answer);

/** The answer of StartExecution, as the service integration passes it on. */
const submitted = (child: Execution, requestId: string): Json => ({
  ExecutionArn: child.arn,
  SdkHttpMetadata: { HttpStatusCode: 200 },
  SdkResponseMetadata: { RequestId: requestId },
  StartDate: child.startedAt,
});

/**
 * DescribeExecution of a child that is over, in the members and order of the integration's own JSON.
 *
 * `sync:2` has Input and Output as JSON; the cause of a failure keeps the input as text. Recorded from AWS by LocalStack's
 * tests. @see https://docs.aws.amazon.com/step-functions/latest/dg/connect-stepfunctions.html
 */
function described(child: Execution): JsonObject {
  const hasSucceeded = child.status === 'SUCCEEDED';
  return {
    ...(child.cause === undefined ? {} : { Cause: child.cause }),
    ...(child.error === undefined ? {} : { Error: child.error }),
    ExecutionArn: child.arn,
    Input: hasSucceeded ? child.input.value : child.input.text,
    InputDetails: { Included: true },
    Name: child.name,
    ...(child.output === undefined ? {} : { Output: child.output.value, OutputDetails: { Included: true } }),
    RedriveCount: child.redriveCount,
    StartDate: child.startedAt,
    StateMachineArn: child.stateMachineArn,
    Status: child.status,
    StopDate: child.stoppedAt ?? child.startedAt,
  };
}

/** Longest cause that Step Functions keeps, in characters. */
const CAUSE_LIMIT = 32_768;

const textOf = (parameters: JsonObject, member: string): string | undefined => {
  const value = parameters[member];
  return typeof value === 'string' ? value : undefined;
};

/** The input of the child: an object as it is, a text as the JSON it holds; `{}` when there is none, as StartExecution has it. */
const inputOf = ({ Input: input }: JsonObject): Payload =>
  input === undefined || input === null
    ? toPayload({})
    : typeof input === 'string'
      ? { value: JSON.parse(input) as Json, text: input }
      : toPayload(input);

/**
 * Create the runner of Tasks that start an execution of another state machine and wait for its end (`startExecution.sync:2`).
 *
 * The child is stopped with its parent, and when the Task times out.
 */
export function createNestedExecution(
  { clock, note, resume, leaveWithResult, recover }: Control,
  { region, startNested, whenClosed, stopNested, requestId }: ExecutionStarter,
): (visit: Visit<TaskState>) => Step | undefined {
  const succeed = (visit: Visit<TaskState>, child: Execution): Step | undefined => {
    const result = toPayload(described(child));
    if (isTooLarge(result.text)) {
      const error = 'States.DataLimitExceeded';
      const cause = `The state/task '${OPTIMISED.resource}' returned a result with a size exceeding the maximum number of bytes service limit.`;
      note(visit.thread, 'TaskFailed', OPTIMISED, { error, cause });
      return recover(visit, { error, cause });
    }
    note(visit.thread, 'TaskSucceeded', OPTIMISED, result.text);
    return leaveWithResult(visit, result.value);
  };

  const fail = (visit: Visit<TaskState>, child: Execution): Step | undefined => {
    const cause = JSON.stringify(described(child)).slice(0, CAUSE_LIMIT);
    const failure = { error: 'States.TaskFailed', cause };
    note(visit.thread, 'TaskFailed', OPTIMISED, failure);
    return recover(visit, failure);
  };

  const wait = (visit: Visit<TaskState>, child: Execution, timeoutSeconds: number | undefined): void => {
    const settle = (work: () => Step | undefined) => {
      timer?.cancel();
      closing.forget();
      resume(visit, work);
    };
    const closing = whenClosed(child, () =>
      settle(() => (child.status === 'SUCCEEDED' ? succeed(visit, child) : fail(visit, child))),
    );
    const timer =
      timeoutSeconds === undefined
        ? undefined
        : clock.after(timeoutSeconds, () =>
            settle(() => {
              const failure = { error: 'States.Timeout', cause: undefined };
              note(visit.thread, 'TaskTimedOut', OPTIMISED, failure);
              stopNested(child);
              return recover(visit, failure);
            }),
          );
    visit.thread.pending = {
      abort(noteAbort) {
        timer?.cancel();
        closing.forget();
        stopNested(child);
        noteAbort('TaskStateAborted');
      },
    };
  };

  return (visit) => {
    const { thread, state, stateName } = visit;
    const input = effectiveInput(visit);
    const filled = fillTemplate(state.Parameters ?? {}, scopeOf(visit, input));
    const parameters = limitedPayload(isObject(filled) ? filled : {}, visit.input, stateName);
    const timeoutSeconds = readNumber(visit, state.TimeoutSeconds, state.TimeoutSecondsPath, input);
    note(thread, 'TaskScheduled', { ...OPTIMISED, region }, parameters.text, timeoutSeconds);
    note(thread, 'TaskStarted', OPTIMISED);
    const request = parameters.value as JsonObject;
    const answer = startNested({
      stateMachineArn: textOf(request, 'StateMachineArn') ?? '',
      name: textOf(request, 'Name'),
      input: inputOf(request),
    });
    if (isFailure(answer)) {
      note(thread, 'TaskSubmitFailed', OPTIMISED, answer);
      return recover(visit, answer);
    }
    note(thread, 'TaskSubmitted', OPTIMISED, JSON.stringify(submitted(answer, requestId())));
    wait(visit, answer, timeoutSeconds);
    return undefined;
  };
}
