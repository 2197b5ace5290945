import assert from 'node:assert/strict';
import {
  DescribeAutoScalingGroupsCommand,
  DescribeScalingActivitiesCommand,
  ResumeProcessesCommand,
  SetDesiredCapacityCommand,
  SuspendProcessesCommand,
  UpdateAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling';
import { CreateLaunchTemplateVersionCommand, ModifyLaunchTemplateCommand } from '@aws-sdk/client-ec2';
import {
  armAmi,
  brokenAmi,
  createTestRegion,
  groupOf,
  missingAmi,
  newAmi,
  oldAmi,
  rejectionOf,
} from '../region-fixture.ts';

type World = ReturnType<typeof createTestRegion>;

const setDesired = (world: World, DesiredCapacity: number) =>
  world.autoScaling.send(new SetDesiredCapacityCommand({ AutoScalingGroupName: 'workers', DesiredCapacity }));

const addVersion = (world: World, ImageId: string) =>
  world.ec2.send(
    new CreateLaunchTemplateVersionCommand({
      LaunchTemplateName: 'workers',
      SourceVersion: '1',
      LaunchTemplateData: { ImageId },
    }),
  );

const activitiesOf = async (world: World) =>
  (await world.autoScaling.send(new DescribeScalingActivitiesCommand({ AutoScalingGroupName: 'workers' })))
    .Activities ?? [];

describe('the template that a group launches from', () => {
  const forms: [string, string, string][] = [
    ['a number stays at its version', '1', oldAmi],
    ['$Latest follows a new version at once', '$Latest', newAmi],
    ['$Default stays until the default version is changed', '$Default', oldAmi],
  ];
  for (const [title, launchTemplateVersion, expectedAmi] of forms)
    it(title, async () => {
      const world = createTestRegion([groupOf({ launchTemplateVersion })]);
      await addVersion(world, newAmi);
      await setDesired(world, 7);
      await world.clock.advance(30);
      const launched = world.inService().at(-1);
      assert.equal(launched?.instance.image.id, expectedAmi);
      assert.equal(launched?.launchedTemplate?.versionNumber, expectedAmi === newAmi ? 2 : 1);
    });

  it('$Default follows ModifyLaunchTemplate', async () => {
    const world = createTestRegion([groupOf({ launchTemplateVersion: '$Default' })]);
    await addVersion(world, newAmi);
    await world.ec2.send(new ModifyLaunchTemplateCommand({ LaunchTemplateName: 'workers', DefaultVersion: '2' }));
    await setDesired(world, 7);
    await world.clock.advance(30);
    assert.equal(world.inService().at(-1)?.instance.image.id, newAmi);
  });

  it('an override with a template of its own beats the policy', async () => {
    const world = createTestRegion([
      groupOf({
        mixedInstances: {
          overrides: [{ instanceType: 'm6i.xlarge' }, { instanceType: 'm5.xlarge', launchTemplateName: 'special' }],
        },
      }),
    ]);
    const { AutoScalingGroups: groups } = await world.autoScaling.send(new DescribeAutoScalingGroupsCommand({}));
    const policy = groups?.[0]?.MixedInstancesPolicy;
    assert.equal(groups?.[0]?.LaunchTemplate, undefined);
    assert.equal(policy?.LaunchTemplate?.Overrides?.[1]?.LaunchTemplateSpecification?.LaunchTemplateName, 'special');
    assert.deepEqual(
      groups?.[0]?.Instances?.map(({ InstanceType, LaunchTemplate }) => [
        InstanceType,
        LaunchTemplate?.LaunchTemplateName,
      ]),
      Array.from({ length: 6 }, (_, index) => (index % 2 ? ['m5.xlarge', 'special'] : ['m6i.xlarge', 'workers'])),
    );
  });

  it('counts capacity in weights when overrides have them', async () => {
    const world = createTestRegion([
      groupOf({ mixedInstances: { overrides: [{ instanceType: 'm6i.2xlarge', weightedCapacity: '2' }] } }),
    ]);
    await setDesired(world, 12);
    await world.clock.advance(60);
    assert.equal(world.inService().length, 6, 'six instances of two units each');
  });

  it('shows a launch configuration where the group has one', async () => {
    const world = createTestRegion([groupOf({ launchConfigurationName: 'ancient' })]);
    const { AutoScalingGroups: groups } = await world.autoScaling.send(new DescribeAutoScalingGroupsCommand({}));
    assert.equal(groups?.[0]?.LaunchConfigurationName, 'ancient');
    assert.equal(groups?.[0]?.Instances?.[0]?.LaunchConfigurationName, 'ancient');
    assert.equal(groups?.[0]?.Instances?.[0]?.LaunchTemplate, undefined);
  });

  const refused: [string, object, RegExp][] = [
    [
      'both id and name',
      { LaunchTemplateId: 'lt-0123456789abcdef0', LaunchTemplateName: 'workers' },
      /^Valid requests must contain either launchTemplateId or LaunchTemplateName$/,
    ],
    [
      'a template that does not exist',
      { LaunchTemplateName: 'absent' },
      /^You must use a valid fully-formed launch template\. The specified launch template, with template name absent, does not exist\.$/,
    ],
    [
      'a version that does not exist',
      { LaunchTemplateName: 'workers', Version: '9' },
      /^You must use a valid fully-formed launch template\. Could not find the specified version 9/,
    ],
  ];
  for (const [title, LaunchTemplate, message] of refused)
    it(`refuses ${title}`, async () => {
      const world = createTestRegion();
      const refusal = await rejectionOf(
        world.autoScaling.send(new UpdateAutoScalingGroupCommand({ AutoScalingGroupName: 'workers', LaunchTemplate })),
      );
      assert.equal(refusal.name, 'ValidationError');
      assert.match(refusal.message, message);
    });
});

describe('a launch that fails', () => {
  const failures: [string, string, RegExp][] = [
    [
      'an AMI that does not exist',
      missingAmi,
      /^The image id '\[ami-0eeeeeeeeeeeeeeee\]' does not exist\. Launching EC2 instance failed\.$/,
    ],
    [
      'an AMI of another architecture',
      armAmi,
      /^The architecture 'x86_64' of the specified instance type does not match the architecture 'arm64' of the specified AMI\./,
    ],
    [
      'an AMI that cannot boot',
      brokenAmi,
      /^Client\.InternalError: Client error on launch\. Launching EC2 instance failed\.$/,
    ],
  ];
  for (const [title, amiId, message] of failures)
    it(`shows up as a failed activity for ${title}, and is tried again with growing delays`, async () => {
      const world = createTestRegion([groupOf({ launchTemplateVersion: '$Latest' })]);
      await addVersion(world, amiId);
      await setDesired(world, 7);
      await world.clock.advance(15 + 30 + 5);
      const activities = await activitiesOf(world);
      assert.equal(activities.length, 3);
      const [latest] = activities;
      assert.equal(latest?.StatusCode, 'Failed');
      assert.equal(latest?.Progress, 100);
      assert.match(latest?.StatusMessage ?? '', message);
      assert.match(latest?.Description ?? '', /^Launching a new EC2 instance\. {2}Status Reason: /);
      assert.equal(world.inService().length, 6);
    });

  it('succeeds soon after the template is mended', async () => {
    const world = createTestRegion([groupOf({ launchTemplateVersion: '$Latest' })]);
    await addVersion(world, missingAmi);
    await setDesired(world, 7);
    await world.clock.advance(1000);
    await world.autoScaling.send(
      new UpdateAutoScalingGroupCommand({
        AutoScalingGroupName: 'workers',
        LaunchTemplate: { LaunchTemplateName: 'workers', Version: '1' },
      }),
    );
    await world.clock.advance(20);
    assert.equal(world.inService().length, 7);
  });

  it('goes to another zone when one has no capacity, and says so', async () => {
    const world = createTestRegion([groupOf()], {
      faults: [{ kind: 'insufficientCapacity', zone: 'eu-west-1a' }],
    });
    await setDesired(world, 7);
    await world.clock.advance(30);
    assert.deepEqual(world.zoneCounts(), { 'eu-west-1a': 2, 'eu-west-1b': 3, 'eu-west-1c': 2 });
    const failed = (await activitiesOf(world)).find(({ StatusCode }) => StatusCode === 'Failed');
    assert.equal(
      failed?.StatusMessage,
      'We currently do not have sufficient m6i.xlarge capacity in the Availability Zone you requested (eu-west-1a). Our system will be working on provisioning additional capacity. You can currently get m6i.xlarge capacity by not specifying an Availability Zone in your request or choosing eu-west-1b, eu-west-1c. Launching EC2 instance failed.',
    );
    assert.equal(JSON.parse(failed?.Details ?? '{}')['Availability Zone'], 'eu-west-1a');
  });

  it('keeps trying until capacity is back', async () => {
    const world = createTestRegion([groupOf({ zones: ['eu-west-1a'] })], {
      faults: [{ kind: 'insufficientCapacity', zone: 'eu-west-1a', untilSeconds: 120 }],
    });
    await setDesired(world, 7);
    await world.clock.advance(119);
    assert.equal(world.inService().length, 6);
    await world.clock.advance(200);
    assert.equal(world.inService().length, 7);
  });
});

describe('suspended processes', () => {
  it('Launch keeps a group below its desired capacity until resumed', async () => {
    const world = createTestRegion([groupOf({ suspendedProcesses: ['Launch'] })]);
    await setDesired(world, 8);
    await world.clock.advance(120);
    assert.equal(world.membersOf().length, 6);
    await world.autoScaling.send(
      new ResumeProcessesCommand({ AutoScalingGroupName: 'workers', ScalingProcesses: ['Launch'] }),
    );
    await world.clock.advance(30);
    assert.equal(world.inService().length, 8);
  });

  it('Terminate keeps a group above its desired capacity', async () => {
    const world = createTestRegion([groupOf({ suspendedProcesses: ['Terminate'] })]);
    await setDesired(world, 4);
    await world.clock.advance(120);
    assert.equal(world.inService().length, 6);
  });

  it('are all of them when none is named, each with the reason', async () => {
    const world = createTestRegion();
    await world.autoScaling.send(new SuspendProcessesCommand({ AutoScalingGroupName: 'workers' }));
    const { AutoScalingGroups: groups } = await world.autoScaling.send(new DescribeAutoScalingGroupsCommand({}));
    const suspended = groups?.[0]?.SuspendedProcesses ?? [];
    assert.equal(suspended.length, 9);
    assert.deepEqual(suspended[0], {
      ProcessName: 'Launch',
      SuspensionReason: 'User suspended at 2026-01-04T03:00:00Z',
    });
  });

  it('must be ones that exist', async () => {
    const world = createTestRegion();
    const refusal = await rejectionOf(
      world.autoScaling.send(
        new SuspendProcessesCommand({ AutoScalingGroupName: 'workers', ScalingProcesses: ['Lunch'] }),
      ),
    );
    assert.equal(refusal.message, 'Unknown process type: Lunch');
  });
});

describe('scaling activities', () => {
  it('are listed in progress first, then newest first, with cause and details', async () => {
    const world = createTestRegion();
    await setDesired(world, 7);
    await world.clock.advance(60);
    await setDesired(world, 8);
    await world.clock.advance(60);
    await setDesired(world, 9);
    await world.clock.advance(3);
    const activities = await activitiesOf(world);
    assert.deepEqual(
      activities.map(({ StatusCode, Progress }) => [StatusCode, Progress]),
      [
        ['PreInService', 30],
        ['Successful', 100],
        ['Successful', 100],
      ],
    );
    assert.equal(
      activities[1]?.Cause,
      'At 2026-01-04T03:01:00Z a user request explicitly set group desired capacity changing the desired capacity from 7 to 8.  At 2026-01-04T03:01:01Z an instance was started in response to a difference between desired and actual capacity, increasing the capacity from 7 to 8.',
    );
    assert.deepEqual(Object.keys(JSON.parse(activities[0]?.Details ?? '{}')), ['Subnet ID', 'Availability Zone']);
    assert.equal(activities[1]?.EndTime?.toISOString(), '2026-01-04T03:01:16.000Z');
  });

  it('are paged, and filtered by start and status', async () => {
    const world = createTestRegion();
    await setDesired(world, 12);
    await world.clock.advance(60);
    await setDesired(world, 11);
    await world.clock.advance(3);
    const describe = (input: object) =>
      world.autoScaling.send(new DescribeScalingActivitiesCommand({ AutoScalingGroupName: 'workers', ...input }));
    const first = await describe({ MaxRecords: 4 });
    const second = await describe({ MaxRecords: 4, NextToken: first.NextToken });
    assert.equal(first.Activities?.length, 4);
    assert.equal(second.Activities?.length, 3);
    assert.equal(second.NextToken, undefined);
    assert.equal(
      new Set([...(first.Activities ?? []), ...(second.Activities ?? [])].map(({ ActivityId }) => ActivityId)).size,
      7,
    );
    const since = await describe({ Filters: [{ Name: 'StartTimeLowerBound', Values: ['2026-01-04T03:00:30Z'] }] });
    assert.deepEqual(
      since.Activities?.map(({ StatusCode }) => StatusCode),
      ['InProgress'],
    );
    const failed = await describe({ Filters: [{ Name: 'Status', Values: ['Failed'] }] });
    assert.deepEqual(failed.Activities, []);
  });
});
