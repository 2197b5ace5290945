import assert from 'node:assert/strict';
import { DescribeAutoScalingGroupsCommand, DescribeTagsCommand } from '@aws-sdk/client-auto-scaling';
import { DescribeInstancesCommand, DescribeSubnetsCommand } from '@aws-sdk/client-ec2';
import { EKSClient, type EKSServiceException, ListClustersCommand } from '@aws-sdk/client-eks';
import { faultSchema } from '../../world/scenario/fault.ts';
import type { Fault, ScenarioInput } from '../../world/scenario.ts';
import { createTestRegion, groupOf } from './region-fixture.ts';

type RateLimit = Extract<NonNullable<ScenarioInput['faults']>[number], { kind: 'rateLimit' }>;

const withLimits = (...limits: RateLimit[]) =>
  createTestRegion([groupOf()], { faults: limits.map((limit): Fault => faultSchema.parse(limit)) });

/** How each of so many calls ends. */
async function outcomes(count: number, call: () => Promise<unknown>): Promise<string[]> {
  const ends: string[] = [];
  for (let index = 0; index < count; index += 1)
    ends.push(
      await call().then(
        () => 'ok',
        (thrown: Error) => thrown.name,
      ),
    );
  return ends;
}

describe('a token bucket', () => {
  it('lets a burst through, and then so many calls a second', async () => {
    const { autoScaling, clock } = withLimits({ kind: 'rateLimit', service: 'autoscaling', perSecond: 2, burst: 3 });
    const describe = () => autoScaling.send(new DescribeAutoScalingGroupsCommand({}));
    assert.deepEqual(await outcomes(5, describe), ['ok', 'ok', 'ok', 'Throttling', 'Throttling']);
    await clock.advance(0.4);
    assert.deepEqual(await outcomes(1, describe), ['Throttling']);
    await clock.advance(0.6);
    assert.deepEqual(await outcomes(3, describe), ['ok', 'ok', 'Throttling']);
    await clock.advance(3600);
    assert.deepEqual(await outcomes(4, describe), ['ok', 'ok', 'ok', 'Throttling']);
  });

  it('is shared by all calls of a service, and by no other service', async () => {
    const { autoScaling, ec2 } = withLimits({ kind: 'rateLimit', service: 'autoscaling', perSecond: 1, burst: 2 });
    await autoScaling.send(new DescribeAutoScalingGroupsCommand({}));
    await autoScaling.send(new DescribeTagsCommand({}));
    const throttled = await outcomes(1, () => autoScaling.send(new DescribeAutoScalingGroupsCommand({})));
    assert.deepEqual(throttled, ['Throttling']);
    await ec2.send(new DescribeInstancesCommand({}));
  });

  it('can be one of many, each for some actions', async () => {
    const { ec2 } = withLimits(
      { kind: 'rateLimit', service: 'ec2', actions: ['DescribeInstances'], perSecond: 1, burst: 1 },
      { kind: 'rateLimit', service: 'ec2', perSecond: 1, burst: 3 },
    );
    const instances = () => ec2.send(new DescribeInstancesCommand({}));
    const subnets = () => ec2.send(new DescribeSubnetsCommand({}));
    assert.deepEqual(await outcomes(2, instances), ['ok', 'RequestLimitExceeded']);
    // What was throttled has taken no token of the other bucket.
    assert.deepEqual(await outcomes(3, subnets), ['ok', 'ok', 'RequestLimitExceeded']);
  });

  it("throttles in the service's own words", async () => {
    const { config } = withLimits({ kind: 'rateLimit', service: 'eks', perSecond: 1, burst: 1 });
    const eks = new EKSClient(config);
    await eks.send(new ListClustersCommand({}));
    await assert.rejects(eks.send(new ListClustersCommand({})), (thrown: EKSServiceException) => {
      assert.deepEqual([thrown.name, thrown.$metadata.httpStatusCode], ['ThrottlingException', 429]);
      return true;
    });
  });

  it('lasts for its spell', async () => {
    const { autoScaling, clock } = withLimits({
      kind: 'rateLimit',
      service: 'autoscaling',
      perSecond: 0.001,
      burst: 1,
      fromSeconds: 10,
      untilSeconds: 20,
    });
    const describe = () => autoScaling.send(new DescribeAutoScalingGroupsCommand({}));
    assert.deepEqual(await outcomes(2, describe), ['ok', 'ok']);
    await clock.advance(10);
    assert.deepEqual(await outcomes(2, describe), ['ok', 'Throttling']);
    await clock.advance(10);
    assert.deepEqual(await outcomes(2, describe), ['ok', 'ok']);
  });
});
