import assert from 'node:assert/strict';
import { CreateLaunchTemplateCommand, EC2Client } from '@aws-sdk/client-ec2';
import {
  CreateNodegroupCommand,
  type CreateNodegroupRequest,
  DeleteNodegroupCommand,
  DescribeNodegroupCommand,
  ListNodegroupsCommand,
  UpdateNodegroupConfigCommand,
  type UpdateNodegroupConfigRequest,
  UpdateNodegroupVersionCommand,
} from '@aws-sdk/client-eks';
import { rejectionOf } from '../region-fixture.ts';
import { createEksWorld, NEW_AMI, NEW_RELEASE, NEXT_MINOR_RELEASE, OLD_RELEASE, type WorldInput } from './eks-world.ts';

type World = ReturnType<typeof createEksWorld>;

const NODE_ROLE = 'arn:aws:iam::111122223333:role/shop-node';
const web = { kind: 'Deployment', name: 'web', replicas: 6 } as const;

/** Ask for a second group, `batch`, in every zone. */
const create = async (world: World, more: Partial<CreateNodegroupRequest> = {}) => {
  const subnets = world.sandbox.region.state.network.subnets.map(({ subnetId }) => subnetId);
  const request = { clusterName: 'shop', nodegroupName: 'batch', nodeRole: NODE_ROLE, subnets, ...more };
  const { nodegroup } = await world.eks.send(new CreateNodegroupCommand(request));
  if (nodegroup === undefined) throw new Error('no node group was created');
  return nodegroup;
};

const batch = { clusterName: 'shop', nodegroupName: 'batch' };
const describeBatch = async (world: World) => {
  const { nodegroup } = await world.eks.send(new DescribeNodegroupCommand(batch));
  if (nodegroup === undefined) throw new Error('no node group was described');
  return nodegroup;
};
const statusOf = (world: World) => world.sandbox.region.state.nodegroups.find('shop', 'batch')?.status;
const nodesOf = (world: World, name: string) =>
  world.nodes().filter(({ metadata }) => metadata.labels?.['eks.amazonaws.com/nodegroup'] === name);
const createTemplate = (world: World, LaunchTemplateData: object) =>
  new EC2Client(world.config).send(
    new CreateLaunchTemplateCommand({ LaunchTemplateName: 'batch-template', LaunchTemplateData }),
  );

describe('a managed node group that is created', () => {
  it('launches nodes with its labels and taints, and is ACTIVE when they are Ready', async () => {
    const world = createEksWorld();
    const created = await create(world, {
      scalingConfig: { minSize: 0, desiredSize: 3, maxSize: 4 },
      instanceTypes: ['m6i.large'],
      labels: { tier: 'batch' },
      taints: [{ key: 'dedicated', value: 'batch', effect: 'NO_SCHEDULE' }],
      tags: { team: 'data' },
    });
    assert.equal(created.status, 'CREATING');
    assert.match(created.resources?.autoScalingGroups?.[0]?.name ?? '', /^eks-batch-[0-9a-f-]{36}$/);
    await world.clock.runUntil(() => statusOf(world) !== 'CREATING');
    const nodegroup = await describeBatch(world);
    assert.deepEqual([nodegroup.status, nodegroup.health?.issues], ['ACTIVE', []]);
    assert.deepEqual(nodegroup.scalingConfig, { minSize: 0, desiredSize: 3, maxSize: 4 });
    assert.deepEqual([nodegroup.version, nodegroup.releaseVersion], ['1.33', NEW_RELEASE]);
    assert.deepEqual([nodegroup.amiType, nodegroup.diskSize], ['AL2023_x86_64_STANDARD', 20]);
    const nodes = nodesOf(world, 'batch');
    assert.equal(nodes.length, 3);
    for (const { metadata, spec, status } of nodes) {
      assert.equal(metadata.labels?.tier, 'batch');
      assert.equal(metadata.labels?.['eks.amazonaws.com/nodegroup-image'], NEW_AMI);
      assert.deepEqual(spec?.taints, [{ key: 'dedicated', value: 'batch', effect: 'NoSchedule' }]);
      assert.equal(status?.capacity?.cpu, '2');
    }
    const listed = await world.eks.send(new ListNodegroupsCommand({ clusterName: 'shop' }));
    assert.deepEqual(listed.nodegroups, ['batch', 'workers']);
  });

  it('has the sizes and the instance type that EKS gives, when its request names none', async () => {
    const world = createEksWorld();
    const { scalingConfig, instanceTypes, updateConfig } = await create(world);
    assert.deepEqual(scalingConfig, { minSize: 1, maxSize: 2, desiredSize: 2 });
    assert.deepEqual(instanceTypes, ['t3.medium']);
    assert.deepEqual(updateConfig, { maxUnavailable: 1, updateStrategy: 'DEFAULT' });
  });

  it('can be updated like any other', async () => {
    const world = createEksWorld();
    await create(world, { releaseVersion: OLD_RELEASE });
    await world.clock.runUntil(() => statusOf(world) === 'ACTIVE');
    assert.equal((await describeBatch(world)).releaseVersion, OLD_RELEASE);
    await world.eks.send(new UpdateNodegroupVersionCommand(batch));
    await world.clock.runUntil(() => statusOf(world) === 'ACTIVE');
    assert.equal((await describeBatch(world)).releaseVersion, NEW_RELEASE);
    await world.clock.advance(120);
    assert.deepEqual(
      nodesOf(world, 'batch').map(({ metadata }) => metadata.labels?.['eks.amazonaws.com/nodegroup-image']),
      [NEW_AMI, NEW_AMI],
    );
  });

  it('takes AMI, disk and instance type from its owner’s template', async () => {
    const world = createEksWorld();
    await createTemplate(world, { ImageId: NEW_AMI, InstanceType: 'm5.large' });
    const created = await create(world, { launchTemplate: { name: 'batch-template', version: '1' } });
    assert.deepEqual(
      [created.amiType, created.releaseVersion, created.instanceTypes, created.launchTemplate?.version],
      ['CUSTOM', NEW_AMI, ['m5.large'], '1'],
    );
    await world.clock.runUntil(() => statusOf(world) === 'ACTIVE');
    const [node] = nodesOf(world, 'batch');
    assert.equal(node?.metadata.labels?.['eks.amazonaws.com/sourceLaunchTemplateVersion'], '1');
  });

  it('is the same for the same token', async () => {
    const world = createEksWorld();
    const first = await create(world, { clientRequestToken: 'once' });
    assert.equal((await create(world, { clientRequestToken: 'once' })).nodegroupArn, first.nodegroupArn);
    const other = create(world, { clientRequestToken: 'once', diskSize: 50 });
    assert.equal((await rejectionOf(other)).name, 'InvalidParameterException');
  });

  const failures: [string, WorldInput, string[], RegExp][] = [
    [
      'nodes never join',
      { newImage: { boots: 'never-joins' } },
      ['NodeCreationFailure'],
      /Instances failed to join the kubernetes cluster/,
    ],
    [
      'instances cannot be launched',
      { newImage: { boots: 'launch-fails' } },
      ['AsgInstanceLaunchFailures', 'NodeCreationFailure'],
      /Client error on launch/,
    ],
    [
      'EKS has no rights in the cluster',
      { cluster: { hasNodeManagerRole: false } },
      ['AccessDenied'],
      /cannot list resource "nodes"/,
    ],
  ];
  for (const [title, input, codes, message] of failures)
    it(`fails when ${title}`, async () => {
      const world = createEksWorld(input);
      await create(world);
      await world.clock.runUntil(() => statusOf(world) !== 'CREATING');
      const { status, health } = await describeBatch(world);
      assert.equal(status, 'CREATE_FAILED');
      assert.deepEqual(
        health?.issues?.map(({ code }) => code),
        codes,
      );
      assert.match(health?.issues?.[0]?.message ?? '', message);
    });

  const refusals: [string, WorldInput, Partial<CreateNodegroupRequest>, string, string | RegExp][] = [
    [
      'the name of a group that there is',
      {},
      { nodegroupName: 'workers' },
      'ResourceInUseException',
      'NodeGroup already exists with name workers and cluster name shop',
    ],
    [
      'a cluster that is not ACTIVE',
      { cluster: { status: 'CREATING' } },
      {},
      'InvalidRequestException',
      "Cluster 'shop' is not in ACTIVE status",
    ],
    [
      'a minimum above the desired size',
      {},
      { scalingConfig: { minSize: 3, desiredSize: 2, maxSize: 4 } },
      'InvalidParameterException',
      "minSize can't be greater than desiredSize",
    ],
    [
      'a desired size above the maximum',
      {},
      { scalingConfig: { minSize: 1, desiredSize: 5, maxSize: 4 } },
      'InvalidParameterException',
      "desiredSize can't be greater than maxSize",
    ],
    [
      'more unavailable nodes than there may be',
      {},
      { updateConfig: { maxUnavailable: 3 } },
      'InvalidParameterException',
      'max-unavailable must be within the range 1 and max size of the node group',
    ],
    [
      'an instance type that does not exist',
      {},
      { instanceTypes: ['m5.large', 'm4.tiny'] },
      'InvalidParameterException',
      'The following supplied instance types do not exist: [m4.tiny]',
    ],
    [
      'a taint in the words of Kubernetes',
      {},
      { taints: [{ key: 'a', effect: 'NoSchedule' as never }] },
      'InvalidParameterException',
      'Invalid taint effect: NoSchedule, must be one of these [NO_SCHEDULE, NO_EXECUTE, PREFER_NO_SCHEDULE]',
    ],
    [
      'a version other than the cluster’s',
      {},
      { version: '1.34' },
      'InvalidParameterException',
      'Nodegroup Kubernetes version should be equal to Cluster kubernetes version 1.33',
    ],
    [
      'a release of another version',
      {},
      { releaseVersion: NEXT_MINOR_RELEASE },
      'InvalidParameterException',
      `Requested release version ${NEXT_MINOR_RELEASE} is not valid for kubernetes version 1.33.`,
    ],
    [
      'a subnet that does not exist',
      {},
      { subnets: ['subnet-0'] },
      'InvalidParameterException',
      "The subnet ID 'subnet-0' does not exist",
    ],
    [
      'a launch template that does not exist',
      {},
      { launchTemplate: { name: 'nothing' } },
      'InvalidParameterException',
      'The specified launch template, with template name nothing, does not exist.',
    ],
    ['no role', {}, { nodeRole: undefined as never }, 'InvalidParameterException', /'nodeRole' failed to satisfy/],
  ];
  for (const [title, input, request, name, message] of refusals)
    it(`is refused for ${title}`, async () => {
      const rejection = await rejectionOf(create(createEksWorld(input), request));
      assert.equal(rejection.name, name);
      if (typeof message === 'string') assert.equal(rejection.message, message);
      else assert.match(rejection.message, message);
    });

  const templateRefusals: [string, object, Partial<CreateNodegroupRequest>, string, string][] = [
    [
      'a disk besides that of its template',
      {},
      { diskSize: 50 },
      'InvalidParameterException',
      'Disk size must be specified within the launch template.',
    ],
    [
      'instance types besides that of its template',
      { InstanceType: 'm5.large' },
      { instanceTypes: ['m5.large'] },
      'InvalidRequestException',
      'Cannot specify instance types in launch template and API request',
    ],
    [
      'a version besides the AMI of its template',
      { ImageId: NEW_AMI },
      { version: '1.33' },
      'InvalidParameterException',
      'You cannot specify a kubernetes version to use when specifying an image id to use within the launch template.',
    ],
  ];
  for (const [title, data, request, name, message] of templateRefusals)
    it(`is refused for ${title}`, async () => {
      const world = createEksWorld();
      await createTemplate(world, { KeyName: 'k', ...data });
      const created = create(world, { launchTemplate: { name: 'batch-template' }, ...request });
      assert.deepEqual(await rejectionOf(created), { name, message });
    });
});

describe('a managed node group that is deleted', () => {
  it('is drained, and gone with its Auto Scaling group, its template and its nodes', async () => {
    const world = createEksWorld({ workloads: [web] });
    const { nodegroup } = await world.eks.send(new DeleteNodegroupCommand(world.names));
    assert.equal(nodegroup?.status, 'DELETING');
    assert.equal((await world.describe()).status, 'DELETING');
    const { state } = world.sandbox.region;
    await world.clock.runUntil(() => state.nodegroups.find('shop', 'workers') === undefined);
    assert.equal((await rejectionOf(world.describe())).name, 'ResourceNotFoundException');
    assert.equal(state.autoScaling.groups.size, 0);
    assert.deepEqual(state.launchTemplates.all(), []);
    await world.clock.advance(120);
    assert.deepEqual(world.nodes(), []);
    assert.ok(world.asked().filter(({ action }) => action.endsWith('/eviction')).length >= 6);
  });

  it('goes also when a budget holds its pods, after five minutes', async () => {
    const world = createEksWorld({ workloads: [{ ...web, budget: { minAvailable: '100%' } }] });
    await world.eks.send(new DeleteNodegroupCommand(world.names));
    const { nodegroups } = world.sandbox.region.state;
    await world.clock.runUntil(() => nodegroups.find('shop', 'workers') === undefined);
    assert.ok(world.secondsSinceStart() > 300 && world.secondsSinceStart() < 400);
  });

  it('is refused while the group is being updated', async () => {
    const world = createEksWorld();
    await world.startUpdate();
    const { name } = await rejectionOf(world.eks.send(new DeleteNodegroupCommand(world.names)));
    assert.equal(name, 'ResourceInUseException');
  });

  it('may have failed to be created', async () => {
    const world = createEksWorld({ managed: { status: 'CREATE_FAILED' } });
    const { nodegroup } = await world.eks.send(new DeleteNodegroupCommand(world.names));
    assert.equal(nodegroup?.status, 'DELETING');
  });
});

describe('the configuration of a managed node group', () => {
  const configure = async (world: World, request: Partial<UpdateNodegroupConfigRequest>) => {
    const { update } = await world.eks.send(new UpdateNodegroupConfigCommand({ ...world.names, ...request }));
    await world.untilSettled();
    return world.describeUpdate(update?.id);
  };

  it('has other sizes, at once', async () => {
    const world = createEksWorld();
    const update = await configure(world, { scalingConfig: { minSize: 2, desiredSize: 4, maxSize: 6 } });
    assert.deepEqual([update.type, update.status], ['ConfigUpdate', 'Successful']);
    assert.deepEqual(update.params, [
      { type: 'MinSize', value: '2' },
      { type: 'MaxSize', value: '6' },
      { type: 'DesiredSize', value: '4' },
    ]);
    assert.deepEqual((await world.describe()).scalingConfig, { minSize: 2, desiredSize: 4, maxSize: 6 });
    await world.clock.advance(120);
    assert.equal(world.nodes().length, 4);
  });

  it('changes labels and taints of its nodes, and of those to come', async () => {
    const world = createEksWorld({
      group: {
        labels: { tier: 'web', old: 'yes' },
        taints: [{ key: 'a', value: '1', effect: 'PreferNoSchedule' }],
      },
    });
    const update = await configure(world, {
      labels: { addOrUpdateLabels: { tier: 'api' }, removeLabels: ['old'] },
      taints: {
        addOrUpdateTaints: [{ key: 'b', value: '2', effect: 'NO_SCHEDULE' }],
        removeTaints: [{ key: 'a', value: '1', effect: 'PREFER_NO_SCHEDULE' }],
      },
      scalingConfig: { desiredSize: 4 },
    });
    assert.deepEqual(update.params?.slice(0, 3), [
      { type: 'LabelsToAdd', value: '{"tier":"api"}' },
      { type: 'LabelsToRemove', value: '["old"]' },
      { type: 'TaintsToAdd', value: '[{"effect":"NO_SCHEDULE","value":"2","key":"b"}]' },
    ]);
    await world.clock.advance(120);
    assert.equal(world.nodes().length, 4);
    for (const { metadata, spec } of world.nodes()) {
      assert.deepEqual([metadata.labels?.tier, metadata.labels?.old], ['api', undefined]);
      assert.deepEqual(spec?.taints, [{ key: 'b', value: '2', effect: 'NoSchedule' }]);
    }
    const { labels, taints } = await world.describe();
    assert.deepEqual(labels, { tier: 'api' });
    assert.deepEqual(taints, [{ key: 'b', value: '2', effect: 'NO_SCHEDULE' }]);
  });

  it('says how many nodes may be unavailable from now on', async () => {
    const world = createEksWorld({ managed: { maxUnavailable: 2, updateStrategy: 'MINIMAL' } });
    await configure(world, { updateConfig: { maxUnavailablePercentage: 50 } });
    assert.deepEqual((await world.describe()).updateConfig, {
      maxUnavailablePercentage: 50,
      updateStrategy: 'MINIMAL',
    });
  });

  const refusals: [string, WorldInput, Partial<UpdateNodegroupConfigRequest>, string, string][] = [
    [
      'a minimum above the desired size that there is',
      {},
      { scalingConfig: { minSize: 4 } },
      'InvalidParameterException',
      "Minimum capacity 4 can't be greater than desired size 3",
    ],
    [
      'a maximum below the desired size that there is',
      {},
      { scalingConfig: { maxSize: 2 } },
      'InvalidParameterException',
      "desiredSize can't be greater than maxSize",
    ],
    [
      'a count and a percentage',
      {},
      { updateConfig: { maxUnavailable: 1, maxUnavailablePercentage: 10 } },
      'InvalidParameterException',
      'Only one of maxUnavailable and maxUnavailablePercentage can be specified.',
    ],
    [
      'a degraded group',
      { managed: { status: 'DEGRADED' } },
      {},
      'ResourceInUseException',
      'Nodegroup cannot be updated as it is currently not in Active State',
    ],
  ];
  for (const [title, input, request, name, message] of refusals)
    it(`is refused for ${title}`, async () => {
      const { eks, names } = createEksWorld(input);
      const sent = eks.send(new UpdateNodegroupConfigCommand({ ...names, ...request }));
      assert.deepEqual(await rejectionOf(sent), { name, message });
    });
});
