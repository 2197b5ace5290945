import { createRandom } from 'eks-sandbox/clock';

/** Seeded choices. */
export interface Choices {
  /** True with this probability. */
  chance(probability: number): boolean;
  /** A whole number, both ends included. */
  between(least: number, most: number): number;
  one<T>(of: readonly T[]): T;
  /** Choices of their own, so that what is added to one part of a case does not change the others. */
  of(part: string): Choices;
}

/** Make choices from a seed. */
export function createChoices(seed: number): Choices {
  const wrap = (random: ReturnType<typeof createRandom>): Choices => ({
    chance: (probability) => random.next() < probability,
    between: (least, most) => least + random.integer(most - least + 1),
    one: (of) => of[random.integer(of.length)] as (typeof of)[number],
    of: (part) => wrap(random.fork(part)),
  });
  return wrap(createRandom(seed));
}
