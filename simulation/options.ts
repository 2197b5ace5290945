import { parseArgs } from 'node:util';
import { CASE_KINDS } from './generate/generate.ts';
import { PROFILE_NAMES } from './generate/profiles.ts';

/** What is simulated. */
export interface SimulateOptions {
  readonly worlds: number;
  /** World i has this seed plus i. */
  readonly seed: number;
  /** Each world takes the next one. */
  readonly profiles: readonly string[];
  readonly shrink: boolean;
  readonly json: boolean;
  /** A safeguard that is switched off. */
  readonly break: string | undefined;
  /** File with one case, in the place of generated ones. */
  readonly case: string | undefined;
  /** Processes. */
  readonly workers: number;
}

/** Options that cannot be understood, in one sentence. */
export class BadOptions extends Error {}

/** The largest seed that the generator tells from others. */
const MOST_SEED = 2 ** 32 - 1;

const EXPECTED = [
  '--worlds N',
  '--seed S',
  '--profile NAME',
  '--shrink',
  '--json',
  '--break NAME',
  '--case FILE',
  '--workers N',
].join(', ');

function wholeNumber(name: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= least && value <= most) return value;
  throw new BadOptions(`--${name} is a whole number from ${least} to ${most}, not ${JSON.stringify(text)}.`);
}

const oneOf = (name: string, value: string, known: readonly string[]): string => {
  if (known.includes(value)) return value;
  throw new BadOptions(`There is no ${name} ${JSON.stringify(value)}; there are ${known.join(', ')}.`);
};

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        worlds: { type: 'string' },
        seed: { type: 'string', default: '1' },
        profile: { type: 'string' },
        shrink: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        break: { type: 'string' },
        case: { type: 'string' },
        workers: { type: 'string' },
      },
    }).values;
  } catch (thrown) {
    const [sentence] = (thrown as Error).message.split('. ');
    throw new BadOptions(`${sentence}; expected ${EXPECTED}.`);
  }
}

/**
 * Read the options of `npm run simulate`.
 *
 * @param cores how many there are: as many worlds are simulated at a time, unless it is said otherwise
 * @param breaks names of the safeguards that can be switched off
 * @throws {BadOptions}
 */
export function readOptions(args: readonly string[], cores: number, breaks: readonly string[]): SimulateOptions {
  const given = parse(args);
  if (given.case !== undefined && (given.worlds ?? given.profile) !== undefined)
    throw new BadOptions('--case is one world of its own: leave --worlds and --profile out.');
  return {
    worlds: wholeNumber('worlds', given.worlds ?? (given.case === undefined ? '50' : '1'), 1, 1_000_000),
    seed: wholeNumber('seed', given.seed, 0, MOST_SEED),
    profiles: given.profile === undefined ? PROFILE_NAMES : [oneOf('profile', given.profile, CASE_KINDS)],
    shrink: given.shrink,
    json: given.json,
    break: given.break === undefined ? undefined : oneOf('break', given.break, breaks),
    case: given.case,
    workers: wholeNumber('workers', given.workers ?? String(cores), 1, 64),
  };
}
