import assert from 'node:assert/strict';
import { AutoScalingClient, DescribeScalingActivitiesCommand } from '@aws-sdk/client-auto-scaling';
import { DescribeImagesCommand, DescribeLaunchTemplateVersionsCommand, EC2Client } from '@aws-sdk/client-ec2';
import { type Side, WORLD } from './side.ts';

/** One behaviour of AWS that our code relies on: a sentence, and the assertions that hold it to be true. */
export type AwsBehaviour = readonly [title: string, hold: (side: Side) => Promise<void>];

const { group: GROUP, cluster: CLUSTER, nodegroup: NODEGROUP } = WORLD;
const BOOT_SECONDS = 120;

const groupOf = async ({ deps }: Side) => {
  const found = await deps.autoScaling.findGroup(GROUP);
  assert.ok(found, 'the group is there');
  return found;
};

const inService = async (side: Side) =>
  (await groupOf(side)).instances.filter(({ lifecycleState }) => lifecycleState === 'InService');

const sizesOf = async (side: Side) => {
  const { minSize, maxSize, desiredCapacity } = await groupOf(side);
  return [minSize, maxSize, desiredCapacity];
};

const templateOf = async (side: Side): Promise<string> => {
  const { launchSource } = await groupOf(side);
  assert.ok(launchSource?.launchTemplateId, 'the group names its template');
  return launchSource.launchTemplateId;
};

const dataOf = async ({ config }: Side, LaunchTemplateId: string, version: number) => {
  const command = new DescribeLaunchTemplateVersionsCommand({ LaunchTemplateId, Versions: [String(version)] });
  const { LaunchTemplateVersions } = await new EC2Client(config).send(command);
  return LaunchTemplateVersions?.[0]?.LaunchTemplateData;
};

/** An AMI that no template version of the world names. */
async function otherImage(side: Side): Promise<string> {
  const used = (await side.deps.ec2.listInstances(GROUP)).map(({ imageId }) => imageId);
  const { Images = [] } = await new EC2Client(side.config).send(new DescribeImagesCommand({}));
  const other = Images.filter(({ Architecture }) => Architecture === 'x86_64')
    .map(({ ImageId = '' }) => ImageId)
    .find((imageId) => !used.includes(imageId));
  assert.ok(other, 'there is another AMI');
  return other;
}

const refusal = (error: string, message: RegExp) => (thrown: unknown) => {
  const { name, message: said } = thrown as Error;
  assert.equal(name, error, `refused as ${name}: ${said}`);
  assert.match(said, message);
  return true;
};

/** In the order in which they run: some change the group. */
export const BEHAVIOURS: readonly AwsBehaviour[] = [
  [
    'describe a group with its sizes, zones and instances',
    async (side) => {
      const group = await groupOf(side);
      assert.deepEqual(await sizesOf(side), [1, 6, 3]);
      assert.deepEqual([...group.zones].sort(), [...WORLD.zones]);
      assert.equal(group.instances.length, 3);
      for (const instance of group.instances) {
        assert.match(instance.instanceId, /^i-[0-9a-f]{17}$/);
        assert.equal(instance.lifecycleState, 'InService');
        assert.equal(instance.isHealthy, true);
        assert.equal(instance.isProtectedFromScaleIn, false);
      }
    },
  ],
  [
    'name the template version from which each instance was launched',
    async (side) => {
      const versions = (await groupOf(side)).instances.map(({ launchTemplateVersion }) => launchTemplateVersion);
      assert.deepEqual(versions, [2, 2, 2], 'versions of the instances');
    },
  ],
  [
    'spread the instances of a group over its zones',
    async (side) => {
      const zones = (await groupOf(side)).instances.map(({ zone }) => zone);
      assert.deepEqual([...new Set(zones)].sort(), [...WORLD.zones], 'zones with an instance');
    },
  ],
  [
    'return nothing, and no error, for a group that does not exist',
    async ({ deps }) => assert.equal(await deps.autoScaling.findGroup('none'), undefined),
  ],
  [
    'leave out the instances when the request says so, with the same sizes',
    async ({ deps }) => {
      const found = await deps.autoScaling.findGroup(GROUP, { withInstances: false });
      assert.deepEqual([found?.minSize, found?.maxSize, found?.desiredCapacity], [1, 6, 3]);
      assert.deepEqual(found?.instances, [], 'no instances');
    },
  ],
  [
    'list the running instances of a group with AMI, type, architecture and zone',
    async (side) => {
      const instances = await side.deps.ec2.listInstances(GROUP);
      const ids = (await groupOf(side)).instances.map(({ instanceId }) => instanceId);
      assert.deepEqual(instances.map(({ instanceId }) => instanceId).sort(), ids.sort());
      for (const { imageId, instanceType, architecture, zone, launchedAt } of instances) {
        assert.match(imageId, /^ami-/);
        assert.equal(instanceType, WORLD.instanceType);
        assert.equal(architecture, 'x86_64');
        assert.match(zone, /^eu-west-1[ab]$/);
        assert.ok(Date.parse(launchedAt) > 0);
      }
    },
  ],
  [
    'find an AMI that exists, and none that does not',
    async (side) => {
      const image = await otherImage(side);
      assert.equal((await side.deps.ec2.findImage(image))?.imageId, image);
      assert.equal(await side.deps.ec2.findImage('ami-0ccccccccccccccc3'), undefined);
    },
  ],
  [
    'find a template version by number, and by $Latest and $Default',
    async (side) => {
      const id = await templateOf(side);
      for (const [asked, version] of [
        ['2', 2],
        ['$Latest', 2],
        ['1', 1],
      ] as const)
        assert.equal((await side.deps.ec2.findLaunchTemplateVersion(id, asked))?.version, version, asked);
      assert.equal((await side.deps.ec2.findLaunchTemplateVersion(id, '$Default'))?.isDefault, true);
    },
  ],
  [
    'find no template version, and no template, that does not exist',
    async (side) => {
      const { ec2 } = side.deps;
      assert.equal(await ec2.findLaunchTemplateVersion(await templateOf(side), '77'), undefined, 'version 77');
      assert.equal(await ec2.findLaunchTemplateVersion('lt-0123456789abcdef0', '1'), undefined, 'unknown template');
    },
  ],
  [
    'set tags of a group, change one, remove one, and remove one that does not exist',
    async (side) => {
      const { autoScaling } = side.deps;
      await autoScaling.setTags(GROUP, { 'contract/a': '1', 'contract/b': '2' });
      assert.partialDeepStrictEqual((await groupOf(side)).tags, { 'contract/a': '1', 'contract/b': '2' });
      await autoScaling.setTags(GROUP, { 'contract/a': '3' });
      await autoScaling.removeTags(GROUP, ['contract/b', 'contract/none']);
      const { tags } = await groupOf(side);
      assert.equal(tags['contract/a'], '3');
      assert.equal('contract/b' in tags, false);
    },
  ],
  [
    'suspend a process twice, and resume it',
    async (side) => {
      const { autoScaling } = side.deps;
      const suspended = async () => (await groupOf(side)).suspendedProcesses.map(({ name }) => name);
      await autoScaling.suspendProcess(GROUP, 'AZRebalance');
      await autoScaling.suspendProcess(GROUP, 'AZRebalance');
      assert.deepEqual(await suspended(), ['AZRebalance']);
      await autoScaling.resumeProcess(GROUP, 'AZRebalance');
      assert.deepEqual(await suspended(), []);
    },
  ],
  [
    'say that no instance refresh is in progress',
    async ({ deps }) => assert.equal(await deps.autoScaling.hasActiveInstanceRefresh(GROUP), false),
  ],
  [
    'make a template version with another AMI the latest, and not the default',
    async (side) => {
      const launchTemplateId = await templateOf(side);
      const imageId = await otherImage(side);
      const request = { launchTemplateId, sourceVersion: '2', imageId, description: 'x', clientToken: 'contract-3' };
      const made = await side.deps.ec2.createLaunchTemplateVersion(request);
      assert.deepEqual([made.version, made.isDefault], [3, false]);
      const latest = await side.deps.ec2.findLaunchTemplateVersion(launchTemplateId, '$Latest');
      assert.deepEqual([latest?.version, latest?.imageId, latest?.description], [3, imageId, 'x']);
    },
  ],
  [
    'copy to a template version from its source what the request does not set',
    async (side) => {
      const data = await dataOf(side, await templateOf(side), 3);
      assert.equal(data?.InstanceType, WORLD.instanceType, 'instance type of the source');
    },
  ],
  [
    'make one template version for repeated requests with the same token',
    async (side) => {
      const launchTemplateId = await templateOf(side);
      const imageId = await otherImage(side);
      const request = { launchTemplateId, sourceVersion: '2', imageId, description: 'x', clientToken: 'contract-3' };
      const made = await side.deps.ec2.createLaunchTemplateVersion(request);
      assert.equal(made.version, 3, 'version that the token made before');
    },
  ],
  [
    'refuse more than the maximum, and name it',
    async ({ deps: { autoScaling } }) => {
      try {
        await assert.rejects(
          autoScaling.resize(GROUP, { desiredCapacity: 7 }),
          refusal('InvalidInput', /Desired capacity:?\s?7 must be between .*min size:?\s?1\b.*max size:?\s?6\b/i),
          'a desired capacity above the maximum',
        );
      } finally {
        await autoScaling.resize(GROUP, { desiredCapacity: WORLD.sizes.desiredCapacity });
      }
    },
  ],
  [
    'change the sizes that are given and leave the others',
    async (side) => {
      await side.deps.autoScaling.resize(GROUP, { maxSize: 9 });
      assert.deepEqual(await sizesOf(side), [1, 9, 3]);
    },
  ],
  [
    'launch more instances when more are wanted',
    async (side) => {
      await side.deps.autoScaling.resize(GROUP, { desiredCapacity: 4 });
      await side.letPass(BOOT_SECONDS);
      assert.deepEqual([await sizesOf(side), (await inService(side)).length], [[1, 9, 4], 4]);
    },
  ],
  [
    'list a launch as a successful activity that names the instance, and no failed one',
    async ({ deps, config }) => {
      const command = new DescribeScalingActivitiesCommand({ AutoScalingGroupName: GROUP });
      const { Activities = [] } = await new AutoScalingClient(config).send(command);
      assert.match(Activities[0]?.Description ?? '', /^Launching a new EC2 instance: i-/, 'activity of the launch');
      assert.equal(Activities[0]?.StatusCode, 'Successful');
      assert.deepEqual(await deps.autoScaling.launchFailures(GROUP, new Date(0)), []);
    },
  ],
  [
    'make a group launch from another version of its template, and keep its instances',
    async (side) => {
      const before = await groupOf(side);
      await side.deps.autoScaling.useLaunchTemplateVersion(before, '3');
      const { launchSource, instances } = await groupOf(side);
      assert.equal(launchSource?.version, '3', 'version that the group names');
      assert.deepEqual(instances, before.instances, 'instances as they were');
    },
  ],
  [
    'replace an instance that is terminated, from the version in use',
    async (side) => {
      const old = await inService(side);
      const answer = await side.deps.autoScaling.terminate(old[0]?.instanceId as string, { decrement: false });
      assert.equal(answer, 'terminating');
      await side.letPass(BOOT_SECONDS);
      const now = await inService(side);
      assert.deepEqual([await sizesOf(side), now.length], [[1, 9, 4], 4]);
      const known = new Set(old.map(({ instanceId }) => instanceId));
      const [fresh, ...more] = now.filter(({ instanceId }) => !known.has(instanceId));
      assert.deepEqual(more, []);
      const instances = await side.deps.ec2.listInstances(GROUP);
      const image = instances.find(({ instanceId }) => instanceId === fresh?.instanceId)?.imageId;
      const version = await side.deps.ec2.findLaunchTemplateVersion(await templateOf(side), '3');
      assert.equal(image, version?.imageId, 'AMI of the replacement');
    },
  ],
  [
    'terminate an instance and decrement the desired capacity',
    async (side) => {
      const [instance] = await inService(side);
      const answer = await side.deps.autoScaling.terminate(instance?.instanceId as string, { decrement: true });
      assert.equal(answer, 'terminating');
      await side.letPass(BOOT_SECONDS);
      assert.deepEqual([await sizesOf(side), (await inService(side)).length], [[1, 9, 3], 3]);
      const listed = (await side.deps.ec2.listInstances(GROUP)).map(({ instanceId }) => instanceId);
      assert.ok(!listed.includes(instance?.instanceId as string), 'a terminated instance is no longer listed');
    },
  ],
  [
    'say that an instance outside the group is gone',
    async ({ deps }) =>
      assert.equal(await deps.autoScaling.terminate('i-0123456789abcdef0', { decrement: true }), 'gone'),
  ],
  [
    'terminate no instance with a decrement below the minimum',
    async (side) => {
      await side.deps.autoScaling.resize(GROUP, { minSize: 3 });
      const [instance] = await inService(side);
      const answer = await side.deps.autoScaling.terminate(instance?.instanceId as string, { decrement: true });
      assert.equal(answer, 'atMinimum', 'answer at the minimum');
      assert.deepEqual([await sizesOf(side), (await inService(side)).length], [[3, 9, 3], 3]);
    },
  ],
  [
    'raise the desired capacity with a minimum above it',
    async (side) => {
      await side.deps.autoScaling.resize(GROUP, { minSize: 4 });
      await side.letPass(BOOT_SECONDS);
      assert.deepEqual([await sizesOf(side), (await inService(side)).length], [[4, 9, 4], 4], 'sizes, and instances');
    },
  ],
  [
    'lower the desired capacity with a maximum below it',
    async (side) => {
      await side.deps.autoScaling.resize(GROUP, { minSize: 1, maxSize: 2 });
      await side.letPass(BOOT_SECONDS);
      assert.deepEqual([await sizesOf(side), (await inService(side)).length], [[1, 2, 2], 2], 'sizes, and instances');
    },
  ],
  [
    'describe a cluster with status, version, endpoint and certificate authority',
    async ({ deps }) => {
      const cluster = await deps.eks.findCluster(CLUSTER);
      assert.deepEqual([cluster?.status, cluster?.version], ['ACTIVE', '1.33']);
      assert.match(cluster?.endpoint ?? '', /^https:/);
      assert.equal(typeof cluster?.certificateAuthority, 'string');
    },
  ],
  [
    'describe a managed node group with its AMI type, update settings and Auto Scaling group',
    async ({ deps }) => {
      const nodegroup = await deps.eks.findNodegroup(CLUSTER, NODEGROUP);
      assert.deepEqual([nodegroup?.status, nodegroup?.amiType], ['ACTIVE', 'AL2023_x86_64_STANDARD']);
      assert.equal(nodegroup?.updateConfig.maxUnavailable, 1, 'maxUnavailable');
      assert.ok(nodegroup?.autoScalingGroupName, 'its Auto Scaling group');
      assert.deepEqual(nodegroup?.healthIssues, []);
    },
  ],
  [
    'find no cluster and no node group that does not exist',
    async ({ deps }) => {
      assert.equal(await deps.eks.findCluster('none'), undefined);
      assert.equal(await deps.eks.findNodegroup(CLUSTER, 'none'), undefined);
      assert.equal(await deps.eks.findNodegroup('none', 'none'), undefined);
    },
  ],
  [
    'find a parameter, and none that does not exist',
    async ({ deps }) => {
      assert.equal(await deps.parameters.find(WORLD.parameter), 'value');
      assert.equal(await deps.parameters.find('/contract/none'), undefined);
    },
  ],
  [
    'publish the AMI that AWS recommends as a parameter',
    async ({ deps }) => {
      const name = '/aws/service/eks/optimized-ami/1.33/amazon-linux-2023/x86_64/standard/recommended/image_id';
      assert.match((await deps.parameters.find(name)) ?? 'no parameter', /^ami-/, 'recommended AMI');
    },
  ],
  [
    'return the state of an alarm that exists, and leave out one that does not',
    async ({ deps }) =>
      assert.deepEqual(await deps.alarms.states([WORLD.alarm, 'contract-none']), { [WORLD.alarm]: 'OK' }),
  ],
  [
    'say that an unknown execution does not run',
    async ({ deps }) => {
      const arn = 'arn:aws:states:eu-west-1:111122223333:execution:contract:none';
      assert.equal(await deps.executions.isRunning(arn), false);
    },
  ],
];
