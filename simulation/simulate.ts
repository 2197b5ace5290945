import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import * as z from 'zod';
import { BREAK_NAMES } from './breaks/breaks.ts';
import { caseSchema, type SimulationCase } from './case.ts';
import { generateCase } from './generate/generate.ts';
import type { ProfileName } from './generate/profiles.ts';
import { INVARIANTS } from './invariants/invariants.ts';
import { BadOptions, readOptions, type SimulateOptions } from './options.ts';
import { createPool } from './pool.ts';
import { ENDS } from './run-case.ts';
import { type Result, summarise, summaryText } from './summary.ts';

const BAD_OPTIONS = 2;

/** Read a case from a file. @throws {BadOptions} when there is none in it */
function readCase(file: string): SimulationCase {
  try {
    return caseSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (thrown) {
    const problem = thrown instanceof z.ZodError ? z.prettifyError(thrown) : (thrown as Error).message;
    throw new BadOptions(`${file} has no case: ${problem}`);
  }
}

/** The cases that are asked for. */
function casesOf({ worlds, seed, profiles, case: file }: SimulateOptions): SimulationCase[] {
  if (file !== undefined) return [readCase(file)];
  return Array.from({ length: worlds }, (_, index) => {
    const each = seed + index;
    return generateCase(each, profiles[each % profiles.length] as ProfileName);
  });
}

/** The command that runs one case again. */
const replayCommand = ({ seed, profile }: SimulationCase) =>
  `npm run simulate -- --worlds 1 --seed ${seed} --profile ${profile}`;

function failureText({ given, outcome }: Result): string {
  const broken = outcome.broken.map(
    ({ invariant, atSeconds, sentence }) => `  ${invariant}, after ${Math.round(atSeconds)} s: ${sentence}`,
  );
  return [`seed ${given.seed}, profile ${given.profile}: ${replayCommand(given)}`, ...broken].join('\n');
}

/** Simulate what is asked for, and say what was found. @returns whether nothing broke */
async function simulate(options: SimulateOptions): Promise<boolean> {
  const cases = casesOf(options);
  const pool = createPool(Math.min(options.workers, cases.length), options.break);
  try {
    const results = await Promise.all(
      cases.map(async (given) => {
        const result = { given, outcome: await pool.run(given) };
        if (result.outcome.broken.length > 0) process.stderr.write(`${failureText(result)}\n`);
        return result;
      }),
    );
    const summary = summarise(results, [...INVARIANTS.map(({ name }) => name), ENDS.name]);
    const failed = results.filter(({ outcome }) => outcome.broken.length > 0);
    if (options.json) process.stdout.write(`${JSON.stringify({ summary, failed }, undefined, 2)}\n`);
    else process.stdout.write(`${summaryText(summary)}\n`);
    return failed.length === 0;
  } finally {
    pool.close();
  }
}

/** Simulate random worlds, and say which invariants broke. */
export async function main(): Promise<void> {
  try {
    const isSound = await simulate(readOptions(process.argv.slice(2), availableParallelism(), BREAK_NAMES));
    process.exitCode = isSound ? 0 : 1;
  } catch (thrown) {
    if (!(thrown instanceof BadOptions)) throw thrown;
    process.stderr.write(`${thrown.message}\n`);
    process.exitCode = BAD_OPTIONS;
  }
}
