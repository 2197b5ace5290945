/** A pending call; `cancel` is safe at any time, also after it fired. */
export interface Timer {
  cancel(): void;
}

/**
 * The one source of time for everything simulated.
 *
 * Two implementations: `virtual-clock.ts` (moves only when nothing is in flight) and `paced-clock.ts`
 * (runs N times faster than the wall clock). Callbacks due at the same instant run in the order they were scheduled.
 */
export interface SandboxClock {
  /** Current simulated instant, milliseconds since the epoch. */
  now(): number;
  /** Call back once, `seconds` of simulated time from now (0 = as soon as possible, never synchronously). */
  after(seconds: number, callback: () => void): Timer;
  /**
   * Call back once, when work that computes has had its `seconds`.
   *
   * As `after`, but a clock that runs faster than the host allows the host some real time as well: else a function that
   * takes a second to start would time out at 60 times real time.
   */
  timeout(seconds: number, callback: () => void): Timer;
  /**
   * Run work that must finish, or wait on this clock, before simulated time may move: a Lambda invocation, say.
   * Inside it, the only permitted ways to wait are `sleep`, `idleUntil` and `attend`. Work that waits in several places
   * at once counts as idle; what it leaves behind when it ends, a timer or an open watch, delays nothing.
   */
  run<T>(work: () => Promise<T>): Promise<T>;
  /**
   * Do a part of the work of `run` before simulated time may move, whatever else that work waits for meanwhile: a request
   * sent while a watch is held, say. The part may itself wait on this clock.
   */
  attend<T>(work: () => Promise<T>): Promise<T>;
  /** Wait inside `run` for some seconds of simulated time. */
  sleep(seconds: number): Promise<void>;
  /**
   * Wait inside `run` for something that only a later simulated event can bring about (the end of a watch, say).
   * While it is pending the work counts as idle, so time may move.
   */
  idleUntil<T>(pending: Promise<T>): Promise<T>;
  /** Wait inside `run` for ever, as what has died does: time may move, and no event ends the wait. */
  hang(): Promise<never>;
}

/** ISO-8601 UTC text of a simulated instant, with seconds precision as Kubernetes and EKS print it. */
export const isoSeconds = (epochMilliseconds: number): string =>
  `${new Date(epochMilliseconds).toISOString().slice(0, 19)}Z`;
