import assert from 'node:assert/strict';
import {
  AutoScalingClient,
  DescribeAutoScalingGroupsCommand,
  SetDesiredCapacityCommand,
} from '@aws-sdk/client-auto-scaling';
import { EKSClient, ListClustersCommand } from '@aws-sdk/client-eks';
import { OPERATOR_CREDENTIALS } from '../../credentials.ts';
import { sdkRequestHandler } from '../../server/in-process.ts';
import { serveHttp } from '../../server/serve.ts';
import { faultSchema } from '../../world/scenario/fault.ts';
import type { Fault, ScenarioInput } from '../../world/scenario.ts';
import { createTestRegion, groupOf } from './region-fixture.ts';

type OddAnswer = Extract<NonNullable<ScenarioInput['faults']>[number], { kind: 'oddAnswer' }>;

const FORMS = ['truncated', 'brokenOff', 'html', 'otherKind', 'empty'] as const;

function withOddAnswer(odd: OddAnswer) {
  const world = createTestRegion([groupOf()], { faults: [faultSchema.parse(odd) as Fault] });
  const config = {
    region: 'eu-west-1',
    endpoint: 'http://sandbox.invalid',
    maxAttempts: 1,
    credentials: OPERATOR_CREDENTIALS,
    requestHandler: sdkRequestHandler(world.handle),
  };
  return { ...world, autoScaling: new AutoScalingClient(config), eks: new EKSClient(config) };
}

describe('one odd answer of AWS', () => {
  for (const form of FORMS) {
    it(`${form}: is not what an SDK client can take for the groups of a region`, async () => {
      const { autoScaling } = withOddAnswer({ kind: 'oddAnswer', action: 'DescribeAutoScalingGroups', form });
      const describe = () =>
        autoScaling.send(new DescribeAutoScalingGroupsCommand({})).then(
          ({ AutoScalingGroups = [] }) => AutoScalingGroups.length,
          () => 0,
        );
      assert.deepEqual([await describe(), await describe()], [0, 1]);
    });

    it(`${form}: is not what an SDK client can take for a list of clusters`, async () => {
      const { eks } = withOddAnswer({ kind: 'oddAnswer', action: 'eks:ListClusters', form });
      const list = () =>
        eks.send(new ListClustersCommand({})).then(
          ({ clusters = [] }) => clusters.length,
          () => 0,
        );
      assert.deepEqual([await list(), await list()], [0, 1]);
    });
  }

  it('comes after the request has taken effect, unless something before the service answers', async () => {
    for (const isCarriedOut of [true, false]) {
      const world = withOddAnswer({ kind: 'oddAnswer', action: 'SetDesiredCapacity', form: 'html', isCarriedOut });
      const command = new SetDesiredCapacityCommand({ AutoScalingGroupName: 'workers', DesiredCapacity: 8 });
      await world.autoScaling.send(command).catch(() => undefined);
      assert.equal(world.group().desiredCapacity, isCarriedOut ? 8 : 6);
    }
  });

  it('breaks off over a socket, with the length of the whole', async () => {
    const odd: OddAnswer = { kind: 'oddAnswer', action: 'ListClusters', form: 'brokenOff' };
    const { handle } = withOddAnswer(odd);
    const { port, close } = await serveHttp(handle);
    try {
      const headers = {
        authorization:
          'AWS4-HMAC-SHA256 Credential=AKIATESTER/20260104/eu-west-1/eks/aws4_request, SignedHeaders=host, Signature=0',
      };
      const list = async () => (await fetch(`http://127.0.0.1:${port}/clusters`, { headers })).text();
      await assert.rejects(list());
      assert.match(await list(), /"prod"/);
    } finally {
      await close();
    }
  });
});
