import assert from 'node:assert/strict';
import { DescribeAutoScalingGroupsCommand } from '@aws-sdk/client-auto-scaling';
import { CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import {
  DescribeClusterCommand,
  DescribeNodegroupCommand,
  EKSClient,
  ListNodegroupsCommand,
} from '@aws-sdk/client-eks';
import { GetParameterCommand, paginateGetParametersByPath, SSMClient } from '@aws-sdk/client-ssm';
import { parametersOfImage } from '../../aws/ssm/state.ts';
import { identityOf } from '../../aws/sts/state.ts';
import { imageSchema } from '../../world/scenario/image.ts';
import { createTestRegion, groupOf, missingAmi, newAmi, oldAmi, rejectionOf } from './region-fixture.ts';

describe('a region', () => {
  it('announces the machines that exist, spread over the zones', () => {
    const { machines, machineEvents } = createTestRegion([groupOf({ labels: { team: 'a' }, nodeVersion: 'v1.33.1' })]);
    assert.deepEqual(
      machines.map(({ availabilityZone }) => availabilityZone.at(-1)),
      ['a', 'b', 'c', 'a', 'b', 'c'],
    );
    assert.ok(machineEvents.every(({ event }) => event === 'existed'));
    const [machine] = machines;
    assert.equal(machine?.kubeletVersion, 'v1.33.1');
    assert.deepEqual(machine?.labels, { team: 'a' });
    assert.equal(new Set(machines.map(({ privateDnsName }) => privateDnsName)).size, 6);
  });

  it('has some nodes renewed already, on a newer version than the group points at', async () => {
    const { autoScaling, machines } = createTestRegion([groupOf({ renewedNodes: 2, renewedAmiId: newAmi })]);
    const { AutoScalingGroups: groups } = await autoScaling.send(new DescribeAutoScalingGroupsCommand({}));
    assert.equal(groups?.[0]?.LaunchTemplate?.Version, '1');
    assert.deepEqual(
      groups?.[0]?.Instances?.map(({ LaunchTemplate }) => LaunchTemplate?.Version),
      ['1', '1', '1', '1', '2', '2'],
    );
    assert.deepEqual(machines.map(({ imageId }) => imageId).slice(3), [oldAmi, newAmi, newAmi]);
    assert.equal(machines.at(-1)?.kubeletVersion, 'v1.33.5');
  });

  it('is the same for the same seed, and another for another', () => {
    const ids = (seed: number) => createTestRegion([groupOf()], { seed }).machines.map(({ instanceId }) => instanceId);
    assert.deepEqual(ids(7), ids(7));
    assert.notDeepEqual(ids(7), ids(8));
  });

  it('holds 5,000 instances with ids and addresses of their own', () => {
    const { machines } = createTestRegion([groupOf({ desiredCapacity: 5000, maxSize: 6000 })]);
    assert.equal(new Set(machines.map(({ instanceId }) => instanceId)).size, 5000);
    assert.equal(new Set(machines.map(({ privateIpAddress }) => privateIpAddress)).size, 5000);
  });

  it('finds groups by tag, and leaves instances out when asked to', async () => {
    const { autoScaling } = createTestRegion([
      groupOf(),
      groupOf({ name: 'managed', managed: { nodegroupName: 'blue' } as never }),
    ]);
    const { AutoScalingGroups: found } = await autoScaling.send(
      new DescribeAutoScalingGroupsCommand({
        Filters: [{ Name: 'tag:eks:nodegroup-name', Values: ['blue'] }],
        IncludeInstances: false,
      }),
    );
    assert.deepEqual(
      found?.map(({ AutoScalingGroupName, Instances }) => [AutoScalingGroupName, Instances?.length]),
      [['managed', 0]],
    );
  });

  it('gives groups over pages', async () => {
    const { autoScaling } = createTestRegion(['a', 'b', 'c'].map((name) => groupOf({ name })));
    const first = await autoScaling.send(new DescribeAutoScalingGroupsCommand({ MaxRecords: 2 }));
    const second = await autoScaling.send(
      new DescribeAutoScalingGroupsCommand({ MaxRecords: 2, NextToken: first.NextToken }),
    );
    assert.deepEqual(
      [...(first.AutoScalingGroups ?? []), ...(second.AutoScalingGroups ?? [])].map(
        ({ AutoScalingGroupName }) => AutoScalingGroupName,
      ),
      ['a', 'b', 'c'],
    );
  });

  const contradictions: [string, () => unknown, RegExp][] = [
    [
      'an AMI that is not among the images',
      () => createTestRegion([groupOf({ amiId: missingAmi })]),
      /group workers: images has no ami-0eeee/,
    ],
    [
      'an instance type that does not exist',
      () => createTestRegion([groupOf({ instanceType: 'm6x.large' })]),
      /group workers: there is no instance type m6x\.large/,
    ],
    [
      'a process that does not exist',
      () => createTestRegion([groupOf({ suspendedProcesses: ['Lunch'] })]),
      /there is no scaling process Lunch/,
    ],
    [
      'renewed nodes without an AMI',
      () => createTestRegion([groupOf({ renewedNodes: 1 })]),
      /renewedNodes needs renewedAmiId/,
    ],
    ['two groups of one name', () => createTestRegion([groupOf(), groupOf()]), /two groups named workers/],
    [
      'groups that share a template version with different AMIs',
      () =>
        createTestRegion([
          groupOf({ launchTemplateName: 'shared' }),
          groupOf({ name: 'other', launchTemplateName: 'shared', amiId: newAmi }),
        ]),
      /group other: version 1 of launch template shared has ami-0aaa\w+, not ami-0bbb/,
    ],
    [
      'a fault on a group that does not exist',
      () => createTestRegion([groupOf()], { faults: [{ kind: 'spotInterruption', group: 'x', atSeconds: 1 }] }),
      /fault spotInterruption: there is no group x/,
    ],
  ];
  for (const [title, create, message] of contradictions)
    it(`refuses a scenario with ${title}`, () => assert.throws(create, message));
});

describe('EKS', () => {
  const managed = groupOf({
    managed: {
      nodegroupName: 'blue',
      maxUnavailablePercentage: 20,
      healthIssues: [{ code: 'AccessDenied', message: 'no' }],
    },
    labels: { team: 'a' },
    taints: [{ key: 'k', value: 'v', effect: 'PreferNoSchedule' }],
  });

  it('describes a cluster with the endpoint of its API server', async () => {
    const eks = new EKSClient(createTestRegion().config);
    const { cluster } = await eks.send(new DescribeClusterCommand({ name: 'prod' }));
    assert.equal(cluster?.endpoint, 'https://prod.invalid');
    assert.equal(cluster?.certificateAuthority?.data, 'Y2E=');
    assert.equal(cluster?.version, '1.33');
    assert.equal(cluster?.status, 'ACTIVE');
    assert.equal(cluster?.accessConfig?.authenticationMode, 'API');
  });

  it('describes a managed node group with the live sizes of its Auto Scaling group', async () => {
    const world = createTestRegion([managed]);
    const eks = new EKSClient(world.config);
    world.group().desiredCapacity = 7;
    const { nodegroup } = await eks.send(new DescribeNodegroupCommand({ clusterName: 'prod', nodegroupName: 'blue' }));
    assert.deepEqual(nodegroup?.scalingConfig, { minSize: 3, maxSize: 12, desiredSize: 7 });
    assert.deepEqual(nodegroup?.updateConfig, { maxUnavailablePercentage: 20, updateStrategy: 'DEFAULT' });
    assert.deepEqual(nodegroup?.taints, [{ key: 'k', value: 'v', effect: 'PREFER_NO_SCHEDULE' }]);
    assert.deepEqual(nodegroup?.resources?.autoScalingGroups, [{ name: 'workers' }]);
    assert.equal(nodegroup?.releaseVersion, '1.33.4-20251201');
    assert.equal(nodegroup?.health?.issues?.[0]?.code, 'AccessDenied');
    const { nodegroups } = await eks.send(new ListNodegroupsCommand({ clusterName: 'prod' }));
    assert.deepEqual(nodegroups, ['blue']);
  });

  it("labels a managed group's machines as EKS does", () => {
    const { machines } = createTestRegion([managed]);
    assert.equal(machines[0]?.labels['eks.amazonaws.com/nodegroup'], 'blue');
    assert.equal(machines[0]?.labels['eks.amazonaws.com/nodegroup-image'], oldAmi);
    assert.ok(!('eks.amazonaws.com/sourceLaunchTemplateVersion' in (machines[0]?.labels ?? {})));
  });

  it("copies the launch template of a group's owner, and labels machines with the owner's version", async () => {
    const { machines, region, config } = createTestRegion([{ ...managed, launchTemplateName: 'platform' }]);
    const { nodegroup } = await new EKSClient(config).send(
      new DescribeNodegroupCommand({ clusterName: 'prod', nodegroupName: 'blue' }),
    );
    assert.equal(nodegroup?.launchTemplate?.name, 'platform');
    assert.equal(machines[0]?.labels['eks.amazonaws.com/sourceLaunchTemplateId'], nodegroup?.launchTemplate?.id);
    assert.equal(machines[0]?.labels['eks.amazonaws.com/sourceLaunchTemplateVersion'], '1');
    const { source } = region.state.autoScaling.groups.get('workers') ?? {};
    assert.match(source?.kind === 'launch-template' ? source.template.templateName : '', /^eks-[0-9a-f-]{36}$/);
  });

  const missing: [string, { clusterName: string; nodegroupName: string }, string][] = [
    ['cluster', { clusterName: 'x', nodegroupName: 'blue' }, 'No cluster found for name: x.'],
    ['node group', { clusterName: 'prod', nodegroupName: 'x' }, 'No node group found for name: x.'],
  ];
  for (const [title, input, message] of missing)
    it(`says when a ${title} does not exist`, async () => {
      const eks = new EKSClient(createTestRegion([managed]).config);
      const refusal = await rejectionOf(eks.send(new DescribeNodegroupCommand(input)));
      assert.deepEqual(refusal, { name: 'ResourceNotFoundException', message });
    });
});

describe('SSM parameters', () => {
  const eks = '/aws/service/eks/optimized-ami/1.33';
  const rocket = '/aws/service/bottlerocket';
  const windows = '/aws/service/ami-windows-latest/Windows_Server-2022-English';
  const paths: [string, string, string, string?][] = [
    [
      'AL2_x86_64',
      '1.33.5-20260101',
      `${eks}/amazon-linux-2/recommended`,
      `${eks}/amazon-linux-2/amazon-eks-node-1.33-v20260101`,
    ],
    [
      'AL2_x86_64_GPU',
      '1.33.5-20260101',
      `${eks}/amazon-linux-2-gpu/recommended`,
      `${eks}/amazon-linux-2-gpu/amazon-eks-gpu-node-1.33-v20260101`,
    ],
    [
      'AL2_ARM_64',
      '1.33.5-20260101',
      `${eks}/amazon-linux-2-arm64/recommended`,
      `${eks}/amazon-linux-2-arm64/amazon-eks-arm64-node-1.33-v20260101`,
    ],
    [
      'AL2023_x86_64_STANDARD',
      '1.33.5-20260101',
      `${eks}/amazon-linux-2023/x86_64/standard/recommended`,
      `${eks}/amazon-linux-2023/x86_64/standard/amazon-eks-node-al2023-x86_64-standard-1.33-v20260101`,
    ],
    ['AL2023_ARM_64_STANDARD', '1.33.5-20260101', `${eks}/amazon-linux-2023/arm64/standard/recommended`],
    ['AL2023_x86_64_NVIDIA', '1.33.5-20260101', `${eks}/amazon-linux-2023/x86_64/nvidia/recommended`],
    ['AL2023_ARM_64_NVIDIA', '1.33.5-20260101', `${eks}/amazon-linux-2023/arm64/nvidia/recommended`],
    ['AL2023_x86_64_NEURON', '1.33.5-20260101', `${eks}/amazon-linux-2023/x86_64/neuron/recommended`],
    [
      'BOTTLEROCKET_x86_64',
      '1.50.0-abcdef12',
      `${rocket}/aws-k8s-1.33/x86_64/latest`,
      `${rocket}/aws-k8s-1.33/x86_64/1.50.0-abcdef12`,
    ],
    ['BOTTLEROCKET_ARM_64', '1.50.0-abcdef12', `${rocket}/aws-k8s-1.33/arm64/latest`],
    ['BOTTLEROCKET_x86_64_FIPS', '1.50.0-abcdef12', `${rocket}/aws-k8s-1.33-fips/x86_64/latest`],
    ['BOTTLEROCKET_ARM_64_NVIDIA', '1.50.0-abcdef12', `${rocket}/aws-k8s-1.33-nvidia/arm64/latest`],
    ['WINDOWS_CORE_2022_x86_64', '1.33-2026.01.01', `${windows}-Core-EKS_Optimized-1.33`],
    ['WINDOWS_FULL_2022_x86_64', '1.33-2026.01.01', `${windows}-Full-EKS_Optimized-1.33`],
  ];
  for (const [amiType, releaseVersion, directory, pinned] of paths)
    it(`of ${amiType} are at their published paths`, () => {
      const image = imageSchema.parse({ id: newAmi, name: 'n', amiType, releaseVersion, isRecommended: true });
      const parameters = new Map(parametersOfImage(image));
      assert.equal(parameters.get(`${directory}/image_id`), newAmi);
      if (pinned !== undefined) assert.equal(parameters.get(`${pinned}/image_id`), newAmi);
      if (amiType.startsWith('WINDOWS'))
        assert.equal(JSON.parse(parameters.get(directory) ?? '{}').release_version, releaseVersion);
      else if (amiType.startsWith('BOTTLEROCKET'))
        assert.equal(parameters.get(`${directory}/image_version`), releaseVersion);
      else assert.equal(parameters.get(`${directory}/release_version`), releaseVersion);
    });

  it('of a type without a published path do not exist', () => {
    const image = imageSchema.parse({
      id: newAmi,
      name: 'n',
      amiType: 'BOTTLEROCKET_x86_64_NVIDIA_FIPS',
      isRecommended: true,
    });
    assert.deepEqual(parametersOfImage(image), []);
  });

  it('are found by path, ten a page at most', async () => {
    const parameters = Object.fromEntries(
      Array.from({ length: 25 }, (_, index) => [`/team/${index}/value`, String(index)]),
    );
    const ssm = new SSMClient(createTestRegion([groupOf()], { parameters }).config);
    const names: (string | undefined)[] = [];
    let pages = 0;
    for await (const page of paginateGetParametersByPath({ client: ssm }, { Path: '/team', Recursive: true })) {
      pages += 1;
      names.push(...(page.Parameters ?? []).map(({ Name }) => Name));
    }
    assert.equal(pages, 3);
    assert.equal(new Set(names).size, 25);
  });

  it('say when they do not exist', async () => {
    const ssm = new SSMClient(createTestRegion().config);
    assert.equal((await rejectionOf(ssm.send(new GetParameterCommand({ Name: '/absent' })))).name, 'ParameterNotFound');
  });
});

describe('CloudWatch alarms', () => {
  it('change when the scenario says so', async () => {
    const { config, clock } = createTestRegion([groupOf()], {
      alarms: [
        {
          name: 'errors',
          changes: [
            { atSeconds: 60, state: 'ALARM' },
            { atSeconds: 120, state: 'OK' },
          ],
        },
        { name: 'latency' },
      ],
    });
    const cloudWatch = new CloudWatchClient(config);
    const inAlarm = async () =>
      (await cloudWatch.send(new DescribeAlarmsCommand({ StateValue: 'ALARM' }))).MetricAlarms?.map(
        ({ AlarmName, StateUpdatedTimestamp }) => [AlarmName, StateUpdatedTimestamp?.toISOString()],
      );
    assert.deepEqual(await inAlarm(), []);
    await clock.advance(60);
    assert.deepEqual(await inAlarm(), [['errors', '2026-01-04T03:01:00.000Z']]);
    await clock.advance(60);
    assert.deepEqual(await inAlarm(), []);
    const named = await cloudWatch.send(new DescribeAlarmsCommand({ AlarmNames: ['latency', 'absent'] }));
    assert.deepEqual(
      named.MetricAlarms?.map(({ AlarmName }) => AlarmName),
      ['latency'],
    );
  });
});

describe('callers', () => {
  const identities: [string, string][] = [
    ['AKIAALICE', 'arn:aws:iam::111122223333:user/alice'],
    ['ASIAWORKFLOW', 'arn:aws:sts::111122223333:assumed-role/eks-nodegroup-upgrade/workflow'],
    ['test', 'arn:aws:iam::111122223333:user/sandbox'],
  ];
  for (const [caller, arn] of identities)
    it(`with the access key ${caller} are ${arn}`, () =>
      assert.equal(identityOf({ caller, accountId: '111122223333' }).arn, arn));
});
