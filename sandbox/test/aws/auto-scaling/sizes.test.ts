import assert from 'node:assert/strict';
import {
  DescribeAutoScalingGroupsCommand,
  SetDesiredCapacityCommand,
  UpdateAutoScalingGroupCommand,
  type UpdateAutoScalingGroupCommandInput,
} from '@aws-sdk/client-auto-scaling';
import { createTestRegion, groupOf, rejectionOf } from '../region-fixture.ts';

type Sizes = Pick<UpdateAutoScalingGroupCommandInput, 'MinSize' | 'MaxSize' | 'DesiredCapacity'>;

describe('Auto Scaling sizes', () => {
  const accepted: [string, Sizes, { min: number; max: number; desired: number }][] = [
    ['lowers desired to a maximum that falls below it', { MaxSize: 4 }, { min: 3, max: 4, desired: 4 }],
    ['raises desired to a minimum that rises above it', { MinSize: 8 }, { min: 8, max: 12, desired: 8 }],
    ['keeps desired when the new bounds hold it', { MinSize: 1, MaxSize: 9 }, { min: 1, max: 9, desired: 6 }],
    ['raises maximum and desired in one call', { MaxSize: 20, DesiredCapacity: 18 }, { min: 3, max: 20, desired: 18 }],
  ];
  for (const [title, sizes, expected] of accepted)
    it(title, async () => {
      const { autoScaling, group } = createTestRegion();
      await autoScaling.send(new UpdateAutoScalingGroupCommand({ AutoScalingGroupName: 'workers', ...sizes }));
      const { minSize: min, maxSize: max, desiredCapacity: desired } = group();
      assert.deepEqual({ min, max, desired }, expected);
    });

  const refused: [string, Sizes, RegExp][] = [
    [
      'refuses a desired capacity above the maximum',
      { DesiredCapacity: 13 },
      /^Desired capacity:13 must be between the specified min size:3 and max size:12$/,
    ],
    [
      'refuses a desired capacity below the minimum',
      { DesiredCapacity: 2 },
      /^Desired capacity:2 must be between the specified min size:3 and max size:12$/,
    ],
    [
      'refuses a minimum above the maximum',
      { MinSize: 13 },
      /^Max bound, 12, must be greater than or equal to min bound, 13$/,
    ],
    [
      'refuses a negative size',
      { MinSize: -1 },
      /^1 validation error detected: Value '-1' at 'minSize' failed to satisfy constraint: Member must have value greater than or equal to 0$/,
    ],
  ];
  for (const [title, sizes, message] of refused)
    it(`${title} and changes nothing`, async () => {
      const { autoScaling, group } = createTestRegion();
      const refusal = await rejectionOf(
        autoScaling.send(new UpdateAutoScalingGroupCommand({ AutoScalingGroupName: 'workers', ...sizes })),
      );
      assert.equal(refusal.name, 'ValidationError');
      assert.match(refusal.message, message);
      assert.deepEqual([group().minSize, group().maxSize, group().desiredCapacity], [3, 12, 6]);
    });

  const outOfRange: [string, number, RegExp][] = [
    ['above', 13, /^New SetDesiredCapacity value 13 is above max value 12 for the AutoScalingGroup\.$/],
    ['below', 2, /^New SetDesiredCapacity value 2 is below min value 3 for the AutoScalingGroup\.$/],
  ];
  for (const [side, desired, message] of outOfRange)
    it(`refuses SetDesiredCapacity ${side} the bounds`, async () => {
      const { autoScaling } = createTestRegion();
      const refusal = await rejectionOf(
        autoScaling.send(new SetDesiredCapacityCommand({ AutoScalingGroupName: 'workers', DesiredCapacity: desired })),
      );
      assert.equal(refusal.name, 'ValidationError');
      assert.match(refusal.message, message);
    });

  it('refuses a change of a group that does not exist, and describes it as nothing', async () => {
    const { autoScaling } = createTestRegion();
    const refusal = await rejectionOf(
      autoScaling.send(new UpdateAutoScalingGroupCommand({ AutoScalingGroupName: 'absent', MinSize: 1 })),
    );
    assert.match(refusal.message, /^AutoScalingGroup name not found - /);
    const described = await autoScaling.send(
      new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: ['absent'] }),
    );
    assert.deepEqual(described.AutoScalingGroups, []);
  });

  it('answers before an instance is launched, and has it in service later', async () => {
    const { autoScaling, clock, membersOf, inService } = createTestRegion();
    await autoScaling.send(new SetDesiredCapacityCommand({ AutoScalingGroupName: 'workers', DesiredCapacity: 8 }));
    assert.equal(membersOf().length, 6);
    await clock.advance(5);
    assert.deepEqual(membersOf().filter(({ lifecycleState }) => lifecycleState === 'Pending').length, 2);
    await clock.advance(20);
    assert.equal(inService().length, 8);
  });

  it('launches into the emptiest zones, so that zones stay balanced', async () => {
    const { autoScaling, clock, zoneCounts } = createTestRegion([groupOf({ desiredCapacity: 4 })]);
    assert.deepEqual(zoneCounts(), { 'eu-west-1a': 2, 'eu-west-1b': 1, 'eu-west-1c': 1 });
    await autoScaling.send(new SetDesiredCapacityCommand({ AutoScalingGroupName: 'workers', DesiredCapacity: 9 }));
    await clock.advance(30);
    assert.deepEqual(zoneCounts(), { 'eu-west-1a': 3, 'eu-west-1b': 3, 'eu-west-1c': 3 });
  });

  it('honours the cooldown only when asked to', async () => {
    const { autoScaling, clock } = createTestRegion();
    const setDesired = (DesiredCapacity: number, HonorCooldown?: boolean) =>
      autoScaling.send(
        new SetDesiredCapacityCommand({ AutoScalingGroupName: 'workers', DesiredCapacity, HonorCooldown }),
      );
    await setDesired(7, true);
    await clock.advance(60);
    assert.equal((await rejectionOf(setDesired(8, true))).name, 'ScalingActivityInProgressFault');
    await setDesired(8);
  });

  it('lets somebody else resize the group when the scenario says so, within its bounds', async () => {
    const { clock, group, inService } = createTestRegion([groupOf()], {
      faults: [{ kind: 'setDesiredCapacity', group: 'workers', atSeconds: 100, change: 20 }],
    });
    await clock.advance(99);
    assert.equal(group().desiredCapacity, 6);
    await clock.advance(60);
    assert.equal(group().desiredCapacity, 12);
    assert.equal(inService().length, 12);
  });
});
