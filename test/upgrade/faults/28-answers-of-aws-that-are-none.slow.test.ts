import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { INPUT, NEW_AMI, world } from '../run-upgrade.ts';
import { undrained, watchedWorld } from './watched-world.ts';

const FORMS = ['truncated', 'brokenOff', 'html', 'otherKind', 'empty'] as const;
const MINUTES = 60;

/** Actions, and when in the run they are called. */
const ACTIONS: readonly [action: string, fromSeconds: number][] = [
  ['DescribeAutoScalingGroups', 0],
  ['DescribeAutoScalingGroups', 5 * MINUTES],
  ['DescribeInstances', 0],
  ['DescribeInstances', 5 * MINUTES],
  ['DescribeImages', 0],
  ['DescribeLaunchTemplateVersions', 0],
  ['CreateLaunchTemplateVersion', 0],
  ['DescribeInstanceRefreshes', 0],
  ['TerminateInstanceInAutoScalingGroup', 0],
  ['DescribeCluster', 0],
  ['GetParameter', 0],
  ['DescribeExecution', 3 * MINUTES],
  ['StartExecution', 0],
];

describe('#28 an answer that AWS does not give is asked for again, and never means that something does not exist', () => {
  for (const [index, [action, fromSeconds]] of ACTIONS.entries()) {
    // Each form with some of the actions, and one of the two that look most like an answer with each.
    const likely = index % 2 === 0 ? 'html' : 'otherKind';
    const forms = new Set([FORMS[index % FORMS.length] as (typeof FORMS)[number], likely] as const);
    for (const form of forms) {
      it(`${action} ${form === 'brokenOff' ? 'broken off' : form} from ${fromSeconds} s on, three times in a row`, async () => {
        const fault = { kind: 'oddAnswer', action, form, times: 3, fromSeconds } as const;
        const sandbox = await watchedWorld(world({ scenario: { faults: [fault] } }));
        const ended = await sandbox.upgrade();
        assert.equal(ended.status, 'SUCCEEDED', `${ended.error} ${ended.cause}`);
        assert.deepEqual(new Set(sandbox.amis()), new Set([NEW_AMI]));
        assert.deepEqual(undrained(sandbox), []);
        assert.equal(sandbox.group().desiredCapacity, 6);
      });
    }
  }

  for (const form of ['html', 'otherKind'] as const) {
    it(`for ever (${form}): the run says that the service fails, and that nothing was changed`, async () => {
      const fault = { kind: 'oddAnswer', action: 'DescribeAutoScalingGroups', form, times: 10_000 } as const;
      const sandbox = await watchedWorld(world({ scenario: { faults: [fault] } }));
      const ended = await sandbox.upgrade(INPUT);
      assert.equal(ended.error, 'ServiceUnavailable', ended.cause);
      assert.match(ended.cause, /^autoscaling:DescribeAutoScalingGroups failed for now: .*Nothing was changed\.$/s);
    });
  }
});
