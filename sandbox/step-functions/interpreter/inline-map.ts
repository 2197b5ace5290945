import type { MapState } from '../definition/definition.ts';
import type { Json, Payload } from '../expressions/json.ts';
import type { Control } from './control.ts';
import { limitedPayload } from './input-output.ts';
import { readMapItems } from './map-items.ts';
import { readNumber } from './number-field.ts';
import { abortThread, type MapProgress, type NoteAbort, type Step, type Thread, type Visit } from './thread.ts';

/** Most iterations of an inline Map at one time (Step Functions quota). */
const INLINE_CONCURRENCY = 40;

/** Runs iterations: from the beginning, or on from where they stopped. */
export interface IterationRunner {
  begin(thread: Thread, startAt: string, input: Payload): void;
  goOn(thread: Thread, stopped: Visit): void;
}

/** Take what a Map had done before its redrive; a retry of the state begins with nothing. */
function takeEarlier(visit: Visit, total: number): MapProgress {
  const { earlier } = visit;
  visit.earlier = undefined;
  return earlier ?? { results: new Array(total).fill(null), iterations: [], succeeded: new Set() };
}

/**
 * Create the runner of inline Map states: iterations are threads of the same execution and share its history.
 *
 * The first iteration that fails ends all others. After a redrive only those run that had not succeeded, each from where
 * it stopped. Order and predecessors of the events are those that AWS records.
 */
export function createInlineMap(
  { note, noteAfter, resume, leaveWithResult, recover }: Control,
  { begin, goOn }: IterationRunner,
): (visit: Visit<MapState>) => Step | undefined {
  return (visit) => {
    const { thread, state, stateName } = visit;
    const { execution } = thread;
    const { input, values, inputs } = readMapItems(visit);
    const total = values.length;
    const wanted = readNumber(visit, state.MaxConcurrency, state.MaxConcurrencyPath, input) || INLINE_CONCURRENCY;
    const slots = Math.min(INLINE_CONCURRENCY, wanted, total);
    note(thread, 'MapStateStarted', total);

    const running = new Map<number, Thread>();
    const progress = takeEarlier(visit, total);
    visit.progress = progress;
    const { results, succeeded } = progress;
    const stopped = [...progress.iterations];
    /** Ids of the events that the next iterations follow: one for each slot that is free. */
    const freeSlots: number[] = new Array(slots).fill(thread.lastEventId);
    let started = 0;
    let isProceeding = false;
    let hasToWait = false;
    let outcome: (() => Step | undefined) | undefined;

    const abortIterations = (noteAbort: NoteAbort) => {
      for (const [index, iteration] of running) {
        abortThread(iteration, noteAbort);
        noteAbort('MapIterationAborted', stateName, index);
      }
      running.clear();
    };

    const succeed = () => {
      const lastIterationId = thread.lastEventId;
      note(thread, 'MapStateSucceeded');
      thread.lastEventId = lastIterationId;
      return leaveWithResult(visit, limitedPayload(results, visit.input, stateName).value);
    };

    const endIteration = (index: number, iteration: Thread, step: Step & { kind: 'ended' | 'failed' }) => {
      running.delete(index);
      const precedingId = iteration.lastEventId;
      if (step.kind === 'ended') {
        results[index] = step.payload.value;
        succeeded.add(index);
        freeSlots.push(precedingId);
        thread.lastEventId = note(iteration, 'MapIterationSucceeded', stateName, index);
      } else {
        note(iteration, 'MapIterationFailed', stateName, index);
        abortIterations(noteAfter(execution, precedingId));
        thread.lastEventId = precedingId;
        outcome = () => {
          note(thread, 'MapStateFailed');
          return recover(visit, step.failure);
        };
      }
      proceed();
    };

    const startIterations = (): boolean => {
      const batch: Thread[] = [];
      while (freeSlots.length > 0 && started < total) {
        const index = started;
        started += 1;
        if (succeeded.has(index)) continue;
        const iteration: Thread = {
          execution,
          states: state.ItemProcessor.States,
          mapItem: { Index: index, Value: values[index] as Json },
          onEnd: (step) => endIteration(index, iteration, step),
          lastEventId: freeSlots.shift() as number,
          pending: undefined,
          visit: undefined,
          isOver: false,
        };
        running.set(index, iteration);
        progress.iterations[index] = iteration;
        note(iteration, 'MapIterationStarted', stateName, index);
        batch.push(iteration);
      }
      for (const iteration of batch) {
        if (iteration.isOver) continue;
        const index = iteration.mapItem?.Index ?? 0;
        const stay = stopped[index]?.visit;
        if (stay === undefined) begin(iteration, state.ItemProcessor.StartAt, inputs[index] as Payload);
        else goOn(iteration, stay);
      }
      return batch.length > 0;
    };

    /** An iteration may end before `begin` returns, so that this can be called while it is running. */
    const proceed = () => {
      if (isProceeding) return;
      isProceeding = true;
      while (outcome === undefined && startIterations());
      isProceeding = false;
      if (outcome === undefined && succeeded.size === total) outcome = succeed;
      if (outcome !== undefined && hasToWait) resume(visit, outcome);
    };

    thread.pending = {
      abort(noteAbort) {
        abortIterations(noteAbort);
        noteAbort('MapStateAborted');
      },
    };
    proceed();
    hasToWait = true;
    return outcome?.();
  };
}
