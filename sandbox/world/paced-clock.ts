import type { SandboxClock } from './clock.ts';
import { createTimerQueue } from './timer-queue.ts';

/** A clock that runs `speed` times as fast as the wall clock. */
export interface PacedClock extends SandboxClock {
  /** Fire no more timers; pending ones are dropped. */
  stop(): void;
}

/** Longest wait handed to the host's timer, milliseconds: it holds 31 bits. */
const LONGEST_WAIT_MS = 0x7fff_ffff;

/** What a computation is granted before it counts as hung, in real seconds: a busy machine starts slowly. */
const LEAST_TIMEOUT_SECONDS = 20;

/**
 * Create a paced clock.
 *
 * @param startsAt milliseconds since the epoch
 * @param speed    simulated seconds per real second, > 0
 */
export function createPacedClock(startsAt: number, speed: number): PacedClock {
  const queue = createTimerQueue();
  const startedAt = performance.now();
  let hostTimer: NodeJS.Timeout | undefined;
  let isStopped = false;

  const now = () => startsAt + (performance.now() - startedAt) * speed;

  const arm = () => {
    clearTimeout(hostTimer);
    const nextAt = queue.nextAt();
    if (isStopped || nextAt === undefined) return;
    hostTimer = setTimeout(fireDue, Math.min(LONGEST_WAIT_MS, Math.max(0, (nextAt - now()) / speed)));
  };

  const fireDue = () => {
    // A fixed instant, so that callbacks which schedule more work at once cannot starve requests.
    const instant = now();
    for (let timer = queue.takeDue(instant); timer !== undefined; timer = queue.takeDue(instant)) {
      if (isStopped) return;
      timer.callback();
    }
    arm();
  };

  const after = (seconds: number, callback: () => void) => {
    const timer = queue.add(now() + Math.max(0, seconds) * 1000, callback);
    arm();
    return timer;
  };

  return {
    now,
    after,
    timeout: (seconds, callback) => after(Math.max(seconds, LEAST_TIMEOUT_SECONDS * speed), callback),
    run: (work) => work(),
    attend: (work) => work(),
    sleep: (seconds) => new Promise((resolve) => after(seconds, resolve)),
    idleUntil: (pending) => pending,
    hang: () => new Promise<never>(() => {}),
    stop() {
      isStopped = true;
      clearTimeout(hostTimer);
    },
  };
}
