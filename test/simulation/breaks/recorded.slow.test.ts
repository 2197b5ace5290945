import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'mocha';
import { BREAK_NAMES, BREAKS, type BreakName } from '../../../simulation/breaks/breaks.ts';
import { type CaseKind, generateCase } from '../../../simulation/generate/generate.ts';
import { createPool } from '../../../simulation/pool.ts';

/** The seed with which a break was found: `npm run simulate -- --break NAME --profile PROFILE --seed SEED`. */
interface Recorded {
  readonly profile: CaseKind;
  readonly seed: number;
  /** What broke. */
  readonly invariant: string;
}

const FILE = join(import.meta.dirname, '../../../simulation/breaks/recorded.json');
const RECORDED = JSON.parse(readFileSync(FILE, 'utf8')) as Readonly<Record<BreakName, Recorded>>;

describe('a promise breaks, and the checks see it', () => {
  const sound = createPool(1);
  after(() => sound.close());

  for (const name of BREAK_NAMES) {
    it(`without ${name}: ${BREAKS[name].without}`, async () => {
      const { profile, seed, invariant } = RECORDED[name];
      const given = generateCase(seed, profile);
      const broken = createPool(1, name);
      try {
        const [outcome, usual] = await Promise.all([broken.run(given), sound.run(given)]);
        const names = outcome.broken.map((each) => each.invariant);
        assert.ok(names.includes(invariant), `seed ${seed} of ${profile}: ${names.join(', ') || 'nothing broke'}`);
        assert.ok(!usual.broken.some((each) => each.invariant === invariant), 'it breaks with the safeguard as well');
      } finally {
        broken.close();
      }
    });
  }
});
