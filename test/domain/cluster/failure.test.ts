import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { clusterFailure, nodegroupFailure } from '../../../domain/cluster/failure.ts';

const ARN = 'arn:aws:states:eu-west-1:111122223333:execution:upgrade-nodegroup:workers';
const execution = (members: object) => JSON.stringify({ ...members, ExecutionArn: ARN, Input: '{}', Name: 'workers' });

describe('the failure of a group', () => {
  type Row = [title: string, caught: { Error: string; Cause?: string }, error: string, reason: RegExp];
  const rows: Row[] = [
    [
      'is the error of its own execution',
      {
        Error: 'States.TaskFailed',
        Cause: execution({ Cause: 'pods are blocked', Error: 'PodEvictionFailure', Status: 'FAILED' }),
      },
      'PodEvictionFailure',
      /^pods are blocked$/,
    ],
    [
      'is a sentence where a function failed without being recovered from',
      {
        Error: 'States.TaskFailed',
        Cause: execution({
          Cause: JSON.stringify({ errorType: 'Throttled', errorMessage: 'too many requests' }),
          Error: 'Throttled',
          Status: 'FAILED',
        }),
      },
      'Throttled',
      /^too many requests$/,
    ],
    [
      'is a cancellation when somebody stopped it',
      { Error: 'States.TaskFailed', Cause: execution({ Cause: 'wrong night', Status: 'ABORTED' }) },
      'UpgradeCancelled',
      /its execution was stopped \(wrong night\)/,
    ],
    [
      'is a timeout when its time ran out',
      { Error: 'States.TaskFailed', Cause: execution({ Status: 'TIMED_OUT' }) },
      'States.Timeout',
      /exceeded its time limit/,
    ],
    [
      'is the refusal to start it',
      { Error: 'StepFunctions.ExecutionAlreadyExistsException', Cause: `Execution Already Exists: '${ARN}'` },
      'StepFunctions.ExecutionAlreadyExistsException',
      /^Execution Already Exists/,
    ],
    [
      'is repeated when there is no cause',
      { Error: 'States.TaskFailed' },
      'States.TaskFailed',
      /States\.TaskFailed, without a cause/,
    ],
    [
      'is repeated when the cause is not an object',
      { Error: 'States.TaskFailed', Cause: '7' },
      'States.TaskFailed',
      /./,
    ],
  ];
  for (const [title, caught, error, reason] of rows) {
    it(title, () => {
      const result = nodegroupFailure('workers', caught);
      assert.equal(result.error, error);
      assert.match(result.reason ?? '', reason);
      assert.equal(result.outcome, 'failed');
    });
  }

  it('names its execution', () => {
    const caught = { Error: 'States.TaskFailed', Cause: execution({ Error: 'AmiNotFound', Status: 'FAILED' }) };
    assert.equal(nodegroupFailure('workers', caught).executionArn, ARN);
  });

  it('is read from a cause that was cut off in the middle', () => {
    const whole = execution({ Cause: `pod "a" of \\d is blocked ${'x'.repeat(40_000)}`, Error: 'PodEvictionFailure' });
    const { error, reason } = nodegroupFailure('workers', {
      Error: 'States.TaskFailed',
      Cause: whole.slice(0, 32_768),
    });
    assert.equal(error, 'States.TaskFailed', 'the name stood behind the cut');
    assert.match(reason ?? '', /^pod "a" of \\d is blocked x+…$/);
  });

  it('ends with a whole sentence where it is cut', () => {
    const sentence = `${'x'.repeat(198)}. `;
    const Cause = execution({ Cause: sentence.repeat(3), Error: 'AmiNotFound' });
    const { reason } = nodegroupFailure('workers', { Error: 'States.TaskFailed', Cause });
    assert.equal(reason, `${sentence.repeat(2)}…`);
  });

  it('is short enough for the state of a run with forty of them', () => {
    const caught = {
      Error: 'States.TaskFailed',
      Cause: execution({ Cause: 'x'.repeat(30_000), Error: 'AmiNotFound' }),
    };
    assert.ok((nodegroupFailure('workers', caught).reason?.length ?? 0) <= 500);
  });
});

describe('the failure of a step of the cluster', () => {
  it('keeps its error, and the sentence of the function', () => {
    const Cause = JSON.stringify({ errorType: 'ClusterNotFound', errorMessage: 'there is none' });
    assert.deepEqual(clusterFailure({ Error: 'ClusterNotFound', Cause }), {
      error: 'ClusterNotFound',
      cause: 'there is none',
    });
  });
});
