import assert from 'node:assert/strict';
import {
  CreateLaunchTemplateCommand,
  CreateLaunchTemplateVersionCommand,
  type CreateLaunchTemplateVersionCommandInput,
  DeleteLaunchTemplateVersionsCommand,
  DescribeAvailabilityZonesCommand,
  DescribeImagesCommand,
  DescribeInstancesCommand,
  DescribeInstanceTypesCommand,
  DescribeLaunchTemplatesCommand,
  DescribeLaunchTemplateVersionsCommand,
  DescribeSubnetsCommand,
  DescribeTagsCommand,
  DescribeVolumesCommand,
  ModifyLaunchTemplateCommand,
  paginateDescribeInstances,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import { createTestRegion, groupOf, missingAmi, newAmi, oldAmi, rejectionOf } from '../region-fixture.ts';

const userData = '#!/bin/bash\necho "<caf\u00e9> & \'tea\'"\n';

describe('launch templates', () => {
  const create = (
    { ec2 }: ReturnType<typeof createTestRegion>,
    input: Omit<CreateLaunchTemplateVersionCommandInput, 'LaunchTemplateName'>,
  ) => ec2.send(new CreateLaunchTemplateVersionCommand({ LaunchTemplateName: 'workers', ...input }));

  it('overlay a source version: all but what is given stays, user data byte for byte', async () => {
    const world = createTestRegion([groupOf({ userData })]);
    const { LaunchTemplateVersion: created } = await create(world, {
      SourceVersion: '1',
      VersionDescription: 'next',
      LaunchTemplateData: { ImageId: newAmi },
    });
    const { LaunchTemplateVersions: versions } = await world.ec2.send(
      new DescribeLaunchTemplateVersionsCommand({ LaunchTemplateName: 'workers', Versions: ['1', '2'] }),
    );
    assert.equal(created?.VersionNumber, 2);
    assert.equal(created?.VersionDescription, 'next');
    assert.deepEqual(versions?.[1]?.LaunchTemplateData, { ...versions?.[0]?.LaunchTemplateData, ImageId: newAmi });
    assert.equal(Buffer.from(versions?.[1]?.LaunchTemplateData?.UserData ?? '', 'base64').toString(), userData);
  });

  it('hold only what is given when no source version is named', async () => {
    const { LaunchTemplateVersion: created } = await create(createTestRegion(), {
      LaunchTemplateData: { ImageId: newAmi },
    });
    assert.deepEqual(created?.LaunchTemplateData, { ImageId: newAmi });
  });

  it('answer a repeated client token with the same version', async () => {
    const world = createTestRegion();
    const input = { SourceVersion: '1', ClientToken: 'run-1', LaunchTemplateData: { ImageId: newAmi } };
    const first = await create(world, input);
    const second = await create(world, input);
    assert.deepEqual(second.LaunchTemplateVersion, first.LaunchTemplateVersion);
    const refusal = await rejectionOf(create(world, { ...input, VersionDescription: 'changed' }));
    assert.equal(refusal.name, 'IdempotentParameterMismatch');
  });

  it('take an AMI that does not exist, with no more than a warning', async () => {
    const { LaunchTemplateVersion: created, Warning } = await create(createTestRegion(), {
      SourceVersion: '1',
      LaunchTemplateData: { ImageId: missingAmi },
    });
    assert.equal(created?.LaunchTemplateData?.ImageId, missingAmi);
    assert.equal(Warning?.Errors?.[0]?.Code, 'InvalidAMIID.NotFound');
  });

  it('resolve an SSM parameter when asked to', async () => {
    const world = createTestRegion([groupOf()], { parameters: { '/my/ami': newAmi } });
    await create(world, { SourceVersion: '1', LaunchTemplateData: { ImageId: 'resolve:ssm:/my/ami' } });
    const describe = async (ResolveAlias: boolean) =>
      (
        await world.ec2.send(
          new DescribeLaunchTemplateVersionsCommand({
            LaunchTemplateName: 'workers',
            Versions: ['$Latest'],
            ResolveAlias,
          }),
        )
      ).LaunchTemplateVersions?.[0]?.LaunchTemplateData?.ImageId;
    assert.equal(await describe(false), 'resolve:ssm:/my/ami');
    assert.equal(await describe(true), newAmi);
  });

  it('have a history up to the version in use', async () => {
    const { ec2 } = createTestRegion([groupOf({ launchTemplateVersion: '4', amiId: newAmi })]);
    const { LaunchTemplateVersions: versions } = await ec2.send(
      new DescribeLaunchTemplateVersionsCommand({ LaunchTemplateName: 'workers' }),
    );
    assert.deepEqual(
      versions?.map(({ VersionNumber, LaunchTemplateData, DefaultVersion }) => [
        VersionNumber,
        LaunchTemplateData?.ImageId,
        DefaultVersion,
      ]),
      [
        [4, newAmi, false],
        [3, oldAmi, false],
        [2, oldAmi, false],
        [1, oldAmi, true],
      ],
    );
  });

  it('never use a number again, and keep their default version', async () => {
    const world = createTestRegion();
    await create(world, { SourceVersion: '1', LaunchTemplateData: { ImageId: newAmi } });
    const deletion = await world.ec2.send(
      new DeleteLaunchTemplateVersionsCommand({ LaunchTemplateName: 'workers', Versions: ['1', '2', '7'] }),
    );
    assert.deepEqual(
      deletion.SuccessfullyDeletedLaunchTemplateVersions?.map(({ VersionNumber }) => VersionNumber),
      [2],
    );
    assert.deepEqual(
      deletion.UnsuccessfullyDeletedLaunchTemplateVersions?.map(({ VersionNumber, ResponseError }) => [
        VersionNumber,
        ResponseError?.Code,
      ]),
      [
        [1, 'unexpectedError'],
        [7, 'launchTemplateVersionDoesNotExist'],
      ],
    );
    const { LaunchTemplateVersion: next } = await create(world, {
      SourceVersion: '1',
      LaunchTemplateData: { ImageId: newAmi },
    });
    assert.equal(next?.VersionNumber, 3);
  });

  it('are created with every kind of member, and read back the same', async () => {
    const { ec2 } = createTestRegion();
    const data = {
      ImageId: newAmi,
      NetworkInterfaces: [{ DeviceIndex: 0, Groups: ['sg-1', 'sg-2'], AssociatePublicIpAddress: false }],
      BlockDeviceMappings: [
        { DeviceName: '/dev/xvda', Ebs: { VolumeSize: 50, VolumeType: 'gp3' as const, Encrypted: true } },
      ],
      InstanceRequirements: {
        VCpuCount: { Min: 2, Max: 8 },
        MemoryMiB: { Min: 4096 },
        AllowedInstanceTypes: ['m6i.*', 'm7i.*'],
      },
      TagSpecifications: [{ ResourceType: 'volume' as const, Tags: [{ Key: 'a', Value: '<&>' }] }],
      CpuOptions: { CoreCount: 2, ThreadsPerCore: 1 },
    };
    const { LaunchTemplate: created } = await ec2.send(
      new CreateLaunchTemplateCommand({
        LaunchTemplateName: 'fresh',
        LaunchTemplateData: data,
        TagSpecifications: [{ ResourceType: 'launch-template', Tags: [{ Key: 'team', Value: 'platform' }] }],
      }),
    );
    assert.deepEqual(created?.Tags, [{ Key: 'team', Value: 'platform' }]);
    assert.equal(created?.CreatedBy, 'arn:aws:iam::111122223333:user/tester');
    const { LaunchTemplateVersions: versions } = await ec2.send(
      new DescribeLaunchTemplateVersionsCommand({ LaunchTemplateId: created?.LaunchTemplateId }),
    );
    assert.deepEqual(versions?.[0]?.LaunchTemplateData, data);
  });

  it('move their default version', async () => {
    const world = createTestRegion();
    await create(world, { SourceVersion: '1', LaunchTemplateData: { ImageId: newAmi } });
    const { LaunchTemplate } = await world.ec2.send(
      new ModifyLaunchTemplateCommand({ LaunchTemplateName: 'workers', DefaultVersion: '$Latest' }),
    );
    assert.equal(LaunchTemplate?.DefaultVersionNumber, 2);
  });

  type World = ReturnType<typeof createTestRegion>;
  const refusals: [string, (world: World) => Promise<unknown>, string, RegExp][] = [
    [
      'an unknown name',
      ({ ec2 }) => ec2.send(new DescribeLaunchTemplateVersionsCommand({ LaunchTemplateName: 'absent' })),
      'InvalidLaunchTemplateName.NotFoundException',
      /template name absent, does not exist/,
    ],
    [
      'an unknown id',
      ({ ec2 }) => ec2.send(new DescribeLaunchTemplatesCommand({ LaunchTemplateIds: ['lt-0123456789abcdef0'] })),
      'InvalidLaunchTemplateId.NotFound',
      /template ID lt-0123456789abcdef0, does not exist/,
    ],
    [
      'a malformed id',
      ({ ec2 }) => ec2.send(new DescribeLaunchTemplatesCommand({ LaunchTemplateIds: ['x'] })),
      'InvalidLaunchTemplateId.Malformed',
      /'x' is not valid/,
    ],
    [
      'an unknown version',
      ({ ec2 }) =>
        ec2.send(new DescribeLaunchTemplateVersionsCommand({ LaunchTemplateName: 'workers', Versions: ['9'] })),
      'InvalidLaunchTemplateId.VersionNotFound',
      /^Could not find the specified version 9 /,
    ],
    [
      'an unknown source version',
      (world) => create(world, { SourceVersion: '9', LaunchTemplateData: { ImageId: newAmi } }),
      'InvalidLaunchTemplateId.VersionNotFound',
      /version 9/,
    ],
    [
      'neither id nor name',
      ({ ec2 }) => ec2.send(new ModifyLaunchTemplateCommand({ DefaultVersion: '1' })),
      'MissingParameter',
      /^Either a launch template ID or a launch template name/,
    ],
    [
      'both id and name',
      ({ ec2 }) =>
        ec2.send(
          new ModifyLaunchTemplateCommand({ LaunchTemplateId: 'lt-0123456789abcdef0', LaunchTemplateName: 'workers' }),
        ),
      'InvalidParameterCombination',
      /both/,
    ],
    [
      'a name in use',
      ({ ec2 }) =>
        ec2.send(
          new CreateLaunchTemplateCommand({ LaunchTemplateName: 'workers', LaunchTemplateData: { ImageId: newAmi } }),
        ),
      'InvalidLaunchTemplateName.AlreadyExistsException',
      /already in use/,
    ],
    [
      'a description of more than 255 characters',
      (world) => create(world, { VersionDescription: 'x'.repeat(256), LaunchTemplateData: { ImageId: newAmi } }),
      'InvalidParameterValue',
      /less than or equal to 255/,
    ],
  ];
  for (const [title, call, name, message] of refusals)
    it(`refuse ${title}`, async () => {
      const refusal = await rejectionOf(call(createTestRegion()));
      assert.equal(refusal.name, name);
      assert.match(refusal.message, message);
    });
});

describe('DescribeInstances', () => {
  it('finds instances by tag and state, with what the workflow needs', async () => {
    const { ec2, inService } = createTestRegion([groupOf({ tags: { team: 'platform' } })]);
    const { Reservations } = await ec2.send(
      new DescribeInstancesCommand({
        Filters: [
          { Name: 'tag:aws:autoscaling:groupName', Values: ['workers'] },
          { Name: 'instance-state-name', Values: ['pending', 'running'] },
        ],
      }),
    );
    const found = Reservations?.flatMap(({ Instances = [] }) => Instances) ?? [];
    const [first] = found;
    const member = inService()[0];
    assert.equal(found.length, 6);
    assert.equal(first?.InstanceId, member?.instance.instanceId);
    assert.equal(first?.ImageId, oldAmi);
    assert.equal(first?.Architecture, 'x86_64');
    assert.equal(first?.Placement?.AvailabilityZone, 'eu-west-1a');
    assert.match(first?.PrivateDnsName ?? '', /^ip-10-0-\d+-\d+\.eu-west-1\.compute\.internal$/);
    assert.equal(first?.LaunchTime?.toISOString(), '2025-12-23T03:00:00.000Z');
    assert.equal(first?.BlockDeviceMappings?.[0]?.DeviceName, '/dev/xvda');
    const tags = Object.fromEntries((first?.Tags ?? []).map(({ Key, Value }) => [Key, Value]));
    assert.equal(tags['kubernetes.io/cluster/prod'], 'owned');
    assert.equal(tags.team, 'platform');
    assert.equal(tags['aws:ec2launchtemplate:version'], '1');
  });

  it('gives every instance once, over pages', async () => {
    const { ec2 } = createTestRegion([groupOf({ desiredCapacity: 12 })]);
    const ids: (string | undefined)[] = [];
    let pages = 0;
    for await (const page of paginateDescribeInstances({ client: ec2, pageSize: 5 }, {})) {
      pages += 1;
      for (const { Instances = [] } of page.Reservations ?? [])
        ids.push(...Instances.map(({ InstanceId }) => InstanceId));
    }
    assert.equal(pages, 3);
    assert.equal(new Set(ids).size, 12);
  });

  it('shows a terminated instance for an hour', async () => {
    const { ec2, clock, inService } = createTestRegion();
    const id = inService()[0]?.instance.instanceId as string;
    await ec2.send(new TerminateInstancesCommand({ InstanceIds: [id] }));
    await clock.advance(60);
    const describe = () => ec2.send(new DescribeInstancesCommand({ Filters: [{ Name: 'instance-id', Values: [id] }] }));
    assert.equal((await describe()).Reservations?.[0]?.Instances?.[0]?.State?.Name, 'terminated');
    await clock.advance(3600);
    assert.deepEqual((await describe()).Reservations, []);
  });

  type World = ReturnType<typeof createTestRegion>;
  const refusals: [string, (world: World) => Promise<unknown>, string][] = [
    [
      'an id that does not exist',
      ({ ec2 }) => ec2.send(new DescribeInstancesCommand({ InstanceIds: ['i-0123456789abcdef0'] })),
      'InvalidInstanceID.NotFound',
    ],
    [
      'a malformed id',
      ({ ec2 }) => ec2.send(new DescribeInstancesCommand({ InstanceIds: ['node-1'] })),
      'InvalidInstanceID.Malformed',
    ],
    [
      'a filter it does not have',
      ({ ec2 }) => ec2.send(new DescribeInstancesCommand({ Filters: [{ Name: 'colour', Values: ['red'] }] })),
      'InvalidParameterValue',
    ],
    [
      'ids together with a page size',
      ({ ec2, inService }) =>
        ec2.send(
          new DescribeInstancesCommand({
            InstanceIds: [inService()[0]?.instance.instanceId as string],
            MaxResults: 10,
          }),
        ),
      'InvalidParameterCombination',
    ],
    [
      'a page token it never gave',
      ({ ec2 }) => ec2.send(new DescribeInstancesCommand({ NextToken: 'x' })),
      'InvalidNextToken',
    ],
    [
      'an instance type that does not exist',
      ({ ec2 }) => ec2.send(new DescribeInstanceTypesCommand({ InstanceTypes: ['m6x.large' as 'm6i.large'] })),
      'InvalidInstanceType',
    ],
    [
      'a dry run, once it is known to be valid',
      ({ ec2, inService }) =>
        ec2.send(
          new TerminateInstancesCommand({ InstanceIds: [inService()[0]?.instance.instanceId as string], DryRun: true }),
        ),
      'DryRunOperation',
    ],
  ];
  for (const [title, call, name] of refusals)
    it(`refuses ${title}`, async () => assert.equal((await rejectionOf(call(createTestRegion()))).name, name));
});

describe('DescribeImages', () => {
  const extra = {
    images: [
      { id: oldAmi, name: 'old', deprecatedAt: '2025-12-31T00:00:00.000Z' },
      { id: newAmi, name: 'new', architecture: 'arm64' as const, amiType: 'BOTTLEROCKET_ARM_64' },
      { id: 'ami-0f00000000000001', name: 'pending', state: 'pending' as const },
      { id: 'ami-0f000000000000012', name: 'deregistered', state: 'deregistered' as const },
    ],
  };
  const images = async (input: object) =>
    (await createTestRegion([groupOf()], extra).ec2.send(new DescribeImagesCommand(input))).Images ?? [];

  it('shows state, architecture, deprecation and whether it is allowed', async () => {
    const [old] = await images({ ImageIds: [oldAmi] });
    assert.equal(old?.State, 'available');
    assert.equal(old?.Architecture, 'x86_64');
    assert.equal(old?.DeprecationTime, '2025-12-31T00:00:00.000Z');
    assert.equal(old?.ImageAllowed, true);
    assert.equal(old?.RootDeviceName, '/dev/xvda');
    assert.equal(old?.PlatformDetails, 'Linux/UNIX');
    const [bottlerocket] = await images({ ImageIds: [newAmi] });
    assert.deepEqual(
      bottlerocket?.BlockDeviceMappings?.map(({ DeviceName }) => DeviceName),
      ['/dev/xvda', '/dev/xvdb'],
    );
  });

  it('leaves deprecated ones out of a search, unless asked for them', async () => {
    const search = (input: object) =>
      images({ Owners: ['amazon'], Filters: [{ Name: 'name', Values: ['?l*', 'n*'] }], ...input });
    assert.deepEqual(
      (await search({})).map(({ Name }) => Name),
      ['new'],
    );
    assert.deepEqual(
      (await search({ IncludeDeprecated: true })).map(({ Name }) => Name),
      ['old', 'new'],
    );
  });

  const refusals: [string, string, string, RegExp][] = [
    [
      'one that does not exist',
      missingAmi,
      'InvalidAMIID.NotFound',
      /^The image id '\[ami-0eeeeeeeeeeeeeeee\]' does not exist$/,
    ],
    ['one that was deregistered', 'ami-0f000000000000012', 'InvalidAMIID.NotFound', /does not exist/],
    ['a malformed id', 'ami-xyz', 'InvalidAMIID.Malformed', /^Invalid id: "ami-xyz"$/],
  ];
  for (const [title, id, name, message] of refusals)
    it(`refuses ${title}`, async () => {
      const refusal = await rejectionOf(images({ ImageIds: [id] }));
      assert.equal(refusal.name, name);
      assert.match(refusal.message, message);
    });
});

describe('other things that EC2 describes', () => {
  it('instance types with their architecture', async () => {
    const { ec2 } = createTestRegion();
    const { InstanceTypes } = await ec2.send(
      new DescribeInstanceTypesCommand({
        InstanceTypes: ['m6i.xlarge', 'm7g.large', 'g4dn.xlarge', 'g5g.xlarge', 't4g.small'],
      }),
    );
    assert.deepEqual(
      InstanceTypes?.map(({ InstanceType, ProcessorInfo, VCpuInfo }) => [
        InstanceType,
        ProcessorInfo?.SupportedArchitectures?.[0],
        VCpuInfo?.DefaultVCpus,
      ]),
      [
        ['g4dn.xlarge', 'x86_64', 4],
        ['g5g.xlarge', 'arm64', 4],
        ['m6i.xlarge', 'x86_64', 4],
        ['m7g.large', 'arm64', 2],
        ['t4g.small', 'arm64', 2],
      ],
    );
  });

  it('a subnet per zone, whose free addresses shrink with the instances in it', async () => {
    const { ec2 } = createTestRegion();
    const { Subnets } = await ec2.send(new DescribeSubnetsCommand({}));
    assert.deepEqual(
      Subnets?.map(({ AvailabilityZone, CidrBlock, AvailableIpAddressCount }) => [
        AvailabilityZone,
        CidrBlock,
        AvailableIpAddressCount,
      ]),
      [
        ['eu-west-1a', '10.0.0.0/19', 8185],
        ['eu-west-1b', '10.0.32.0/19', 8185],
        ['eu-west-1c', '10.0.64.0/19', 8185],
      ],
    );
    const { AvailabilityZones } = await ec2.send(new DescribeAvailabilityZonesCommand({}));
    assert.deepEqual(
      AvailabilityZones?.map(({ ZoneId }) => ZoneId),
      ['euw1-az1', 'euw1-az2', 'euw1-az3'],
    );
  });

  it('the volumes and tags of an instance', async () => {
    const { ec2, inService } = createTestRegion();
    const id = inService()[0]?.instance.instanceId as string;
    const { Volumes } = await ec2.send(
      new DescribeVolumesCommand({ Filters: [{ Name: 'attachment.instance-id', Values: [id] }] }),
    );
    assert.deepEqual(
      Volumes?.map(({ Size, VolumeType, Encrypted, Attachments }) => [
        Size,
        VolumeType,
        Encrypted,
        Attachments?.[0]?.State,
      ]),
      [[80, 'gp3', true, 'attached']],
    );
    const { Tags } = await ec2.send(
      new DescribeTagsCommand({
        Filters: [
          { Name: 'resource-id', Values: [id] },
          { Name: 'key', Values: ['Name'] },
        ],
      }),
    );
    assert.deepEqual(Tags, [{ Key: 'Name', Value: 'workers', ResourceId: id, ResourceType: 'instance' }]);
  });
});
