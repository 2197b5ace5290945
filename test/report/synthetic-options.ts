import type { Upgrade } from '../../domain/state.ts';

/** What a made-up run is to be like. */
export interface SyntheticOptions {
  readonly nodes: number;
  readonly parallelism: number;
  /** Indexes of nodes whose drain a budget blocks until the timeout, at every attempt. */
  readonly blockedNodes?: readonly number[];
  /** Indexes of nodes whose drain a budget blocks for some minutes. */
  readonly slowNodes?: readonly number[];
  /** Indexes of nodes that leave by themselves. */
  readonly goneNodes?: readonly number[];
  /** Indexes of nodes whose first execution dies while it terminates the instance. */
  readonly dyingNodes?: readonly number[];
  /** Indexes of nodes that an earlier run has begun to drain. */
  readonly adoptedNodes?: readonly number[];
  /** Surplus nodes that are removed after all others. */
  readonly surplusNodes?: number;
  /** Length of a step of the conductor. */
  readonly stepSeconds?: number;
  /** After so many steps of the conductor the next execution continues. */
  readonly continuesAfterSteps?: number;
  /** Why no further node is taken, as each step says. */
  readonly waits?: Pick<Upgrade, 'waitsFor' | 'isPaused'>;
  /** What an observer saw that many seconds after the start. */
  readonly observedAfterSeconds?: number;
  /** Text used as the name of a pod, to try escaping. */
  readonly hostileName?: string;
  readonly isDryRun?: boolean;
}
