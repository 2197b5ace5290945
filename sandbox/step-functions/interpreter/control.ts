import type { SandboxClock } from '../../world/clock.ts';
import type { Execution } from '../executions/execution.ts';
import type { HistoryEventType } from '../executions/history.ts';
import type { Json } from '../expressions/json.ts';
import type { Failure } from '../expressions/states-error.ts';
import type { NoteAbort, Step, Thread, Visit } from './thread.ts';

/** What the states of a running execution may do; the runners of all types of state are built on it. */
export interface Control {
  readonly clock: SandboxClock;
  /** Add an event that follows the thread's last one. */
  note(thread: Thread, type: HistoryEventType, first?: unknown, second?: unknown, third?: unknown): number;
  /** Make a note-taker for what is aborted because of an event. */
  noteAfter(execution: Execution, precedingId: number): NoteAbort;
  /** Go on with a state that had to wait: do the work, and follow the step it gives. */
  resume(visit: Visit, work: () => Step | undefined): void;
  /** Do work after some seconds. */
  waitThen(visit: Visit, seconds: number, work: () => Step | undefined): void;
  /** Leave a state with its output, for the state it names or for another. */
  leave(visit: Visit, output: Json, nextStateName?: string): Step;
  /** Leave a state with the result of its work. */
  leaveWithResult(visit: Visit, result: Json): Step;
  /** Retry, catch, or give up. */
  recover(visit: Visit, failure: Failure): Step | undefined;
}
