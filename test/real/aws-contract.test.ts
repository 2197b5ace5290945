import assert from 'node:assert/strict';
import { AutoScalingClient, CreateAutoScalingGroupCommand } from '@aws-sdk/client-auto-scaling';
import {
  CreateLaunchTemplateCommand,
  CreateLaunchTemplateVersionCommand,
  DescribeImagesCommand,
  EC2Client,
} from '@aws-sdk/client-ec2';
import { createDeps } from '../../clients/deps.ts';
import type { Deps } from '../../clients/ports.ts';
import { scenarioSchema } from '../../sandbox/world/scenario.ts';
import { createVirtualSandbox } from '../../scripts/embedded/virtual-sandbox.ts';
import { realAddresses } from './environment.ts';

/** The AWS clients of the workflow, over one implementation of AWS. */
interface Side {
  readonly deps: Pick<Deps, 'autoScaling' | 'ec2' | 'eks' | 'parameters'>;
  /** A group of three, at most six, whose template has two versions, the second one in use. */
  readonly group: string;
  /** An AMI that exists, and is not the group's. */
  readonly image: string;
}

const REGION = 'eu-west-1';
const OLD_AMI = 'ami-0aaaaaaaaaaaaaaa1';
const NEW_AMI = 'ami-0bbbbbbbbbbbbbbb2';
const credentials = { accessKeyId: 'AKIATESTER', secretAccessKey: 'irrelevant' };

async function startSandbox(): Promise<Side> {
  const scenario = scenarioSchema.parse({
    clusters: [
      {
        name: 'contract',
        groups: [
          {
            name: 'contract',
            zones: ['eu-west-1a', 'eu-west-1b'],
            minSize: 1,
            maxSize: 6,
            desiredCapacity: 3,
            amiId: OLD_AMI,
            launchTemplateVersion: '2',
          },
        ],
      },
    ],
    images: [OLD_AMI, NEW_AMI].map((id) => ({ id, name: id })),
  });
  const { deps } = await createVirtualSandbox(scenario);
  return { deps, group: 'contract', image: NEW_AMI };
}

async function startMoto(): Promise<Side> {
  const { endpoint } = realAddresses().moto;
  const config = { region: REGION, endpoint, credentials };
  const ec2 = new EC2Client(config);
  const { Images = [] } = await ec2.send(new DescribeImagesCommand({}));
  const [old, other] = Images.filter(({ Architecture }) => Architecture === 'x86_64').map(({ ImageId }) => ImageId);
  if (old === undefined || other === undefined) throw new Error('moto has no images');
  const group = 'contract';
  const LaunchTemplateData = { ImageId: old, InstanceType: 'm5.large' as const };
  await ec2.send(new CreateLaunchTemplateCommand({ LaunchTemplateName: group, LaunchTemplateData }));
  await ec2.send(new CreateLaunchTemplateVersionCommand({ LaunchTemplateName: group, LaunchTemplateData }));
  await new AutoScalingClient(config).send(
    new CreateAutoScalingGroupCommand({
      AutoScalingGroupName: group,
      MinSize: 1,
      MaxSize: 6,
      DesiredCapacity: 3,
      AvailabilityZones: ['eu-west-1a', 'eu-west-1b'],
      LaunchTemplate: { LaunchTemplateName: group, Version: '2' },
    }),
  );
  const deps = createDeps({
    region: REGION,
    credentials,
    endpoint,
    clock: { now: () => new Date(), sleep: async () => {} },
    random: () => 0,
  });
  return { deps, group, image: other };
}

const groupOf = async ({ deps, group }: Side) => {
  const found = await deps.autoScaling.findGroup(group);
  assert.ok(found);
  return found;
};

const templateOf = async (side: Side): Promise<string> => {
  const [instance] = (await groupOf(side)).instances;
  assert.ok(instance?.launchTemplateId);
  return instance.launchTemplateId;
};

/** In the order in which they are held: some change the group. */
const BEHAVIOURS: readonly (readonly [title: string, hold: (side: Side) => Promise<void>])[] = [
  [
    'describe a group with its sizes, zones and instances',
    async (side) => {
      const group = await groupOf(side);
      assert.deepEqual([group.minSize, group.maxSize, group.desiredCapacity], [1, 6, 3]);
      assert.deepEqual([...group.zones].sort(), ['eu-west-1a', 'eu-west-1b']);
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
    'answer nothing, rather than an error, for a group that does not exist',
    async ({ deps }) => assert.equal(await deps.autoScaling.findGroup('none'), undefined),
  ],
  [
    'leave the instances out when they are not asked for: the sizes are the same',
    async ({ deps, group }) => {
      const found = await deps.autoScaling.findGroup(group, { withInstances: false });
      assert.deepEqual([found?.minSize, found?.maxSize, found?.desiredCapacity], [1, 6, 3]);
    },
  ],
  [
    'list the running instances of a group with AMI, architecture and zone',
    async (side) => {
      const instances = await side.deps.ec2.listInstances(side.group);
      const ids = (await groupOf(side)).instances.map(({ instanceId }) => instanceId);
      assert.deepEqual(instances.map(({ instanceId }) => instanceId).sort(), ids.sort());
      for (const { imageId, architecture, zone, launchedAt } of instances) {
        assert.match(imageId, /^ami-/);
        assert.notEqual(imageId, side.image);
        assert.equal(architecture, 'x86_64');
        assert.match(zone, /^eu-west-1[a-c]$/);
        assert.ok(Date.parse(launchedAt) > 0);
      }
    },
  ],
  [
    'find an AMI that exists, and none that does not',
    async ({ deps, image }) => {
      assert.equal((await deps.ec2.findImage(image))?.imageId, image);
      assert.equal(await deps.ec2.findImage('ami-0ccccccccccccccc3'), undefined);
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
      assert.ok(await side.deps.ec2.findLaunchTemplateVersion(id, '$Default'));
    },
  ],
  [
    'put tags on a group and take them away',
    async (side) => {
      const { autoScaling } = side.deps;
      await autoScaling.setTags(side.group, { 'contract/a': '1', 'contract/b': '2' });
      assert.partialDeepStrictEqual((await groupOf(side)).tags, { 'contract/a': '1', 'contract/b': '2' });
      await autoScaling.setTags(side.group, { 'contract/a': '3' });
      await autoScaling.removeTags(side.group, ['contract/b']);
      const { tags } = await groupOf(side);
      assert.equal(tags['contract/a'], '3');
      assert.equal('contract/b' in tags, false);
    },
  ],
  [
    'suspend a process, twice over, and resume it',
    async (side) => {
      const { autoScaling } = side.deps;
      const suspended = async () => (await groupOf(side)).suspendedProcesses.map(({ name }) => name);
      await autoScaling.suspendProcess(side.group, 'AZRebalance');
      await autoScaling.suspendProcess(side.group, 'AZRebalance');
      assert.deepEqual(await suspended(), ['AZRebalance']);
      await autoScaling.resumeProcess(side.group, 'AZRebalance');
      assert.deepEqual(await suspended(), []);
    },
  ],
  [
    'make a template version with another AMI the latest',
    async (side) => {
      const launchTemplateId = await templateOf(side);
      const request = { launchTemplateId, sourceVersion: '2', imageId: side.image, description: 'x', clientToken: 'y' };
      const made = await side.deps.ec2.createLaunchTemplateVersion(request);
      assert.equal(made.version, 3);
      const latest = await side.deps.ec2.findLaunchTemplateVersion(launchTemplateId, '$Latest');
      assert.deepEqual([latest?.version, latest?.imageId, latest?.description], [3, side.image, 'x']);
    },
  ],
  [
    'change the sizes that are given and leave the others',
    async (side) => {
      await side.deps.autoScaling.resize(side.group, { maxSize: 9 });
      const group = await groupOf(side);
      assert.deepEqual([group.minSize, group.maxSize, group.desiredCapacity], [1, 9, 3]);
    },
  ],
  [
    'let a group launch from another version of its template',
    async (side) => side.deps.autoScaling.useLaunchTemplateVersion(await groupOf(side), '3'),
  ],
  [
    'terminate an instance and lower the wish with it',
    async (side) => {
      const [instance] = (await groupOf(side)).instances;
      const answer = await side.deps.autoScaling.terminate(instance?.instanceId as string, { decrement: true });
      assert.equal(answer, 'terminating');
      assert.equal((await groupOf(side)).desiredCapacity, 2);
    },
  ],
  [
    'find no parameter, cluster or node group that does not exist',
    async ({ deps }) => {
      assert.equal(await deps.parameters.find('/contract/none'), undefined);
      assert.equal(await deps.eks.findCluster('none'), undefined);
      assert.equal(await deps.eks.findNodegroup('none', 'none'), undefined);
    },
  ],
];

for (const [title, start] of [
  ['the simulated AWS and our clients', startSandbox],
  ['moto and our clients', startMoto],
] as const)
  describe(title, () => {
    let side: Side;
    before(async () => {
      side = await start();
    });
    describe('calls of AWS', () => {
      for (const [behaviour, hold] of BEHAVIOURS) it(behaviour, () => hold(side));
    });
  });
