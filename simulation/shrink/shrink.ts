import type { SimulationCase } from '../case.ts';
import { simplerCases } from './simpler-cases.ts';

/** What shrinking needs. */
export interface ShrinkOptions {
  /** Whether a case still fails in the same way. */
  readonly isBroken: (given: SimulationCase) => Promise<boolean>;
  /** How many cases are tried at a time. */
  readonly atATime: number;
  /** Whether the time for it is over. */
  readonly isOver: () => boolean;
}

/** Some of the next elements. */
function take<T>(iterator: Iterator<T>, most: number): T[] {
  const taken: T[] = [];
  while (taken.length < most) {
    const next = iterator.next();
    if (next.done === true) break;
    taken.push(next.value);
  }
  return taken;
}

/** Find a simpler case that fails in the same way; `undefined` when there is none. */
async function simplify(given: SimulationCase, options: ShrinkOptions): Promise<SimulationCase | undefined> {
  const candidates = simplerCases(given);
  for (;;) {
    const batch = take(candidates, options.atATime);
    if (batch.length === 0 || options.isOver()) return undefined;
    const broken = await Promise.all(batch.map(options.isBroken));
    const first = batch[broken.indexOf(true)];
    if (first !== undefined) return first;
  }
}

/** Make a failing case as small as it can be within the time there is: every part is left out that is not needed to fail. */
export async function shrink(given: SimulationCase, options: ShrinkOptions): Promise<SimulationCase> {
  let smallest = given;
  for (;;) {
    const found = await simplify(smallest, options);
    if (found === undefined) return smallest;
    smallest = found;
  }
}
