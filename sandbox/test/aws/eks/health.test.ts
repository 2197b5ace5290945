import assert from 'node:assert/strict';
import {
  AutoScalingClient,
  SetDesiredCapacityCommand,
  UpdateAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling';
import { CreateLaunchTemplateVersionCommand, EC2Client } from '@aws-sdk/client-ec2';
import { rejectionOf } from '../region-fixture.ts';
import { createEksWorld, NEW_AMI } from './eks-world.ts';

type World = ReturnType<typeof createEksWorld>;

const MINUTES = 60;

/** Somebody else points the group at a version. */
const pointAt = (world: World, Version: string) =>
  new AutoScalingClient(world.config).send(
    new UpdateAutoScalingGroupCommand({
      AutoScalingGroupName: 'shop-workers',
      LaunchTemplate: { LaunchTemplateId: world.record().templateId, Version },
    }),
  );

/** Somebody else makes a version with another AMI and points the group at it. */
async function interfere(world: World): Promise<void> {
  await new EC2Client(world.config).send(
    new CreateLaunchTemplateVersionCommand({
      LaunchTemplateId: world.record().templateId,
      SourceVersion: '1',
      LaunchTemplateData: { ImageId: NEW_AMI },
    }),
  );
  await pointAt(world, '2');
}

describe('the health of a managed node group', () => {
  it('is degraded some minutes after somebody else has changed the template version of its group', async () => {
    const world = createEksWorld();
    await interfere(world);
    assert.equal((await world.describe()).status, 'ACTIVE');
    await world.clock.advance(6 * MINUTES);
    const { status, health } = await world.describe();
    assert.equal(status, 'DEGRADED');
    const { templateId } = world.record();
    assert.deepEqual(health?.issues, [
      {
        code: 'Ec2LaunchTemplateVersionMismatch',
        message: `The Amazon EC2 Launch Template : ${templateId} has a new version associated with your Autoscaling group, which is not managed by Amazon EKS. Expected Launch Template version: 1`,
        resourceIds: [templateId],
      },
    ]);
    assert.equal((await rejectionOf(world.startUpdate())).name, 'ResourceInUseException');
  });

  it('is well again some minutes after the group points at the version of EKS, which can then update it', async () => {
    const world = createEksWorld();
    await interfere(world);
    await world.clock.advance(6 * MINUTES);
    await pointAt(world, '1');
    await world.clock.advance(6 * MINUTES);
    const { status, health } = await world.describe();
    assert.deepEqual([status, health?.issues], ['ACTIVE', []]);
    assert.equal((await world.update()).status, 'Successful');
    await world.clock.advance(6 * MINUTES);
    assert.equal((await world.describe()).status, 'ACTIVE');
  });

  it('is not checked while EKS itself changes the template', async () => {
    const world = createEksWorld({ workloads: [{ kind: 'Deployment', name: 'web', replicas: 6 }] });
    await world.startUpdate();
    const seen = new Set<string | undefined>();
    await world.clock.runUntil(() => {
      seen.add(world.record().status);
      return world.record().updates.every(({ status }) => status !== 'InProgress');
    });
    await world.clock.advance(10 * MINUTES);
    assert.deepEqual([...seen], ['UPDATING', 'ACTIVE']);
    assert.equal((await world.describe()).status, 'ACTIVE');
  });

  it('is degraded while Auto Scaling cannot launch what is missing, and well after a launch that succeeds', async () => {
    const world = createEksWorld({
      group: { zones: ['eu-west-1a'] },
      scenario: { faults: [{ kind: 'insufficientCapacity', zone: 'eu-west-1a', untilSeconds: 20 * MINUTES }] },
    });
    const scaling = new SetDesiredCapacityCommand({ AutoScalingGroupName: 'shop-workers', DesiredCapacity: 4 });
    await new AutoScalingClient(world.config).send(scaling);
    await world.clock.advance(6 * MINUTES);
    const { status, health } = await world.describe();
    assert.deepEqual([status, health?.issues?.[0]?.code], ['DEGRADED', 'AsgInstanceLaunchFailures']);
    assert.match(health?.issues?.[0]?.message ?? '', /do not have sufficient m6i.xlarge capacity/);
    await world.clock.advance(35 * MINUTES);
    assert.equal((await world.describe()).status, 'ACTIVE');
  });
});
