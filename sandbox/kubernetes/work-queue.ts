import type { SandboxClock, Timer } from '../world/clock.ts';

/** Keys that wait to be reconciled; a key waits once, however often it is added. */
export interface WorkQueue {
  add(key: string): void;
  addAfter(seconds: number, key: string): Timer;
  /** Reconcile everything that waits, at once; false when nothing did. */
  drain(): boolean;
}

/**
 * Create the queue of a level-triggered loop: whatever was added is reconciled once, at the same simulated instant,
 * but never inside the change that caused it.
 *
 * @param reconcile compares what is with what ought to be, for one key; it must be idempotent
 */
export function createWorkQueue(clock: SandboxClock, reconcile: (key: string) => void): WorkQueue {
  let waiting = new Set<string>();

  const drain = () => {
    if (waiting.size === 0) return false;
    const keys = waiting;
    waiting = new Set();
    for (const key of keys) reconcile(key);
    return true;
  };

  const add = (key: string) => {
    if (waiting.size === 0) clock.after(0, drain);
    waiting.add(key);
  };

  return { add, addAfter: (seconds, key) => clock.after(seconds, () => add(key)), drain };
}
