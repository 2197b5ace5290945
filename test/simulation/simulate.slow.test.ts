import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import { generateCase } from '../../simulation/generate/generate.ts';

const simulate = (...args: string[]) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['scripts/simulate.ts', '--workers', '1', ...args], {
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
};

describe('npm run simulate', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'simulate-'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));
  const fileWith = (name: string, text: string) => {
    const file = join(folder, name);
    writeFileSync(file, text);
    return file;
  };

  it('simulates as many worlds as are asked for, and ends with 0 when nothing breaks', () => {
    const { status, stdout, stderr } = simulate('--worlds', '2', '--seed', '11', '--profile', 'calm', '--json');
    const { summary, failed } = JSON.parse(stdout);
    assert.deepEqual([status, summary.worlds, failed, summary.runs], [0, 2, [], { SUCCEEDED: 4 }], stderr);
    assert.ok(Object.keys(summary.broken).length > 10, 'the closing table names every invariant');
  });

  it('runs one case of a file, and tells its story', () => {
    const file = fileWith('case.json', JSON.stringify(generateCase(11, 'calm')));
    const { status, stdout } = simulate('--case', file);
    assert.equal(status, 0, stdout);
    assert.match(stdout, /run first of nodegroup starts[\s\S]*execution first ends SUCCEEDED[\s\S]*1 worlds/);
  });

  it('ends with 1 when a promise breaks, and names seed and command', () => {
    // A group that is not there cannot be upgraded, so that the last promise breaks.
    const given = generateCase(11, 'calm');
    const runs = [{ ...given.runs[0], input: { clusterName: 'shop', autoScalingGroupName: 'none' } }];
    const file = fileWith('broken.json', JSON.stringify({ ...given, runs }));
    const { status, stdout, stderr } = simulate('--case', file);
    assert.equal(status, 1, stdout);
    assert.match(stderr, /^seed 11, profile calm: npm run simulate -- --case \S+\n {2}upgrades again, after \d+ s: /);
    assert.match(stdout, /BROKEN upgrades again/);
  });

  const BAD: readonly (readonly [what: string, args: () => string[], sentence: RegExp])[] = [
    ['no number', () => ['--worlds', 'many'], /^--worlds is a whole number from 1 to 1000000, not "many"\.\n$/],
    ['a file that is not there', () => ['--case', 'none.json'], /^none\.json has no case: ENOENT/],
    ['a file without JSON', () => ['--case', fileWith('text', 'no')], /has no case: Unexpected token/],
    ['a file with something else', () => ['--case', fileWith('other.json', '{"seed": "x"}')], /has no case: /],
  ];
  for (const [what, args, sentence] of BAD)
    it(`refuses ${what}, with 2`, () => {
      const { status, stdout, stderr } = simulate(...args());
      assert.deepEqual([status, stdout], [2, '']);
      assert.match(stderr, sentence);
    });
});
