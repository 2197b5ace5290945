import type { Execution, StateMachine, StepFunctions } from 'eks-sandbox/step-functions';
import { startedExecutions } from '../../../report/read/history.ts';

/** A way through the state machines. @returns the state machines after it, with all that ran */
export type Course = readonly [title: string, take: (name: string) => Promise<StepFunctions>];

/** An answer of a Lambda function: its result, its failure, or none at all. All are JSON. */
export type Answer = { readonly result: string } | { readonly failure: string } | 'none';

/** One call of a function, as the history of its execution has it. */
export interface RecordedCall {
  /** ARN. */
  readonly resource: string;
  /** JSON. */
  readonly payload: string;
  readonly answer: Answer;
}

export interface Recording {
  /** The definitions that ran, with whatever the course changed in them. */
  readonly machines: readonly { readonly name: string; readonly definition: object }[];
  /** In the order of their starts. */
  readonly executions: readonly Execution[];
  /** Those that no state of another execution started. */
  readonly roots: readonly Execution[];
  readonly calls: readonly RecordedCall[];
}

type Event = Readonly<Record<string, unknown>>;
type Details = Readonly<Record<string, string>> | undefined;

export const eventsOf = ({ history }: Execution): Event[] => history.all();

function answerOf(event: Event): Answer {
  const [result, failure] = [event.lambdaFunctionSucceededEventDetails, event.lambdaFunctionFailedEventDetails];
  if (result !== undefined) return { result: (result as { output: string }).output };
  if (failure === undefined) return 'none';
  const { error, cause = '' } = failure as NonNullable<Details>;
  // What Lambda itself says of a failed call is no JSON, but comes as such to LocalStack, which knows no other.
  return { failure: cause.startsWith('{') ? cause : JSON.stringify({ errorType: error, errorMessage: cause }) };
}

/** Calls of an execution in their order: each event of a call names the one before. */
function callsOf(execution: Execution): RecordedCall[] {
  const events = eventsOf(execution);
  const after = (id: unknown) => events.find(({ previousEventId }) => previousEventId === id);
  return events.flatMap(({ id, lambdaFunctionScheduledEventDetails: scheduled }) => {
    const answer = after(after(id)?.id);
    if (scheduled === undefined || answer === undefined) return [];
    const { resource = '', input = '' } = scheduled as NonNullable<Details>;
    return [{ resource, payload: input, answer: answerOf(answer) }];
  });
}

/** Name the functions as CloudFormation would. */
function resolveFunctions(value: unknown, functionArn: (key: string) => string): unknown {
  if (Array.isArray(value)) return value.map((each) => resolveFunctions(each, functionArn));
  if (typeof value !== 'object' || value === null) return value;
  const attribute = (value as Record<string, unknown>)['Fn::GetAtt'] as [string, string] | undefined;
  if (attribute !== undefined) return functionArn(attribute[0]);
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, resolveFunctions(each, functionArn)]));
}

/** Take down all that ran on the state machines of a sandbox. */
export function recordingOf(stepFunctions: StepFunctions): Recording {
  const { machines, executionsOf, functionArn } = stepFunctions;
  const executions = machines.flatMap((machine) => [...executionsOf(machine)]).sort((a, b) => a.order - b.order);
  const nested = new Set(executions.flatMap((each) => startedExecutions(eventsOf(each) as never)));
  return {
    machines: machines.map(({ name, definition }: StateMachine) => ({
      name,
      definition: resolveFunctions(definition, functionArn) as object,
    })),
    executions,
    roots: executions.filter(({ arn }) => !nested.has(arn)),
    calls: executions.flatMap(callsOf),
  };
}

/** Names of the states of a definition, those within its Map states as well. */
export const namesOfStates = (definition: unknown): string[] =>
  Object.entries((definition as { States: Record<string, { ItemProcessor?: unknown }> }).States).flatMap(
    ([name, { ItemProcessor: inner }]) => [name, ...(inner === undefined ? [] : namesOfStates(inner))],
  );

/** Names of the states that an execution entered. */
export const statesEntered = (execution: Execution): string[] =>
  eventsOf(execution).flatMap(
    ({ stateEnteredEventDetails: details }) => (details as { name: string } | undefined)?.name ?? [],
  );
