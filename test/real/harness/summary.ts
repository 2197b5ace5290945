/** One test of the real suite. */
export interface TestResult {
  /** Of the suites around it, from the outside in, and its own. */
  readonly titles: readonly string[];
  readonly hasPassed: boolean;
}

export interface Tally {
  readonly passed: number;
  readonly failed: number;
}

/** Seconds that each part of the run took, by what a person calls it, in order. */
export type Durations = readonly (readonly [part: string, seconds: number])[];

/**
 * Count the behaviours that were checked on two implementations: tests that have everything but their outermost suite,
 * which says the implementation, in common, and passed in each.
 */
export function countOnBothSides(results: readonly TestResult[]): number {
  const sides = new Map<string, boolean[]>();
  for (const { titles, hasPassed } of results) {
    if (titles.length < 3) continue;
    const behaviour = JSON.stringify(titles.slice(1));
    sides.set(behaviour, [...(sides.get(behaviour) ?? []), hasPassed]);
  }
  return [...sides.values()].filter((outcomes) => outcomes.length > 1 && outcomes.every(Boolean)).length;
}

/** Count the differences that docs/sandbox-fidelity.md admits to: each has a heading of the third level. */
export const countDifferences = (fidelity: string): number => fidelity.match(/^### /gm)?.length ?? 0;

/** Read a closing line, `N passed, N failed`, the last one of a text. */
export function closingTally(text: string): Tally | undefined {
  const [, passed, failed] = [...text.matchAll(/^(\d+) passed, (\d+) failed$/gm)].at(-1) ?? [];
  return passed === undefined || failed === undefined ? undefined : { passed: Number(passed), failed: Number(failed) };
}

const minutes = (seconds: number): string => (seconds / 60).toFixed(1);

/** The table at the end of a run. */
export function summaryTable(figures: {
  readonly onBothSides: number;
  readonly differences: number;
  readonly durations: Durations;
}): string {
  const total = figures.durations.reduce((sum, [, seconds]) => sum + seconds, 0);
  const parts = figures.durations.map(([part, seconds]) => `${part} ${minutes(seconds)}`).join(', ');
  const rows = [
    ['behaviours checked on both sides', String(figures.onBothSides)],
    ['differences left (docs/sandbox-fidelity.md)', String(figures.differences)],
    ['minutes used', `${minutes(total)} (${parts})`],
  ] as const;
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`).join('\n');
}
