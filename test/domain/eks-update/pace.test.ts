import assert from 'node:assert/strict';
import { secondsUntilObservation } from '../../../domain/eks-update/pace.ts';

const EVENTS_AN_OBSERVATION = 9;
const MOST_EVENTS = 25_000;
const LONGEST_RUN_SECONDS = 14 * 86_400;

describe('the pace of the observations of an update', () => {
  it('is quick for the first half day', () => {
    assert.equal(secondsUntilObservation(0), 5);
    assert.equal(secondsUntilObservation(999), 5);
  });

  it('slows down later', () => {
    assert.equal(secondsUntilObservation(1_000), 300);
    assert.equal(secondsUntilObservation(1_599), 300);
    assert.equal(secondsUntilObservation(1_600), 1_200);
    assert.equal(secondsUntilObservation(10_000), 1_200);
  });

  it('keeps the history of the longest run below its limit, even if every observation ends at once', () => {
    let seconds = 0;
    let observations = 0;
    for (; seconds < LONGEST_RUN_SECONDS; observations += 1) seconds += secondsUntilObservation(observations);
    assert.ok(observations * EVENTS_AN_OBSERVATION < MOST_EVENTS, `${observations} observations`);
  });
});
