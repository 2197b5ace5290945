import assert from 'node:assert/strict';
import { type Ended, upgradeRandomWorld } from './random-worlds.ts';

const seeds = (from: number, count: number) => Array.from({ length: count }, (_, index) => from + index);

describe('admission and accounts over random small worlds', () => {
  it('upgrade every node where nothing happens', () => {
    for (const seed of seeds(1, 60)) {
      const { admission, story } = upgradeRandomWorld(seed, { events: 0, deaths: 0, mostNodes: 9 });
      assert.equal(admission.kind, 'done', `seed ${seed}: ${JSON.stringify(admission)} ${story}`);
    }
  });

  it('upgrade every node although steps die between record and effect', () => {
    for (const seed of seeds(1_000, 60)) {
      const { admission } = upgradeRandomWorld(seed, { events: 0, deaths: 0.3, mostNodes: 9 });
      assert.equal(admission.kind, 'done', `seed ${seed}: ${JSON.stringify(admission)}`);
    }
  });

  it('end, and keep every promise, whatever others do meanwhile', () => {
    const ends: Ended[] = [];
    for (const seed of seeds(2_000, 200)) ends.push(upgradeRandomWorld(seed, { events: 3, deaths: 0.1, mostNodes: 9 }));
    const stopped = ends.filter(({ admission }) => admission.kind === 'stop');
    for (const { admission, story } of stopped) {
      assert.ok(
        /stuck|aborted|dies/.test(story.join()),
        `${JSON.stringify(admission)} although nothing was blocked: ${story.join('; ')}`,
      );
    }
  });
});
