import * as z from 'zod';

const text = z.string().optional().catch(undefined);

/** An execution that did not succeed, as the cause of States.TaskFailed describes it. */
const failedExecutionSchema = z.object({ Status: text, Error: text, Cause: text, ExecutionArn: text });
export type FailedExecution = Readonly<z.infer<typeof failedExecutionSchema>>;

/** Read what is left of an execution whose JSON was cut off: its members before the cut. */
function fromCut(cause: string): FailedExecution {
  const member = (name: string) => new RegExp(`"${name}":"((?:[^"\\\\]|\\\\.)*)`).exec(cause)?.[1];
  return {
    Error: member('Error'),
    Cause: member('Cause')
      ?.replace(/\\(["\\/])/g, '$1')
      .replace(/\\n/g, ' '),
  };
}

function read(cause: string): FailedExecution {
  try {
    return failedExecutionSchema.safeParse(JSON.parse(cause)).data ?? {};
  } catch {
    return fromCut(cause);
  }
}

/**
 * Find the execution that a Task has waited for in what its Catch caught; `undefined` when it waited for none.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/connect-stepfunctions.html
 */
export const failedExecutionIn = (caught: {
  Error: string;
  Cause?: string | undefined;
}): FailedExecution | undefined =>
  caught.Error === 'States.TaskFailed' && caught.Cause !== undefined ? read(caught.Cause) : undefined;
