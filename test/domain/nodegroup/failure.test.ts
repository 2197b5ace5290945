import assert from 'node:assert/strict';
import {
  describeFailure,
  type FailureState,
  failureStateSchema,
  type Recovery,
} from '../../../domain/nodegroup/failure.ts';
import { anEksRun } from '../builders.ts';

const recovered: Recovery = {
  status: 'recovered',
  cleanedNodes: 5,
  outdatedNodes: 4,
  renewedNodes: 8,
  desiredCapacity: 16,
};
const failedWith = (cause?: string, error = 'NodeCreationFailure'): FailureState => ({
  error: { Error: error, ...(cause !== undefined && { Cause: cause }) },
});
const launchTemplate = { launchTemplateId: 'lt-0', version: '4', previousVersion: '3', isNew: true };

describe('failure: the words an execution ends with', () => {
  const causes: [title: string, cause: string | undefined, error: string, sentence: string][] = [
    ['unpack what Lambda wrapped', '{"errorMessage":"no node","errorType":"X"}', 'NodeCreationFailure', 'no node.'],
    ['end in one full stop', 'no node became Ready. ', 'NodeCreationFailure', 'no node became Ready.'],
    ['keep a question mark', 'what is this?', 'NodeCreationFailure', 'what is this?'],
    ['keep a question mark that a line break follows', 'what is this? \n', 'X', 'what is this?'],
    ['keep an exclamation mark', 'stop!', 'X', 'stop!'],
    ['end in one full stop when the cause has several', 'not yet...', 'X', 'not yet.'],
    ['leave full stops inside a cause alone', 'version 1.33. Next', 'X', 'version 1.33. Next.'],
    [
      'show the type of an error without a message',
      '{"errorType":"X","errorMessage":""}',
      'X',
      '{"errorType":"X","errorMessage":""}.',
    ],
    ['are not confused by JSON that is no object', 'null', 'X', 'null.'],
    ['leave a cause alone that only looks like JSON', '{"errorMessage":', 'X', '{"errorMessage":.'],
    ['leave JSON alone that is not an error of Lambda', '{"message":"no"}', 'X', '{"message":"no"}.'],
    ['say that a step did not answer', undefined, 'States.Timeout', 'a step did not answer within its time.'],
    ['name an error that has no cause', '', 'Lambda.Unknown', 'Lambda.Unknown, without a cause.'],
  ];
  for (const [title, cause, error, sentence] of causes) {
    it(title, () =>
      assert.deepEqual(describeFailure(failedWith(cause, error), { status: 'nothingTouched' }), {
        error,
        cause: `${sentence} Nothing was changed.`,
        recovery: { status: 'nothingTouched' },
      }),
    );
  }

  it('say how far the run came, what was cleaned up, and how to go on', () =>
    assert.equal(
      describeFailure(failedWith('no node became Ready'), recovered).cause,
      'no node became Ready. 8 nodes are on the target and Ready; 4 outdated ones are usable again. Sizes were left as ' +
        'they are (desired 16) for the next run. To continue, start an execution with the same input.',
    ));

  it('speak of one node in the singular', () =>
    assert.match(
      describeFailure(failedWith('x'), { ...recovered, outdatedNodes: 1, renewedNodes: 1 }).cause,
      /1 node is on the target and Ready; 1 outdated one is usable again\./,
    ));

  it('name the template version to go back to, once there is a new one', () =>
    assert.match(
      describeFailure({ ...failedWith('x'), launchTemplate }, recovered).cause,
      /To go back, start one with \{"target": \{"launchTemplateVersion": "3"\}\}\.$/,
    ));

  it('say that nothing was undone when another execution holds the lock', () =>
    assert.match(
      describeFailure(failedWith('x'), { status: 'lockLost' }).cause,
      /^x\. The lock is held by another execution, so nothing was undone\.$/,
    ));

  it('stay within what Step Functions keeps of a cause, and keep how to go on', () => {
    const { cause } = describeFailure({ ...failedWith('pod '.repeat(20_000)), launchTemplate }, recovered);
    assert.ok(cause.length <= 32_768, String(cause.length));
    assert.match(cause, /start one with \{"target": \{"launchTemplateVersion": "3"\}\}\.$/);
  });
});

describe('failure: the state of a failed execution', () => {
  it('is read however early it failed', () => {
    for (const state of [
      { error: { Error: 'InvalidInput' } },
      { input: {}, error: { Error: 'UpgradeInProgress', Cause: 'x' }, lock: { status: 'pending' } },
    ]) {
      assert.deepEqual(failureStateSchema.parse(state), state);
    }
  });
});

describe('failure: after an update by EKS', () => {
  const of = (updateStatus?: string, updateId: string | undefined = 'u-1', closedNodes = 0): string =>
    describeFailure(
      {
        ...failedWith('cancelled by an operator: incident', 'UpgradeCancelled'),
        plan: { run: anEksRun() },
        lock: { status: 'acquired' },
        ...(updateId !== undefined && { update: { updateId } }),
      },
      { ...recovered, closedNodes, ...(updateStatus !== undefined && { updateStatus }) },
    ).cause;

  it('says that EKS continues while the update does, and how to follow it', () =>
    assert.equal(
      of('InProgress'),
      'cancelled by an operator: incident. EKS continues with update u-1: an update of EKS cannot be stopped. So far ' +
        '8 nodes are on the target and Ready, 4 are outdated. To follow it, start an execution with the same input: the update is found and followed.',
    ));

  it('says how many nodes EKS has left closed to new pods, once the update has ended', () => {
    assert.match(
      of('Failed', 'u-1', 4),
      /back\. 4 outdated nodes accept no new pods until the next update replaces them\. To use them now, /,
    );
    assert.match(
      of('Failed', 'u-1', 1),
      /back\. 1 outdated node accepts no new pods until .* replaces it\. To use it now, /,
    );
    assert.doesNotMatch(of('Failed'), /no new pods/);
    assert.doesNotMatch(of('InProgress', 'u-1', 4), /no new pods/);
  });

  it('says that nodes are not rolled back once it has ended, and how to continue', () => {
    assert.match(of('Failed'), /8 nodes are on the target and Ready, 4 are outdated: EKS does not roll nodes back\./);
    assert.match(
      of('Failed'),
      /desired 16\)\. To continue, start an execution with the same input: EKS does not replace renewed nodes again/,
    );
    assert.doesNotMatch(of('Failed'), /launchTemplateVersion|usable again/);
  });
});

describe('failure: of the execution that continued this one', () => {
  const continued = (execution: object, cut = Number.POSITIVE_INFINITY) =>
    describeFailure(failedWith(JSON.stringify(execution).slice(0, cut), 'States.TaskFailed'), recovered);

  it('is told in its own words: it has cleaned up itself', () => {
    const { error, cause } = continued({
      Status: 'FAILED',
      Error: 'PodEvictionFailure',
      Cause: '1 node. 3 are usable.',
    });
    assert.deepEqual([error, cause], ['PodEvictionFailure', '1 node. 3 are usable.']);
  });

  it('is told also when Step Functions has cut its description off', () => {
    const execution = {
      Cause: 'pods '.repeat(10),
      Error: 'PodEvictionFailure',
      Input: 'x'.repeat(100),
      Status: 'FAILED',
    };
    assert.equal(continued(execution, 120).error, 'PodEvictionFailure');
  });

  it('is a cancel when it was stopped, with what was cleaned up', () => {
    const { error, cause } = continued({ Status: 'ABORTED', Cause: 'incident' });
    assert.equal(error, 'UpgradeCancelled');
    assert.match(cause, /^the execution that continued this one was stopped \(incident\)\. 8 nodes are on the target/);
  });

  it('is a timeout when it exceeded its time', () => {
    assert.equal(continued({ Status: 'TIMED_OUT' }).error, 'States.Timeout');
  });
});

describe('failure: nodes that are not usable yet', () => {
  const lock = { status: 'acquired' };
  const of = (more: object) => describeFailure({ ...failedWith('x'), lock }, { ...recovered, ...more }).cause;

  it('are in hand still, and finished by their executions', () =>
    assert.match(
      of({ nodesInHand: 1 }),
      /3 outdated ones are usable again\. 1 node is still in hand: what was begun is finished/,
    ));

  it('stay cordoned because the input says so', () =>
    assert.match(
      of({ cordonedNodes: 2 }),
      /2 outdated ones are usable again\. 2 blocked nodes stay cordoned, as "blockedNodes" says/,
    ));
});
