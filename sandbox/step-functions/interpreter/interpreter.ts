import type { SandboxClock } from '../../world/clock.ts';
import {
  type ChoiceState,
  type FailState,
  isDistributed,
  type MapState,
  NESTED_EXECUTION,
  type PassState,
  type State,
  type SucceedState,
  type TaskState,
  type WaitState,
} from '../definition/definition.ts';
import type { Execution } from '../executions/execution.ts';
import { isHistoryFull } from '../executions/history.ts';
import { holdsChoiceRule } from '../expressions/choice-rule.ts';
import { evaluate, fillTemplate, requirePath } from '../expressions/expression.ts';
import type { Json, Payload } from '../expressions/json.ts';
import { type Failure, isStatesError, matchesError, statesError } from '../expressions/states-error.ts';
import { parseTimestamp } from '../expressions/timestamp.ts';
import type { Control } from './control.ts';
import { createDistributedMap, type MapRunKeeper } from './distributed-map.ts';
import { createInlineMap } from './inline-map.ts';
import {
  effectiveInput,
  effectiveOutput,
  limitedPayload,
  outputOfResult,
  placeResult,
  scopeOf,
} from './input-output.ts';
import { createNestedExecution, type ExecutionStarter } from './nested-execution.ts';
import { findRetrier, retryDelaySeconds } from './retry.ts';
import { createTaskRunner, type InvokeFunction } from './task.ts';
import type { Step, Thread, Visit } from './thread.ts';

/** Runs the states of executions. */
export interface Interpreter {
  /** Start a thread at one of its states. */
  begin(thread: Thread, startAt: string, input: Payload): void;
}

/** What the interpreter needs from outside. */
export interface InterpreterDependencies {
  readonly clock: SandboxClock;
  readonly invokeFunction: InvokeFunction;
  /** ARN of the function behind a Task's Resource. */
  readonly functionArn: (functionKey: string) => string;
  readonly keeper: MapRunKeeper;
  readonly starter: ExecutionStarter;
  /** End an execution whose history is full. */
  readonly endOverlong: (execution: Execution, failure: Failure) => void;
}

/** Create the interpreter of the subset that `definition.ts` describes. */
export function createInterpreter(dependencies: InterpreterDependencies): Interpreter {
  const { clock, endOverlong } = dependencies;
  const instant = () => Math.floor(clock.now());

  const note: Control['note'] = (thread, type, first, second, third) => {
    thread.lastEventId = thread.execution.history.add(type, instant(), thread.lastEventId, first, second, third);
    return thread.lastEventId;
  };

  const noteAfter: Control['noteAfter'] = (execution, precedingId) => (type, first, second) => {
    execution.history.add(type, instant(), precedingId, first, second);
  };

  /** Run work on an execution from outside: from a timer, or when a function answers. */
  const guard = (execution: Execution, work: () => void) => {
    if (execution.status !== 'RUNNING') return;
    try {
      work();
    } catch (thrown) {
      if (!(thrown instanceof Error && isHistoryFull(thrown))) throw thrown;
      endOverlong(execution, { error: thrown.name, cause: thrown.message });
    }
  };

  const failureOf = ({ stateName, enteredEventId }: Visit, thrown: unknown): Failure => {
    if (!isStatesError(thrown) || isHistoryFull(thrown)) throw thrown;
    const place = `An error occurred while executing the state '${stateName}' (entered at the event id #${enteredEventId}). `;
    const isComplete = thrown.name === 'States.DataLimitExceeded';
    return { error: thrown.name, cause: isComplete ? thrown.message : place + thrown.message };
  };

  const attempt = (visit: Visit, work: () => Step | undefined): Step | undefined => {
    try {
      return work();
    } catch (thrown) {
      return recover(visit, failureOf(visit, thrown));
    }
  };

  const leave = (visit: Visit, output: Json, nextStateName?: string): Step => {
    const { thread, state, stateName, input } = visit;
    const payload = limitedPayload(output, input, stateName);
    note(thread, `${state.Type as 'Task'}StateExited`, stateName, payload.text);
    const next = nextStateName ?? (state as { Next?: string }).Next;
    return next === undefined ? { kind: 'ended', payload } : { kind: 'next', stateName: next, payload };
  };

  const leaveWithResult = (visit: Visit, result: Json): Step => leave(visit, outputOfResult(visit, result));

  const retry = (visit: Visit, failure: Failure): boolean => {
    const { Retry: retriers = [] } = visit.state as Partial<TaskState>;
    const index = findRetrier(retriers, failure.error);
    const retrier = retriers[index];
    if (retrier === undefined) return false;
    const { thread, retriesBy } = visit;
    const used = retriesBy[index] ?? 0;
    const delaySeconds = retryDelaySeconds(retrier, used, thread.execution.random);
    if (delaySeconds === undefined) return false;
    retriesBy[index] = used + 1;
    visit.retryCount += 1;
    waitThen(visit, delaySeconds, () => startWork(visit));
    return true;
  };

  const recover = (visit: Visit, failure: Failure): Step | undefined => {
    if (retry(visit, failure)) return undefined;
    const { Catch: catchers = [] } = visit.state as Partial<TaskState>;
    const catcher = catchers.find(({ ErrorEquals }) => matchesError(ErrorEquals, failure.error));
    if (catcher === undefined) return { kind: 'failed', failure };
    try {
      const output = { Error: failure.error, Cause: failure.cause ?? '' };
      return leave(visit, placeResult(visit.input.value, catcher.ResultPath, output), catcher.Next);
    } catch (thrown) {
      return { kind: 'failed', failure: failureOf(visit, thrown) };
    }
  };

  const resume = (visit: Visit, work: () => Step | undefined) => {
    const { thread } = visit;
    guard(thread.execution, () => {
      if (thread.isOver) return;
      thread.pending = undefined;
      advance(thread, attempt(visit, work));
    });
  };

  const waitThen = (visit: Visit, seconds: number, work: () => Step | undefined) => {
    const timer = clock.after(seconds, () => resume(visit, work));
    visit.thread.pending = {
      abort(noteAbort) {
        timer.cancel();
        noteAbort(`${visit.state.Type as 'Task'}StateAborted`);
      },
    };
  };

  const numberOf: Control['numberOf'] = (visit, literal, path, input) => {
    if (path === undefined) return literal;
    const value = requirePath(path, scopeOf(visit, input));
    if (typeof value !== 'number' || !(value >= 0)) {
      throw statesError(
        'States.Runtime',
        `The path '${path}' must name a number that is not negative, not ${JSON.stringify(value)}`,
      );
    }
    return value;
  };

  const pass = (visit: Visit<PassState>): Step => {
    const { state } = visit;
    const input = effectiveInput(visit);
    const parameters = state.Parameters === undefined ? input : fillTemplate(state.Parameters, scopeOf(visit, input));
    return leaveWithResult(visit, state.Result === undefined ? parameters : state.Result);
  };

  const waitSeconds = (visit: Visit<WaitState>, input: Json): number => {
    const { Seconds: seconds, SecondsPath: secondsPath, Timestamp: literal, TimestampPath: path } = visit.state;
    const relative = numberOf(visit, seconds, secondsPath, input);
    if (relative !== undefined) return relative;
    const text = path === undefined ? literal : requirePath(path, scopeOf(visit, input));
    const until = typeof text === 'string' ? parseTimestamp(text) : undefined;
    if (until === undefined) {
      throw statesError(
        'States.Runtime',
        `The TimestampPath parameter does not reference a valid ISO-8601 extended offset date-time format string: ${path} == ${text}`,
      );
    }
    return Math.max(0, (until - clock.now()) / 1000);
  };

  const wait = (visit: Visit<WaitState>): undefined => {
    const input = effectiveInput(visit);
    waitThen(visit, waitSeconds(visit, input), () => leave(visit, effectiveOutput(visit, input)));
  };

  const choose = (visit: Visit<ChoiceState>): Step => {
    const input = effectiveInput(visit);
    const scope = scopeOf(visit, input);
    const rule = visit.state.Choices.find((candidate) => holdsChoiceRule(candidate, scope));
    const next = rule?.Next ?? visit.state.Default;
    if (next === undefined) {
      throw statesError('States.NoChoiceMatched', 'No choice rule matched, and the state has no Default.');
    }
    return leave(visit, effectiveOutput(visit, input), next);
  };

  const succeed = (visit: Visit<SucceedState>): Step => leave(visit, effectiveOutput(visit, effectiveInput(visit)));

  const fail = (visit: Visit<FailState>): Step => {
    const { Error: error, ErrorPath: errorPath, Cause: cause, CausePath: causePath } = visit.state;
    const textOf = (literal: string | undefined, path: string | undefined, field: string) => {
      if (path === undefined) return literal;
      const value = evaluate(path, field, scopeOf(visit, visit.input.value));
      if (typeof value === 'string') return value;
      throw statesError('States.Runtime', `The ${field} '${path}' must give a string, not ${JSON.stringify(value)}`);
    };
    return {
      kind: 'failed',
      failure: { error: textOf(error, errorPath, 'ErrorPath') as string, cause: textOf(cause, causePath, 'CausePath') },
    };
  };

  const control: Control = {
    clock,
    note,
    noteAfter,
    resume,
    leaveWithResult,
    recover,
    numberOf,
  };
  const callFunction = createTaskRunner(control, dependencies);
  const runNestedExecution = createNestedExecution(control, dependencies.starter);
  const runInlineMap = createInlineMap(control, (thread, startAt, input) => begin(thread, startAt, input));
  const runDistributedMap = createDistributedMap(control, dependencies.keeper);

  /** Do what a state is for; `undefined` when it has to wait. */
  const startWork = (visit: Visit): Step | undefined => {
    switch (visit.state.Type) {
      case 'Task':
        return visit.state.Resource === NESTED_EXECUTION
          ? runNestedExecution(visit as Visit<TaskState>)
          : callFunction(visit as Visit<TaskState>);
      case 'Pass':
        return pass(visit as Visit<PassState>);
      case 'Wait':
        return wait(visit as Visit<WaitState>);
      case 'Choice':
        return choose(visit as Visit<ChoiceState>);
      case 'Succeed':
        return succeed(visit as Visit<SucceedState>);
      case 'Fail':
        return fail(visit as Visit<FailState>);
      case 'Map':
        return isDistributed(visit.state)
          ? runDistributedMap(visit as Visit<MapState>)
          : runInlineMap(visit as Visit<MapState>);
    }
  };

  const enter = (thread: Thread, stateName: string, input: Payload): Step | undefined => {
    const state = thread.states[stateName] as State;
    const enteredEventId = note(thread, `${state.Type}StateEntered`, stateName, input.text);
    const visit: Visit = {
      thread,
      stateName,
      state,
      input,
      enteredEventId,
      enteredAt: instant(),
      retryCount: 0,
      retriesBy: [],
    };
    return attempt(visit, () => startWork(visit));
  };

  const advance = (thread: Thread, first: Step | undefined) => {
    let step = first;
    while (step !== undefined && !thread.isOver) {
      if (step.kind !== 'next') {
        thread.isOver = true;
        thread.onEnd(step);
        return;
      }
      step = enter(thread, step.stateName, step.payload);
    }
  };

  const begin: Interpreter['begin'] = (thread, startAt, input) =>
    guard(thread.execution, () => advance(thread, { kind: 'next', stateName: startAt, payload: input }));

  return { begin };
}
