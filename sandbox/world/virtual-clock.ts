import { AsyncLocalStorage } from 'node:async_hooks';
import type { SandboxClock, Timer } from './clock.ts';
import { createTimerQueue } from './timer-queue.ts';

/** A clock for tests: it jumps from event to event, and never while anything is in flight. */
export interface VirtualClock extends SandboxClock {
  /**
   * Let simulated time pass until a condition holds, checked between events.
   *
   * @param limitSeconds give up after this much simulated time
   * @throws Error when the limit is reached or nothing is left to happen
   */
  runUntil(condition: () => boolean, limitSeconds?: number): Promise<void>;
  /** Let this many seconds of simulated time pass. */
  advance(seconds: number): Promise<void>;
}

/** What one call of `run` is doing. */
interface Work {
  /** Places in which it waits at this moment. */
  waits: number;
  isOver: boolean;
}

/** Whether time may move as far as this work goes: what it started and left behind concerns nobody. */
const isIdle = ({ waits, isOver }: Work): boolean => isOver || waits > 0;

/** How long work may neither end nor wait on the clock, in real seconds: longer than a busy host takes to read a file. */
const PATIENCE_SECONDS = 60;
const TURNS_BETWEEN_LOOKS = 1000;

const turnOfEventLoop = () => new Promise<void>((resolve) => setImmediate(resolve));

/**
 * Create a virtual clock that starts at an instant (milliseconds since the epoch).
 *
 * @param patienceSeconds of real time, after which work that waits for something that cannot come is an error
 */
export function createVirtualClock(startsAt: number, patienceSeconds = PATIENCE_SECONDS): VirtualClock {
  const queue = createTimerQueue();
  /** The work a wait belongs to: one that waits in several places at once is idle all the same. */
  const currentWork = new AsyncLocalStorage<Work>();
  let now = startsAt;
  let inFlight = 0;
  /** Work that waits for something other than its own timer: any event may be the one that wakes it. */
  let awaitingEvents = 0;
  let isDisturbed = false;

  const after = (seconds: number, callback: () => void): Timer =>
    queue.add(now + Math.max(0, seconds) * 1000, callback);

  /** Change what a piece of work does, and count it as in flight or not. */
  const update = (work: Work, change: Partial<Work>) => {
    const wasIdle = isIdle(work);
    Object.assign(work, change);
    inFlight += Number(wasIdle) - Number(isIdle(work));
  };

  const leaveFlight = async <T>(pending: Promise<T>): Promise<T> => {
    const work = currentWork.getStore();
    if (work === undefined) return pending;
    update(work, { waits: work.waits + 1 });
    try {
      return await pending;
    } finally {
      update(work, { waits: work.waits - 1 });
      isDisturbed = true;
    }
  };

  const run = async <T>(doWork: () => Promise<T>): Promise<T> => {
    const work: Work = { waits: 0, isOver: false };
    inFlight += 1;
    isDisturbed = true;
    try {
      return await currentWork.run(work, doWork);
    } finally {
      update(work, { isOver: true });
      isDisturbed = true;
    }
  };

  const checkPatience = (quietSince: number) => {
    if (performance.now() - quietSince < patienceSeconds * 1000) return;
    throw new Error(
      `at ${new Date(now).toISOString()} something waits neither on the clock nor for a request: simulated time cannot move`,
    );
  };

  /** Wait until every piece of work has ended or waits on the clock; promises run dry within one turn of the event loop. */
  const settle = async () => {
    let quietSince = performance.now();
    for (let turn = 1; inFlight > 0 || isDisturbed || turn === 1; turn += 1) {
      if (isDisturbed) quietSince = performance.now();
      else if (turn % TURNS_BETWEEN_LOOKS === 0) checkPatience(quietSince);
      isDisturbed = false;
      await turnOfEventLoop();
    }
  };

  /** Fire the next timer due by `limit`; false when there is none. */
  const step = async (limit: number): Promise<boolean> => {
    const timer = queue.takeDue(limit);
    if (timer === undefined) return false;
    now = Math.max(now, timer.at);
    timer.callback();
    if (isDisturbed || inFlight > 0 || awaitingEvents > 0) await settle();
    return true;
  };

  return {
    now: () => now,
    after,
    // It ends work that is idle, which nothing else can tell.
    timeout: (seconds, callback) =>
      after(seconds, () => {
        isDisturbed = true;
        callback();
      }),
    run,
    attend: (work) => leaveFlight(run(work)),
    async idleUntil(pending) {
      awaitingEvents += 1;
      try {
        return await leaveFlight(pending);
      } finally {
        awaitingEvents -= 1;
      }
    },
    hang: () => leaveFlight(new Promise<never>(() => {})),
    sleep: (seconds) =>
      leaveFlight(
        new Promise<void>((resolve) => {
          after(seconds, () => {
            isDisturbed = true;
            resolve();
          });
        }),
      ),
    async runUntil(condition, limitSeconds = 86_400) {
      const limit = now + limitSeconds * 1000;
      await settle();
      while (!condition()) {
        if (!(await step(limit))) {
          await settle();
          if (condition()) return;
          if (queue.nextAt() !== undefined && (queue.nextAt() as number) <= limit) continue;
          throw new Error(
            `the awaited condition did not hold within ${limitSeconds} simulated seconds (now ${new Date(now).toISOString()})`,
          );
        }
      }
    },
    async advance(seconds) {
      const until = now + seconds * 1000;
      await settle();
      while (await step(until));
      now = until;
    },
  };
}
