import { mkdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { SimulationCase } from './case.ts';
import type { Result } from './summary.ts';

const FOLDER = join(import.meta.dirname, '../out/simulation');

/** How a world was asked for: by its seed or in a file, and with which safeguard off. */
export interface Asked {
  readonly case: string | undefined;
  readonly break: string | undefined;
}

const command = (which: string, { break: safeguard }: Asked) =>
  `npm run simulate -- ${which}${safeguard === undefined ? '' : ` --break ${safeguard}`}`;

/** The command that runs a case again. */
const again = ({ seed, profile }: SimulationCase, asked: Asked): string =>
  command(asked.case === undefined ? `--worlds 1 --seed ${seed} --profile ${profile}` : `--case ${asked.case}`, asked);

/** Say which invariants broke in a world, and how to run it again. */
export function failureText({ given, outcome }: Result, asked: Asked): string {
  const broken = outcome.broken.map(
    ({ invariant, atSeconds, sentence }) => `  ${invariant}, after ${Math.round(atSeconds)} s: ${sentence}`,
  );
  return [`seed ${given.seed}, profile ${given.profile}: ${again(given, asked)}`, ...broken].join('\n');
}

/** Say what is in a world, and what happens to it. */
function worldText({ scenario, runs, strikes, interventions, lambdaClockBehindSeconds }: SimulationCase): string[] {
  const lines = scenario.clusters.flatMap(({ groups, workloads = [] }) => [
    ...groups.map(
      ({ name, zones, desiredCapacity }) => `group ${name}: ${desiredCapacity} nodes in ${zones.length} zones`,
    ),
    ...workloads.map(({ kind, name, replicas = 1 }) => `${kind} ${name}: ${replicas} pods`),
  ]);
  const listed = (title: string, list: readonly object[]) => list.map((each) => `${title}: ${JSON.stringify(each)}`);
  return [
    ...lines,
    ...listed('run', runs),
    ...listed('fault', scenario.faults ?? []),
    ...listed('somebody else', scenario.actors ?? []),
    ...listed('strike', strikes),
    ...listed('operator', interventions),
    ...(lambdaClockBehindSeconds === 0 ? [] : [`clocks of functions are ${lambdaClockBehindSeconds} s behind`]),
  ];
}

/** Tell a world from its beginning to its end. */
export const storyText = ({ given, outcome }: Result): string =>
  [...worldText(given).map((line) => `  ${line}`), ...outcome.story].join('\n');

/**
 * Keep a shrunk case, and tell its story.
 *
 * @returns also the command that runs it again
 */
export function shrunkText(result: Result, invariant: string, asked: Asked): string {
  const { seed, profile } = result.given;
  mkdirSync(FOLDER, { recursive: true });
  const file = join(FOLDER, `${profile}-${seed}-${invariant.replace(/\W+/g, '-')}.json`);
  writeFileSync(file, `${JSON.stringify(result.given, undefined, 2)}\n`);
  const ofFile = command(`--case ${relative(process.cwd(), file)}`, asked);
  return `The smallest world found in which "${invariant}" breaks as in seed ${seed}: ${ofFile}\n${storyText(result)}`;
}
