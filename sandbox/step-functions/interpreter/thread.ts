import type { State } from '../definition/definition.ts';
import type { Execution } from '../executions/execution.ts';
import type { HistoryEventType } from '../executions/history.ts';
import type { Json, Payload } from '../expressions/json.ts';
import type { Failure } from '../expressions/states-error.ts';

/** What a state hands on when it is done. */
export type Step =
  | { readonly kind: 'next'; readonly stateName: string; readonly payload: Payload }
  | { readonly kind: 'ended'; readonly payload: Payload }
  | { readonly kind: 'failed'; readonly failure: Failure };

/** Adds an event about something that was aborted, or does not, as the occasion demands. */
export type NoteAbort = (type: HistoryEventType, first?: unknown, second?: unknown) => void;

/** What a thread waits for: a function, an instant, the iterations of a Map. */
export interface Pending {
  /** Wait for it no longer; what it still yields is ignored. */
  abort(note: NoteAbort): void;
}

/** A line of control: that of an execution, or that of one iteration of an inline Map. */
export interface Thread {
  readonly execution: Execution;
  readonly states: Readonly<Record<string, State>>;
  /** `$$.Map.Item` inside an inline Map. */
  readonly mapItem: { readonly Index: number; readonly Value: Json } | undefined;
  readonly onEnd: (step: Step & { kind: 'ended' | 'failed' }) => void;
  /** Id of the event that its next event follows. */
  lastEventId: number;
  pending: Pending | undefined;
  /** The stay in its present state, or in its last one. */
  visit: Visit | undefined;
  isOver: boolean;
}

/** One stay in one state. */
export interface Visit<S extends State = State> {
  readonly thread: Thread;
  readonly stateName: string;
  readonly state: S;
  /** The state's raw input. */
  readonly input: Payload;
  readonly enteredEventId: number;
  /** Milliseconds since the epoch. */
  readonly enteredAt: number;
  /** Retries so far, in all and by each retrier. */
  retryCount: number;
  readonly retriesBy: number[];
  /** What an inline Map has done so far, for a redrive. */
  progress: MapProgress | undefined;
  /** In the first attempt after a redrive: what the Map had done before. */
  earlier: MapProgress | undefined;
}

/** The iterations of an inline Map. */
export interface MapProgress {
  readonly results: Json[];
  /** By index; absent for those that were not started. */
  readonly iterations: (Thread | undefined)[];
  readonly succeeded: Set<number>;
}

/** Stop a thread and whatever it waits for. */
export function abortThread(thread: Thread, note: NoteAbort): void {
  if (thread.isOver) return;
  thread.isOver = true;
  const pending = thread.pending;
  thread.pending = undefined;
  pending?.abort(note);
}
