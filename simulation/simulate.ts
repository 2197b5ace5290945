import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import * as z from 'zod';
import { BREAK_NAMES } from './breaks/breaks.ts';
import { caseSchema, type SimulationCase } from './case.ts';
import { failureText, shrunkText, storyText } from './failure-text.ts';
import { type CaseKind, generateCase } from './generate/generate.ts';
import { INVARIANTS } from './invariants/invariants.ts';
import { BadOptions, readOptions, type SimulateOptions } from './options.ts';
import { createPool, type Pool } from './pool.ts';
import { ENDS } from './run-case.ts';
import { shrink } from './shrink/shrink.ts';
import { type Result, summarise, summaryText } from './summary.ts';

const BAD_OPTIONS = 2;
/** Real time for each invariant that broke. */
const SHRINK_SECONDS = 180;

/** Read a case from a file. @throws {BadOptions} when there is none in it */
function readCase(file: string): SimulationCase {
  try {
    return caseSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (thrown) {
    const problem = thrown instanceof z.ZodError ? z.prettifyError(thrown) : (thrown as Error).message;
    throw new BadOptions(`${file} has no case: ${problem}`);
  }
}

/** The cases that are asked for, made one by one. */
function* casesOf({ worlds, seed, profiles, case: file }: SimulateOptions): Generator<SimulationCase> {
  if (file !== undefined) yield readCase(file);
  else
    for (let each = seed; each < seed + worlds; each += 1)
      yield generateCase(each, profiles[each % profiles.length] as CaseKind);
}

const isBroken = ({ outcome }: Result): boolean => outcome.broken.length > 0;

/** Run cases, as many at a time as there are processes. With a safeguard off the first that breaks is enough. */
async function runAll(pool: Pool, options: SimulateOptions): Promise<Result[]> {
  const results: Result[] = [];
  const cases = casesOf(options);
  const isEnough = () => options.break !== undefined && results.some(isBroken);
  const work = async () => {
    for (const given of cases) {
      const outcome = await pool.run(given);
      const result = {
        given,
        outcome: outcome.broken.length > 0 || options.worlds === 1 ? outcome : { ...outcome, story: [] },
      };
      results.push(result);
      if (isBroken(result)) process.stderr.write(`${failureText(result, options)}\n`);
      if (isEnough()) return;
    }
  };
  await Promise.all(Array.from({ length: options.workers }, work));
  return results.sort((left, right) => left.given.seed - right.given.seed);
}

/** Make the first failing case of each invariant as small as can be. */
async function shrinkAll(pool: Pool, failed: readonly Result[], { workers }: SimulateOptions) {
  const firsts = new Map<string, Result>();
  for (const result of failed)
    for (const { invariant } of result.outcome.broken) if (!firsts.has(invariant)) firsts.set(invariant, result);
  const shrunk: { readonly invariant: string; readonly result: Result }[] = [];
  for (const [invariant, { given }] of firsts) {
    const deadline = performance.now() + SHRINK_SECONDS * 1000;
    process.stderr.write(`Shrinking seed ${given.seed} for "${invariant}", for at most ${SHRINK_SECONDS} s …\n`);
    const smallest = await shrink(given, {
      isBroken: async (each) => (await pool.run(each)).broken.some((broken) => broken.invariant === invariant),
      atATime: workers,
      isOver: () => performance.now() > deadline,
    });
    shrunk.push({ invariant, result: { given: smallest, outcome: await pool.run(smallest) } });
  }
  return shrunk;
}

/** Simulate what is asked for, and say what was found. @returns whether nothing broke */
async function simulate(options: SimulateOptions): Promise<boolean> {
  const pool = createPool(options.workers, options.break);
  try {
    const results = await runAll(pool, options);
    const failed = results.filter(isBroken);
    const summary = summarise(results, [...INVARIANTS.map(({ name }) => name), ENDS.name]);
    const shrunk = options.shrink ? await shrinkAll(pool, failed, options) : [];
    const [only] = results;
    if (options.json) process.stdout.write(`${JSON.stringify({ summary, failed, shrunk }, undefined, 2)}\n`);
    else {
      for (const { invariant, result } of shrunk) process.stdout.write(`${shrunkText(result, invariant, options)}\n\n`);
      if (options.worlds === 1 && only !== undefined && !options.shrink) process.stdout.write(`${storyText(only)}\n\n`);
      process.stdout.write(`${summaryText(summary)}\n`);
    }
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
