/** Make shorter lists of a list: nothing, each half, then all but one element. */
export function* shorter<T>(list: readonly T[], least = 0): Generator<T[]> {
  if (list.length <= least) return;
  if (least === 0) yield [];
  const half = Math.floor(list.length / 2);
  if (half > least && half > 1) {
    yield list.slice(0, half);
    yield list.slice(half);
  }
  if (list.length > 1 || least > 0)
    for (let index = list.length - 1; index >= 0; index -= 1) {
      const without = list.filter((_, each) => each !== index);
      if (without.length > 0 || least === 0) yield without;
    }
}

/** Make lists in which one element is simpler. */
export function* withSimpler<T>(list: readonly T[], simpler: (element: T) => Iterable<T>): Generator<T[]> {
  for (const [index, element] of list.entries())
    for (const each of simpler(element)) yield list.map((old, at) => (at === index ? each : old));
}

/** Make objects without one of their keys. */
export function* withoutKey<T extends object>(object: T, kept: readonly string[]): Generator<T> {
  for (const key of Object.keys(object)) {
    if (kept.includes(key)) continue;
    const { [key as keyof T]: _, ...rest } = object;
    yield rest as T;
  }
}

/** Smaller whole numbers: the least one, half, one less. */
export const smaller = (value: number, least: number): number[] =>
  [...new Set([least, Math.floor(value / 2), value - 1])].filter((each) => each >= least && each < value);
