import assert from 'node:assert/strict';
import { BENCH_WORLDS, lowerBound } from '../../../cli/embedded/bench-worlds.ts';

describe('the bound below which nobody can replace the nodes of a world', () => {
  const rows: [world: string, nodes: number, parallelism: number, seconds: number][] = [
    // A boot, and five rounds of 30 s for the pods and 60 s after the cordon.
    ['plain', 30, 6, 60 + 5 * 90],
    ['plain', 31, 6, 60 + 6 * 90],
    // 12 nodes of 660 s and 108 of 90 s, ten at a time.
    ['longgrace', 120, 10, 60 + (12 * 660 + 108 * 90) / 10],
    // All at once: the slowest node.
    ['longgrace', 120, 120, 60 + 660],
    ['slowboot', 60, 6, 420 + 10 * 90],
    // One pod after the other starts for 20 s; the last node takes its own 90 s.
    ['budget1', 60, 6, 60 + 59 * 20 + 90],
  ];
  for (const [world, nodes, parallelism, seconds] of rows) {
    it(`of ${world}, ${nodes} nodes, ${parallelism} at a time, is ${seconds} s`, () =>
      assert.equal(lowerBound(BENCH_WORLDS[world] as (typeof BENCH_WORLDS)[string], nodes, parallelism), seconds));
  }
});
