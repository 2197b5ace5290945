import assert from 'node:assert/strict';
import { sourceFiles } from '../support/source-files.ts';

/*
 * The edge cases are the numbers F1 to F100 of the reference of what AWS and Kubernetes do, by which this workflow was designed.
 * Each has one test, whose title says the right behaviour; there is none that cannot be tested.
 */

const tested = sourceFiles(['test/edge-cases'], /\.test\.ts$/).flatMap(({ text }) =>
  [...text.matchAll(/^\s+\[?['"`]F(\d+) /gm)].map(([, number]) => Number(number)),
);

it('the edge cases F1 to F100 have one test each', () => {
  const inOrder = tested.sort((left, right) => left - right);
  assert.deepEqual(
    inOrder,
    Array.from({ length: 100 }, (_, index) => index + 1),
  );
});
