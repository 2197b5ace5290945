import assert from 'node:assert/strict';
import { waitBeforeLook } from '../../../domain/eks-update/pace.ts';

const EVENTS_A_LOOK = 9;
const MOST_EVENTS = 25_000;
const LONGEST_RUN_SECONDS = 14 * 86_400;

describe('the pace of the looks at an update', () => {
  it('is quick for the first half day', () => {
    assert.equal(waitBeforeLook(0), 5);
    assert.equal(waitBeforeLook(999), 5);
  });

  it('slows down later', () => {
    assert.equal(waitBeforeLook(1_000), 300);
    assert.equal(waitBeforeLook(1_599), 300);
    assert.equal(waitBeforeLook(1_600), 1_200);
    assert.equal(waitBeforeLook(10_000), 1_200);
  });

  it('keeps the history of the longest run below its limit, even if every look ends at once', () => {
    let seconds = 0;
    let looks = 0;
    for (; seconds < LONGEST_RUN_SECONDS; looks += 1) seconds += waitBeforeLook(looks);
    assert.ok(looks * EVENTS_A_LOOK < MOST_EVENTS, `${looks} looks`);
  });
});
