import assert from 'node:assert/strict';
import {
  CreateOrUpdateTagsCommand,
  DescribeAutoScalingGroupsCommand,
  DescribeAutoScalingInstancesCommand,
  DescribeScalingActivitiesCommand,
  SetDesiredCapacityCommand,
  TerminateInstanceInAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling';
import {
  CreateLaunchTemplateVersionCommand,
  DescribeInstancesCommand,
  DescribeLaunchTemplateVersionsCommand,
} from '@aws-sdk/client-ec2';
import { LAGGING_ACTIONS } from '../../world/scenario/aws-answers.ts';
import { faultSchema } from '../../world/scenario/fault.ts';
import type { Fault, ScenarioInput } from '../../world/scenario.ts';
import { createTestRegion, groupOf } from './region-fixture.ts';

type StaleAnswers = Extract<NonNullable<ScenarioInput['faults']>[number], { kind: 'staleAnswers' }>;

function withStale(...stale: StaleAnswers[]) {
  const world = createTestRegion([groupOf()], { faults: stale.map((each): Fault => faultSchema.parse(each)) });
  const { autoScaling } = world;
  return {
    ...world,
    setDesired: (desired: number) =>
      autoScaling.send(new SetDesiredCapacityCommand({ AutoScalingGroupName: 'workers', DesiredCapacity: desired })),
    async seenGroup() {
      const { AutoScalingGroups } = await autoScaling.send(
        new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: ['workers'] }),
      );
      assert.ok(AutoScalingGroups?.[0]);
      return AutoScalingGroups[0];
    },
  };
}

const lag = { kind: 'staleAnswers', service: 'autoscaling', secondsAgo: 5 } as const;

describe('answers that lag behind writes', () => {
  it('leave out the writes of the last seconds, and only those', async () => {
    const { clock, setDesired, seenGroup } = withStale(lag);
    const seen = async () => (await seenGroup()).DesiredCapacity;
    await setDesired(8);
    assert.equal(await seen(), 6);
    await clock.advance(3);
    await setDesired(9);
    assert.equal(await seen(), 6);
    await clock.advance(2);
    assert.equal(await seen(), 8);
    await clock.advance(3);
    assert.equal(await seen(), 9);
  });

  it('show a member that was terminated as it was, in the group and by itself', async () => {
    const world = withStale(lag);
    const [member] = world.inService();
    const instanceId = member?.instance.instanceId ?? '';
    await world.autoScaling.send(
      new TerminateInstanceInAutoScalingGroupCommand({ InstanceId: instanceId, ShouldDecrementDesiredCapacity: true }),
    );
    const state = async () => {
      const { Instances, DesiredCapacity } = await world.seenGroup();
      const alone = await world.autoScaling.send(
        new DescribeAutoScalingInstancesCommand({ InstanceIds: [instanceId] }),
      );
      const inGroup = Instances?.find(({ InstanceId }) => InstanceId === instanceId);
      return [DesiredCapacity, inGroup?.LifecycleState, alone.AutoScalingInstances?.[0]?.LifecycleState];
    };
    assert.deepEqual(await state(), [6, 'InService', 'InService']);
    await world.clock.advance(5);
    assert.deepEqual(await state(), [5, 'Terminating', 'Terminating']);
  });

  it('know neither the activities nor the tags of the last seconds', async () => {
    const world = withStale(lag);
    const activities = async () =>
      (await world.autoScaling.send(new DescribeScalingActivitiesCommand({ AutoScalingGroupName: 'workers' })))
        .Activities?.length;
    const tag = { ResourceId: 'workers', ResourceType: 'auto-scaling-group', Key: 'a', Value: 'b' };
    await world.autoScaling.send(new CreateOrUpdateTagsCommand({ Tags: [{ ...tag, PropagateAtLaunch: false }] }));
    await world.setDesired(7);
    await world.clock.advance(2);
    assert.deepEqual([await activities(), (await world.seenGroup()).Tags?.some(({ Key }) => Key === 'a')], [0, false]);
    await world.clock.advance(5);
    assert.deepEqual([await activities(), (await world.seenGroup()).Tags?.some(({ Key }) => Key === 'a')], [1, true]);
  });

  it('are those of the actions named, of one service, in its spell', async () => {
    const world = withStale({ ...lag, actions: ['DescribeScalingActivities'] });
    await world.setDesired(8);
    assert.equal((await world.seenGroup()).DesiredCapacity, 8);

    const later = withStale({ ...lag, fromSeconds: 10, untilSeconds: 20 });
    await later.setDesired(8);
    assert.equal((await later.seenGroup()).DesiredCapacity, 8);
    await later.clock.advance(10);
    await later.setDesired(9);
    assert.equal((await later.seenGroup()).DesiredCapacity, 8);
  });

  it('of EC2 do not know a template version that has just been made', async () => {
    const { ec2, clock } = withStale({ kind: 'staleAnswers', service: 'ec2', secondsAgo: 3 });
    await ec2.send(
      new CreateLaunchTemplateVersionCommand({
        LaunchTemplateName: 'workers',
        SourceVersion: '1',
        LaunchTemplateData: { InstanceType: 'm6i.large' },
      }),
    );
    const versions = async () =>
      (await ec2.send(new DescribeLaunchTemplateVersionsCommand({ LaunchTemplateName: 'workers' })))
        .LaunchTemplateVersions?.length;
    assert.equal(await versions(), 1);
    await clock.advance(3);
    assert.equal(await versions(), 2);
  });

  it('can be of every action that the schema names', async () => {
    const { region } = withStale();
    for (const [service, actions] of Object.entries(LAGGING_ACTIONS)) {
      const inputs = region.services.find(({ name }) => name === service)?.api?.inputs ?? {};
      assert.deepEqual(
        actions.filter((action) => !(action in inputs)),
        [],
      );
    }
  });
});

describe('answers that always lag', () => {
  it('show instances as they were so many seconds ago, whoever changed them', async () => {
    const { ec2, clock, region, membersOf } = withStale({
      kind: 'staleAnswers',
      service: 'ec2',
      secondsAgo: 4,
      when: 'always',
    });
    await clock.advance(60);
    const [member] = membersOf();
    assert.ok(member);
    const state = async () => {
      const { Reservations } = await ec2.send(
        new DescribeInstancesCommand({ InstanceIds: [member.instance.instanceId] }),
      );
      return Reservations?.[0]?.Instances?.[0]?.State?.Name;
    };
    region.state.instances.shutDown(member.instance, { code: 'x', message: 'x' });
    assert.equal(await state(), 'running');
    await clock.advance(4);
    assert.equal(await state(), 'running');
    await clock.advance(1);
    assert.equal(await state(), 'shutting-down');
  });

  it('do not know an instance that is too new', async () => {
    const world = withStale({ kind: 'staleAnswers', service: 'ec2', secondsAgo: 30, when: 'always' });
    await world.clock.advance(60);
    await world.setDesired(7);
    await world.clock.advance(10);
    const fresh = world.membersOf().at(-1)?.instance.instanceId ?? '';
    await assert.rejects(
      world.ec2.send(new DescribeInstancesCommand({ InstanceIds: [fresh] })),
      ({ name }: Error) => name === 'InvalidInstanceID.NotFound',
    );
    await world.clock.advance(30);
    await world.ec2.send(new DescribeInstancesCommand({ InstanceIds: [fresh] }));
  });
});
