import type { Timer } from './clock.ts';

interface QueuedTimer {
  readonly at: number;
  readonly order: number;
  readonly callback: () => void;
  isCancelled: boolean;
}

/** Timers by instant, then by the order in which they were added: a binary heap. */
export interface TimerQueue {
  add(at: number, callback: () => void): Timer;
  /** Instant of the next live timer, milliseconds since the epoch. */
  nextAt(): number | undefined;
  /** Remove and return the next live timer due at or before `limit`. */
  takeDue(limit: number): { at: number; callback: () => void } | undefined;
}

const isBefore = (left: QueuedTimer, right: QueuedTimer) =>
  left.at < right.at || (left.at === right.at && left.order < right.order);

/** Create an empty timer queue. */
export function createTimerQueue(): TimerQueue {
  const heap: QueuedTimer[] = [];
  let added = 0;

  const siftUp = (start: number) => {
    let index = start;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!isBefore(heap[index] as QueuedTimer, heap[parent] as QueuedTimer)) return;
      [heap[index], heap[parent]] = [heap[parent] as QueuedTimer, heap[index] as QueuedTimer];
      index = parent;
    }
  };

  const siftDown = () => {
    let index = 0;
    for (;;) {
      let smallest = index;
      for (const child of [2 * index + 1, 2 * index + 2]) {
        if (child < heap.length && isBefore(heap[child] as QueuedTimer, heap[smallest] as QueuedTimer))
          smallest = child;
      }
      if (smallest === index) return;
      [heap[index], heap[smallest]] = [heap[smallest] as QueuedTimer, heap[index] as QueuedTimer];
      index = smallest;
    }
  };

  const takeFirst = () => {
    const first = heap[0];
    const last = heap.pop();
    if (heap.length > 0 && last !== undefined) {
      heap[0] = last;
      siftDown();
    }
    return first;
  };

  const dropCancelled = () => {
    while (heap[0]?.isCancelled) takeFirst();
  };

  return {
    add(at, callback) {
      const timer: QueuedTimer = { at, order: added, callback, isCancelled: false };
      added += 1;
      heap.push(timer);
      siftUp(heap.length - 1);
      return {
        cancel: () => {
          timer.isCancelled = true;
        },
      };
    },
    nextAt() {
      dropCancelled();
      return heap[0]?.at;
    },
    takeDue(limit) {
      dropCancelled();
      const first = heap[0];
      return first === undefined || first.at > limit ? undefined : takeFirst();
    },
  };
}
