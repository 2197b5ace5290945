import assert from 'node:assert/strict';
import { isJanitor, isOfSameHome, janitorHolder } from '../../../domain/admission/holder.ts';
import { EXECUTION_ARN } from '../builders.ts';

describe('the holder of a record', () => {
  it('is the janitor by its name', () => {
    assert.ok(isJanitor(janitorHolder('ab12')));
    assert.ok(!isJanitor(EXECUTION_ARN));
  });

  for (const [title, holder, expected] of [
    ['an execution of this account and region', EXECUTION_ARN.replace('tuesday', 'monday'), true],
    ['an execution of another region', EXECUTION_ARN.replace('eu-west-1', 'us-east-1'), false],
    ['an execution of another account', EXECUTION_ARN.replace('111122223333', '444455556666'), false],
    ['text that somebody has written by hand', 'bob', true],
  ] as const) {
    it(`can${expected ? '' : 'not'} be looked up from here when it is ${title}`, () =>
      assert.equal(isOfSameHome(holder, EXECUTION_ARN), expected));
  }
});
