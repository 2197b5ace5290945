import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { PROFILE_NAMES } from '../../simulation/generate/profiles.ts';
import { BadOptions, readOptions } from '../../simulation/options.ts';

const BREAKS = ['floor', 'undo'];
const read = (...args: string[]) => readOptions(args, 2, BREAKS);

describe('the options of npm run simulate', () => {
  it('are fifty worlds of all profiles on all cores when nothing is said', () => {
    assert.deepEqual(read(), {
      worlds: 50,
      seed: 1,
      profiles: PROFILE_NAMES,
      shrink: false,
      json: false,
      break: undefined,
      case: undefined,
      workers: 2,
    });
  });

  it('are read', () => {
    const args = '--worlds 300 --seed 7 --profile calm --shrink --json --break floor --workers 1'.split(' ');
    assert.deepEqual(read(...args), {
      worlds: 300,
      seed: 7,
      profiles: ['calm'],
      shrink: true,
      json: true,
      break: 'floor',
      case: undefined,
      workers: 1,
    });
  });

  const BAD: readonly [args: string, sentence: RegExp][] = [
    ['--worlds x', /^--worlds is a whole number from 1 to 1000000, not "x"\.$/],
    ['--worlds 0', /^--worlds is a whole number from 1 to/],
    ['--seed=-1', /^--seed is a whole number from 0 to/],
    ['--seed 1.5', /^--seed is a whole number from 0 to/],
    ['--workers 0', /^--workers is a whole number from 1 to 64/],
    ['--profile quiet', /^There is no profile "quiet"; there are .*calm/],
    ['--break everything', /^There is no break "everything"; there are floor, undo\.$/],
    ['--wrold 3', /^Unknown option '--wrold'; expected --worlds N, --seed S/],
    ['--worlds', /argument missing.*; expected --worlds N/],
    ['3', /^Unexpected argument '3'.*; expected --worlds N/],
    ['--case one.json --worlds 3', /^--case is one world of its own: leave --worlds and --profile out\.$/],
  ];
  for (const [args, sentence] of BAD)
    it(`are refused in one sentence: ${args}`, () => {
      assert.throws(
        () => read(...args.split(' ')),
        (thrown) => thrown instanceof BadOptions && sentence.test(thrown.message) && !thrown.message.includes('\n'),
      );
    });
});
