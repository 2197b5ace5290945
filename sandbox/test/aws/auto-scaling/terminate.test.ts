import assert from 'node:assert/strict';
import {
  CompleteLifecycleActionCommand,
  DescribeAutoScalingInstancesCommand,
  DescribeLifecycleHooksCommand,
  SetInstanceProtectionCommand,
  TerminateInstanceInAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling';
import { TerminateInstancesCommand } from '@aws-sdk/client-ec2';
import { createTestRegion, groupOf, newAmi, rejectionOf } from '../region-fixture.ts';

const terminate = (InstanceId: string, ShouldDecrementDesiredCapacity: boolean) =>
  new TerminateInstanceInAutoScalingGroupCommand({ InstanceId, ShouldDecrementDesiredCapacity });

const firstId = ({ membersOf }: ReturnType<typeof createTestRegion>) => {
  const [member] = membersOf();
  assert.ok(member);
  return member.instance.instanceId;
};

describe('TerminateInstanceInAutoScalingGroup', () => {
  it('replaces the instance in its zone, from the template as it is by then', async () => {
    const world = createTestRegion([groupOf({ launchTemplateVersion: '$Latest' })]);
    const { autoScaling, clock, membersOf, zoneCounts, inService, region } = world;
    const [template] = region.state.launchTemplates.all();
    assert.ok(template);
    region.state.launchTemplates.addVersion(template, {
      data: { ...template.versions.get(1)?.data, ImageId: newAmi },
      createdBy: 'test',
    });
    const id = firstId(world);
    const { Activity } = await autoScaling.send(terminate(id, false));
    assert.equal(Activity?.StatusCode, 'InProgress');
    assert.match(
      Activity?.Cause ?? '',
      new RegExp(`^At 2026-01-04T03:00:00Z instance ${id} was taken out of service in response to a user request\\.$`),
    );
    await clock.advance(60);
    assert.equal(membersOf().length, 6);
    assert.deepEqual(zoneCounts(), { 'eu-west-1a': 2, 'eu-west-1b': 2, 'eu-west-1c': 2 });
    const renewed = inService().filter(({ instance }) => instance.image.id === newAmi);
    assert.deepEqual(
      renewed.map(({ launchedTemplate }) => launchedTemplate?.versionNumber),
      [2],
    );
  });

  it('shrinks the group instead when asked to decrement', async () => {
    const world = createTestRegion();
    const { autoScaling, clock, group, membersOf } = world;
    const { Activity } = await autoScaling.send(terminate(firstId(world), true));
    assert.match(Activity?.Cause ?? '', /shrinking the capacity from 6 to 5\.$/);
    await clock.advance(60);
    assert.equal(group().desiredCapacity, 5);
    assert.equal(membersOf().length, 5);
  });

  it('refuses to decrement below the minimum, and leaves the instance alone', async () => {
    const world = createTestRegion([groupOf({ minSize: 6 })]);
    const refusal = await rejectionOf(world.autoScaling.send(terminate(firstId(world), true)));
    assert.equal(refusal.name, 'ValidationError');
    assert.equal(
      refusal.message,
      "Currently, desiredSize equals minSize (6). Terminating instance without replacement will violate group's min size constraint. Either set shouldDecrementDesiredCapacity flag to false or lower group's min size.",
    );
    assert.equal(world.inService().length, 6);
  });

  it('names an instance that no group has', async () => {
    const { autoScaling } = createTestRegion();
    const refusal = await rejectionOf(autoScaling.send(terminate('i-0123456789abcdef0', false)));
    assert.equal(refusal.name, 'ValidationError');
    assert.equal(
      refusal.message,
      'Instance Id not found - No managed instance found for instance ID i-0123456789abcdef0',
    );
  });

  it('answers a second request with the activity of the first, and decrements once', async () => {
    const world = createTestRegion();
    const first = await world.autoScaling.send(terminate(firstId(world), true));
    const second = await world.autoScaling.send(terminate(firstId(world), true));
    assert.equal(second.Activity?.ActivityId, first.Activity?.ActivityId);
    assert.equal(world.group().desiredCapacity, 5);
  });

  it('insists on both of its parameters', async () => {
    const { autoScaling } = createTestRegion();
    const refusal = await rejectionOf(
      autoScaling.send(
        new TerminateInstanceInAutoScalingGroupCommand({
          InstanceId: 'i-0123456789abcdef0',
          ShouldDecrementDesiredCapacity: undefined,
        }),
      ),
    );
    assert.equal(
      refusal.message,
      "1 validation error detected: Value null at 'shouldDecrementDesiredCapacity' failed to satisfy constraint: Member must not be null",
    );
  });

  it('ignores protection from scale-in', async () => {
    const world = createTestRegion([groupOf({ protectedFromScaleIn: true })]);
    await world.autoScaling.send(terminate(firstId(world), true));
    await world.clock.advance(60);
    assert.equal(world.membersOf().length, 5);
  });

  it('announces to the cluster that the machine stops, and that it is gone', async () => {
    const world = createTestRegion();
    const id = firstId(world);
    await world.autoScaling.send(terminate(id, false));
    await world.clock.advance(60);
    assert.deepEqual(
      world.machineEvents.filter(({ instanceId, event }) => instanceId === id && event !== 'existed'),
      [
        { event: 'stopping', instanceId: id, atSeconds: 0 },
        { event: 'gone', instanceId: id, atSeconds: 30 },
      ],
    );
    assert.deepEqual(
      world.machineEvents.filter(({ event }) => event === 'in-service').map(({ atSeconds }) => atSeconds),
      [16],
    );
  });
});

describe('lifecycle hooks', () => {
  it('hold a terminating instance, still running, until their heartbeat runs out', async () => {
    const world = createTestRegion([groupOf({ terminationHookSeconds: 300 })]);
    const id = firstId(world);
    await world.autoScaling.send(terminate(id, false));
    await world.clock.advance(299);
    const held = await world.autoScaling.send(new DescribeAutoScalingInstancesCommand({ InstanceIds: [id] }));
    assert.equal(held.AutoScalingInstances?.[0]?.LifecycleState, 'Terminating:Wait');
    assert.equal(world.region.state.instances.find(id)?.state, 'running');
    assert.equal(world.inService().length, 6, 'the replacement does not wait for the hook');
    await world.clock.advance(2);
    assert.equal(world.region.state.instances.find(id)?.state, 'shutting-down');
    await world.clock.advance(30);
    assert.equal(world.region.state.autoScaling.find(id), undefined);
  });

  it('let a terminating instance go as soon as somebody completes the action', async () => {
    const world = createTestRegion([groupOf({ terminationHookSeconds: 3600 })]);
    const id = firstId(world);
    await world.autoScaling.send(terminate(id, false));
    const { LifecycleHooks: hooks } = await world.autoScaling.send(
      new DescribeLifecycleHooksCommand({ AutoScalingGroupName: 'workers' }),
    );
    const complete = new CompleteLifecycleActionCommand({
      AutoScalingGroupName: 'workers',
      LifecycleHookName: hooks?.[0]?.LifecycleHookName,
      LifecycleActionResult: 'CONTINUE',
      InstanceId: id,
    });
    await world.autoScaling.send(complete);
    await world.clock.advance(31);
    assert.equal(world.region.state.autoScaling.find(id), undefined);
    assert.match(
      (await rejectionOf(world.autoScaling.send(complete))).message,
      /^No active Lifecycle Action found with instance ID i-/,
    );
  });

  it('keep a new instance in Pending:Wait before it is in service', async () => {
    const world = createTestRegion([groupOf({ launchHookSeconds: 100 })]);
    await world.autoScaling.send(terminate(firstId(world), false));
    await world.clock.advance(50);
    assert.equal(world.membersOf().at(-1)?.lifecycleState, 'Pending:Wait');
    await world.clock.advance(70);
    assert.equal(world.membersOf().at(-1)?.lifecycleState, 'InService');
  });

  it('replace a launch that is abandoned', async () => {
    const world = createTestRegion([groupOf({ launchHookSeconds: 100 })]);
    await world.autoScaling.send(terminate(firstId(world), false));
    await world.clock.advance(50);
    const abandoned = world.membersOf().at(-1)?.instance.instanceId;
    await world.autoScaling.send(
      new CompleteLifecycleActionCommand({
        AutoScalingGroupName: 'workers',
        LifecycleHookName: 'workers-launching',
        LifecycleActionResult: 'ABANDON',
        InstanceId: abandoned,
      }),
    );
    await world.clock.advance(200);
    assert.equal(world.inService().length, 6);
    const cancelled = world
      .group()
      .activities.list()
      .find(({ status }) => status === 'Cancelled');
    assert.match(cancelled?.statusMessage ?? '', /^Instance failed to complete user's Lifecycle Action: /);
  });
});

describe('an instance that ends without its group asking', () => {
  it('is replaced once the health check has noticed', async () => {
    const world = createTestRegion();
    const id = firstId(world);
    await world.ec2.send(new TerminateInstancesCommand({ InstanceIds: [id] }));
    await world.clock.advance(10);
    assert.equal(world.region.state.autoScaling.find(id)?.member.lifecycleState, 'InService');
    await world.clock.advance(90);
    assert.equal(world.region.state.autoScaling.find(id), undefined);
    assert.equal(world.inService().length, 6);
    const ended = world
      .group()
      .activities.list()
      .find(({ description }) => description.startsWith('Terminating'));
    assert.match(
      ended?.cause ?? '',
      /in response to an EC2 health check indicating it has been terminated or stopped\.$/,
    );
  });

  it('never comes into service when it ends while it boots', async () => {
    const world = createTestRegion();
    await world.autoScaling.send(terminate(firstId(world), false));
    await world.clock.advance(5);
    const booting = world.membersOf().at(-1)?.instance.instanceId as string;
    await world.ec2.send(new TerminateInstancesCommand({ InstanceIds: [booting] }));
    await world.clock.advance(300);
    assert.deepEqual(
      world.machineEvents.filter(({ instanceId }) => instanceId === booting).map(({ event }) => event),
      ['stopping', 'gone'],
    );
    assert.equal(world.inService().length, 6);
  });

  it('stays listed as unhealthy while ReplaceUnhealthy is suspended', async () => {
    const world = createTestRegion([groupOf({ suspendedProcesses: ['ReplaceUnhealthy'] })]);
    const id = firstId(world);
    await world.ec2.send(new TerminateInstancesCommand({ InstanceIds: [id] }));
    await world.clock.advance(120);
    const { AutoScalingInstances: found } = await world.autoScaling.send(
      new DescribeAutoScalingInstancesCommand({ InstanceIds: [id] }),
    );
    assert.equal(found?.[0]?.HealthStatus, 'UNHEALTHY');
    assert.equal(found?.[0]?.LifecycleState, 'InService');
  });

  it('may be a Spot instance that the scenario interrupts', async () => {
    const world = createTestRegion([groupOf()], {
      faults: [{ kind: 'spotInterruption', group: 'workers', atSeconds: 10, nodes: 2 }],
    });
    await world.clock.advance(11);
    const ended = world.membersOf().filter(({ instance }) => instance.state === 'shutting-down');
    assert.deepEqual(
      ended.map(({ instance }) => instance.stateReason?.code),
      ['Server.SpotInstanceTermination', 'Server.SpotInstanceTermination'],
    );
    await world.clock.advance(120);
    assert.equal(world.inService().length, 6);
  });
});

describe('SetInstanceProtection', () => {
  it('refuses an instance of another group', async () => {
    const world = createTestRegion();
    const refusal = await rejectionOf(
      world.autoScaling.send(
        new SetInstanceProtectionCommand({
          AutoScalingGroupName: 'workers',
          InstanceIds: ['i-0123456789abcdef0'],
          ProtectedFromScaleIn: true,
        }),
      ),
    );
    assert.match(refusal.message, /is not part of Auto Scaling group workers/);
  });
});
