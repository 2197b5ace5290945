import assert from 'node:assert/strict';
import {
  DescribeAutoScalingGroupsCommand,
  SetDesiredCapacityCommand,
  TerminateInstanceInAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling';
import { DescribeSubnetsCommand } from '@aws-sdk/client-ec2';
import { EKSClient, ListClustersCommand, type EKSServiceException as ServiceException } from '@aws-sdk/client-eks';
import { isConnectionLost } from '../../aws/aws-error.ts';
import type { Fault } from '../../world/scenario.ts';
import { createTestRegion, groupOf, rejectionOf } from './region-fixture.ts';

const withFaults = (...faults: Fault[]) => createTestRegion([groupOf()], { faults });

describe('faults', () => {
  it('throttle every n-th request of an action, and no other action', async () => {
    const { ec2, autoScaling } = withFaults({ kind: 'throttle', action: 'DescribeSubnets', everyNth: 3 });
    const outcomes: string[] = [];
    for (let call = 1; call <= 6; call += 1)
      outcomes.push(
        await ec2.send(new DescribeSubnetsCommand({})).then(
          () => 'ok',
          (thrown: Error) => thrown.name,
        ),
      );
    assert.deepEqual(outcomes, ['ok', 'ok', 'RequestLimitExceeded', 'ok', 'ok', 'RequestLimitExceeded']);
    await autoScaling.send(new DescribeAutoScalingGroupsCommand({}));
  });

  it("throttle in each service's own words", async () => {
    const { autoScaling, config } = withFaults(
      { kind: 'throttle', action: 'autoscaling:DescribeAutoScalingGroups', everyNth: 2 },
      { kind: 'throttle', action: 'ListClusters', everyNth: 2 },
    );
    const eks = new EKSClient(config);
    await autoScaling.send(new DescribeAutoScalingGroupsCommand({}));
    await eks.send(new ListClustersCommand({}));
    const throttled = await rejectionOf(autoScaling.send(new DescribeAutoScalingGroupsCommand({})));
    assert.deepEqual(throttled, { name: 'Throttling', message: 'Rate exceeded' });
    await assert.rejects(eks.send(new ListClustersCommand({})), (thrown: ServiceException) => {
      assert.equal(thrown.name, 'ThrottlingException');
      assert.equal(thrown.$metadata.httpStatusCode, 429);
      return true;
    });
  });

  it('fail so many times, from an instant on, without effect', async () => {
    const world = withFaults({
      kind: 'fail',
      action: 'TerminateInstanceInAutoScalingGroup',
      error: 'ScalingActivityInProgress',
      times: 2,
      fromSeconds: 60,
    });
    const terminate = (index: number) =>
      world.autoScaling.send(
        new TerminateInstanceInAutoScalingGroupCommand({
          InstanceId: world.membersOf()[index]?.instance.instanceId,
          ShouldDecrementDesiredCapacity: false,
        }),
      );
    await terminate(0);
    await world.clock.advance(60);
    assert.equal((await rejectionOf(terminate(1))).name, 'ScalingActivityInProgressFault');
    assert.equal((await rejectionOf(terminate(1))).name, 'ScalingActivityInProgressFault');
    assert.equal(world.inService().length, 6);
    await terminate(1);
  });

  it('lose a response after the request has taken effect', async () => {
    const world = withFaults({ kind: 'lostResponse', action: 'SetDesiredCapacity', times: 1 });
    const command = new SetDesiredCapacityCommand({ AutoScalingGroupName: 'workers', DesiredCapacity: 8 });
    await assert.rejects(world.autoScaling.send(command), isConnectionLost);
    assert.equal(world.group().desiredCapacity, 8);
    await world.autoScaling.send(command);
  });
});
