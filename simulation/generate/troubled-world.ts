import type { Choices } from './choices.ts';
import type { Range } from './profiles.ts';
import type { Group } from './scenario.ts';

/** What those who make trouble know of the world. */
export interface TroubledWorld {
  readonly groups: readonly Group[];
  /** From then on it is healthy. */
  readonly healthyAfterSeconds: number;
}

/** Some of many, as they were made. */
export const some = <T>(choices: Choices, [least, most]: Range, make: (choices: Choices) => T): T[] =>
  Array.from({ length: choices.between(least, most) }, (_, index) => make(choices.of(`${index}`)));

/** A whole number from 0 on, more likely a small one: most runs end long before a world is healthy. */
const early = (choices: Choices, most: number): number => choices.between(0, choices.between(1, Math.max(1, most)));

/** A time of some length that ends before the world is healthy. */
export function spell(choices: Choices, { healthyAfterSeconds }: TroubledWorld, mostSeconds = 300) {
  const fromSeconds = choices.chance(0.3) ? 0 : early(choices, healthyAfterSeconds - 120);
  const untilSeconds = Math.min(healthyAfterSeconds, fromSeconds + choices.between(20, mostSeconds));
  return { fromSeconds, untilSeconds };
}

/** An instant while runs are likely under way. */
export const instant = (choices: Choices, { healthyAfterSeconds }: TroubledWorld): number =>
  5 + early(choices, healthyAfterSeconds - 60);
