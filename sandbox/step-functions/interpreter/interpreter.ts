import type { SandboxClock } from '../../world/clock.ts';
import type { State } from '../definition/definition.ts';
import type { Execution } from '../executions/execution.ts';
import { isHistoryFull } from '../executions/history.ts';
import type { Payload } from '../expressions/json.ts';
import type { Failure } from '../expressions/states-error.ts';
import type { Control } from './control.ts';
import { createLeaving, createNotes } from './notes.ts';
import { createRecovery, failureOf } from './recovery.ts';
import { createStateRunner, type StateDependencies } from './state-runners.ts';
import type { Step, Thread, Visit } from './thread.ts';

/** Runs the states of executions. */
export interface Interpreter {
  /** Start a thread at one of its states. */
  begin(thread: Thread, startAt: string, input: Payload): void;
  /** Go on with a stay that ended without success, in a new thread: attempts are counted afresh. */
  goOn(thread: Thread, stopped: Visit): void;
}

/** What the interpreter needs from outside. */
export interface InterpreterDependencies extends StateDependencies {
  readonly clock: SandboxClock;
  /** End an execution whose history is full. */
  readonly endOverlong: (execution: Execution, failure: Failure) => void;
}

/** Create the interpreter of the subset that `definition.ts` describes. */
export function createInterpreter(dependencies: InterpreterDependencies): Interpreter {
  const { clock, endOverlong } = dependencies;
  const notes = createNotes(clock);
  const leaving = createLeaving(notes);

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

  const attempt = (visit: Visit, work: () => Step | undefined): Step | undefined => {
    try {
      return work();
    } catch (thrown) {
      return recover(visit, failureOf(visit, thrown));
    }
  };

  const resume: Control['resume'] = (visit, work) => {
    const { thread } = visit;
    guard(thread.execution, () => {
      if (thread.isOver) return;
      thread.pending = undefined;
      advance(thread, attempt(visit, work));
    });
  };

  const waitThen: Control['waitThen'] = (visit, seconds, work) => {
    const timer = clock.after(seconds, () => resume(visit, work));
    visit.thread.pending = {
      abort(noteAbort) {
        timer.cancel();
        noteAbort(`${visit.state.Type as 'Task'}StateAborted`);
      },
    };
  };

  const recover = createRecovery({ waitThen, leave: leaving.leave }, (visit) => startWork(visit));
  const control: Control = { clock, ...notes, ...leaving, resume, waitThen, recover };

  const enter = (thread: Thread, stateName: string, input: Payload): Step | undefined => {
    const visit = createVisit(control, thread, stateName, input);
    thread.visit = visit;
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
  const goOn: Interpreter['goOn'] = (thread, stopped) => {
    const visit = { ...stopped, thread, retryCount: 0, retriesBy: [], progress: undefined, earlier: stopped.progress };
    thread.visit = visit;
    guard(thread.execution, () =>
      advance(
        thread,
        attempt(visit, () => startWork(visit)),
      ),
    );
  };
  const startWork = createStateRunner(control, dependencies, { begin, goOn });

  return { begin, goOn };
}

function createVisit({ clock, note }: Control, thread: Thread, stateName: string, input: Payload): Visit {
  const state = thread.states[stateName] as State;
  const enteredEventId = note(thread, `${state.Type}StateEntered`, stateName, input.text);
  return {
    thread,
    stateName,
    state,
    input,
    enteredEventId,
    enteredAt: Math.floor(clock.now()),
    retryCount: 0,
    retriesBy: [],
    progress: undefined,
    earlier: undefined,
  };
}
