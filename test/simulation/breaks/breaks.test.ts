import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import { BREAK_NAMES, BREAKS, type Break } from '../../../simulation/breaks/breaks.ts';
import { applyBreak } from '../../../simulation/breaks/switch-off.ts';

const ROOT = join(import.meta.dirname, '../../..');

describe('a safeguard that is switched off', () => {
  for (const name of BREAK_NAMES) {
    it(`is still where its break expects it: ${name}`, () => {
      const broken: Break = BREAKS[name];
      for (const { file } of broken.replacements) {
        const source = readFileSync(join(ROOT, file), 'utf8');
        assert.notEqual(applyBreak(broken, file, source), source);
      }
    });
  }

  it('is not looked for in vain', () => {
    const broken = { without: '', replacements: [{ file: 'a.ts', find: 'safe', replace: '' }] };
    assert.throws(() => applyBreak(broken, 'a.ts', 'nothing'), /is there 0 times/);
    assert.throws(() => applyBreak(broken, 'a.ts', 'safe and safe'), /is there 2 times/);
    assert.equal(applyBreak(broken, 'b.ts', 'nothing'), 'nothing');
  });
});
