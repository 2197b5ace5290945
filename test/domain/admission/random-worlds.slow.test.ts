import assert from 'node:assert/strict';
import { upgradeRandomWorld, type Weather } from './random-worlds.ts';

const weathers: [title: string, worlds: number, weather: Weather][] = [
  ['where nothing happens', 600, { events: 0, deaths: 0, mostNodes: 30, mostParallel: 8, unlike: 1 }],
  ['where some drains take long', 600, { events: 0, deaths: 0, mostNodes: 30, mostParallel: 8, unlike: 7 }],
  ['where steps die', 600, { events: 0, deaths: 0.3, mostNodes: 20, mostParallel: 5, unlike: 2 }],
  ['where much happens', 1_200, { events: 5, deaths: 0.15, mostNodes: 12, mostParallel: 4, unlike: 3 }],
];

describe('admission and accounts over many random worlds', () => {
  for (const [title, worlds, weather] of weathers) {
    it(`keep every promise ${title}`, () => {
      for (let seed = 10_000; seed < 10_000 + worlds; seed += 1) {
        const { admission, story } = upgradeRandomWorld(seed, weather);
        const isCalm = story.length === 0;
        assert.ok(admission.kind === 'done' || !isCalm, `seed ${seed}: ${JSON.stringify(admission)}`);
      }
    });
  }
});
