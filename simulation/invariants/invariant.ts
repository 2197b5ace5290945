import type { SimulatedWorld } from '../world.ts';

/** Say that an invariant broke now, in one sentence. */
export type Broken = (sentence: string) => void;

/** What must hold in every world. */
export interface Invariant {
  /** A few words in lower case, e.g. `budgets hold`. */
  readonly name: string;
  /** One sentence, for docs/guarantees.md. */
  readonly promise: string;
  /**
   * Watch a world from its first instant on.
   *
   * @returns what is left to check once everything has ended, if anything
   */
  begin(world: SimulatedWorld, broken: Broken): (() => void) | undefined;
}
