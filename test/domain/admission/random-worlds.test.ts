import assert from 'node:assert/strict';
import { type Ended, upgradeRandomWorld, type Weather } from './random-worlds.ts';

const CALM: Weather = { events: 0, deaths: 0, mostNodes: 9, mostParallel: 3, unlike: 1 };

const upgradeAll = (from: number, count: number, weather: Weather): (Ended & { seed: number })[] =>
  Array.from({ length: count }, (_, index) => ({ seed: from + index, ...upgradeRandomWorld(from + index, weather) }));

/** Where nobody blocks a drain every upgrade is done. */
function assertDone(ends: readonly (Ended & { seed: number })[]): void {
  for (const { seed, admission, story } of ends) {
    if (/stuck|aborted|dies/.test(story.join())) continue;
    assert.equal(admission.kind, 'done', `seed ${seed}: ${JSON.stringify(admission)}; ${story.join('; ')}`);
  }
}

describe('admission and accounts over random small worlds', () => {
  it('upgrade every node, each once, where nothing happens', () => {
    assertDone(upgradeAll(1, 60, CALM));
  });

  it('upgrade every node although steps die between record and effect', () => {
    assertDone(upgradeAll(1_000, 60, { ...CALM, deaths: 0.3 }));
  });

  it('upgrade every node once, and keep zones even, where some drains take long', () => {
    assertDone(upgradeAll(1, 80, { ...CALM, unlike: 3 }));
    assertDone(upgradeAll(3_000, 60, { ...CALM, mostNodes: 24, mostParallel: 7, unlike: 7 }));
  });

  it('end, and keep every promise, whatever others do meanwhile', () => {
    assertDone(upgradeAll(2_000, 150, { ...CALM, events: 3, deaths: 0.1 }));
  });
});
