import type { SimulationCase } from './case.ts';
import type { Outcome } from './outcome.ts';

/** A case, and what became of it. */
export interface Result {
  readonly given: SimulationCase;
  readonly outcome: Outcome;
}

/** What many worlds have shown. */
export interface Summary {
  readonly worlds: number;
  readonly simulatedHours: number;
  readonly requests: number;
  readonly events: number;
  /** Runs by how they ended. */
  readonly runs: Readonly<Record<string, number>>;
  /** How often each kind struck. */
  readonly faults: Readonly<Record<string, number>>;
  /** Worlds in which it broke, by invariant. */
  readonly broken: Readonly<Record<string, number>>;
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);

/** Count names, most frequent first. */
function countNames(names: readonly (readonly [name: string, times: number])[]): Record<string, number> {
  const counts = new Map<string, number>();
  for (const [name, times] of names) counts.set(name, (counts.get(name) ?? 0) + times);
  return Object.fromEntries([...counts].sort(([, left], [, right]) => right - left));
}

/** Sum up results. */
export const summarise = (results: readonly Result[], invariants: readonly string[]): Summary => {
  const outcomes = results.map(({ outcome }) => outcome);
  const broken = outcomes.flatMap((outcome) =>
    [...new Set(outcome.broken.map(({ invariant }) => invariant))].map((name) => [name, 1] as const),
  );
  return {
    worlds: results.length,
    simulatedHours: Math.round(sum(outcomes.map(({ counts }) => counts.seconds)) / 360) / 10,
    requests: sum(outcomes.map(({ counts }) => counts.requests)),
    events: sum(outcomes.map(({ counts }) => counts.events)),
    runs: countNames(outcomes.flatMap(({ runs }) => runs.map(({ status, error }) => [error ?? status, 1] as const))),
    faults: countNames(outcomes.flatMap(({ counts }) => Object.entries(counts.faults))),
    broken: countNames([...invariants.map((name) => [name, 0] as const), ...broken]),
  };
};

const rows = (title: string, counts: Readonly<Record<string, number>>): string[] => {
  const entries = Object.entries(counts);
  const width = Math.max(0, ...entries.map(([name]) => name.length));
  return [title, ...entries.map(([name, count]) => `  ${name.padEnd(width)}  ${String(count).padStart(6)}`)];
};

/** The closing table. */
export const summaryText = (summary: Summary): string =>
  [
    `${summary.worlds} worlds, ${summary.simulatedHours} simulated hours, ${summary.requests} requests, ${summary.events} history events`,
    ...rows('runs by how they ended', summary.runs),
    ...rows('what happened to them', summary.faults),
    ...rows('invariants, and in how many worlds they broke', summary.broken),
  ].join('\n');
