import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { generateCase } from '../../simulation/generate/generate.ts';
import { PROFILE_NAMES, type ProfileName } from '../../simulation/generate/profiles.ts';
import { runCase } from '../../simulation/run-case.ts';

/** The same worlds as `npm run simulate -- --worlds 50` has. */
const WORLDS = 50;

describe('random worlds', () => {
  it(`keep every promise: seeds 1 to ${WORLDS}`, async () => {
    const broken: string[] = [];
    for (let seed = 1; seed <= WORLDS; seed += 1) {
      const profile = PROFILE_NAMES[seed % PROFILE_NAMES.length] as ProfileName;
      const outcome = await runCase(generateCase(seed, profile));
      for (const { invariant, sentence } of outcome.broken)
        broken.push(`npm run simulate -- --worlds 1 --profile ${profile} --seed ${seed}: ${invariant}: ${sentence}`);
    }
    assert.deepEqual(broken, [], broken.join('\n'));
  });

  for (const profile of ['chaos', 'eks', 'cluster'] as const)
    it(`take the same course again, byte for byte: ${profile}`, async () => {
      const given = generateCase(3, profile);
      const first = await runCase(given);
      const second = await runCase(JSON.parse(JSON.stringify(given)));
      assert.deepEqual(second, first);
      assert.ok(first.story.length > 20, first.story.join('\n'));
    });
});
