import assert from 'node:assert/strict';
import { CreateLaunchTemplateVersionCommand, EC2Client } from '@aws-sdk/client-ec2';
import {
  DescribeUpdateCommand,
  ListUpdatesCommand,
  paginateListUpdates,
  UpdateNodegroupVersionCommand,
  type UpdateNodegroupVersionRequest,
} from '@aws-sdk/client-eks';
import { rejectionOf } from '../region-fixture.ts';
import {
  createEksWorld,
  NEW_AMI,
  NEW_RELEASE,
  NEXT_MINOR_RELEASE,
  OLD_AMI,
  OLD_RELEASE,
  type WorldInput,
} from './eks-world.ts';

type Request = Partial<UpdateNodegroupVersionRequest>;
type World = ReturnType<typeof createEksWorld>;

const templated: WorldInput = { group: { launchTemplateName: 'platform', launchTemplateVersion: '2' } };
const custom: WorldInput = { group: { launchTemplateName: 'platform', amiType: 'CUSTOM' } };

/** A further version of the owner's template. */
const addVersion = (world: World, data: object, name = 'platform') =>
  new EC2Client(world.config).send(
    new CreateLaunchTemplateVersionCommand({
      LaunchTemplateName: name,
      SourceVersion: '1',
      LaunchTemplateData: data,
    }),
  );

describe('a request to update a managed node group', () => {
  const refusals: [string, WorldInput, Request, string, string][] = [
    [
      'a group that is being created',
      { managed: { status: 'CREATING' } },
      {},
      'ResourceInUseException',
      'Nodegroup cannot be updated as it is currently not in Active State',
    ],
    [
      'a degraded group',
      { managed: { status: 'DEGRADED' } },
      {},
      'ResourceInUseException',
      'Nodegroup cannot be updated as it is currently not in Active State',
    ],
    [
      'a cluster that is being updated',
      { cluster: { status: 'UPDATING' } },
      {},
      'InvalidRequestException',
      "Cluster 'shop' is not in ACTIVE status",
    ],
    [
      'a cluster that does not exist',
      {},
      { clusterName: 'nowhere' },
      'ResourceNotFoundException',
      'No cluster found for name: nowhere.',
    ],
    [
      'a group that does not exist',
      {},
      { nodegroupName: 'nobody' },
      'ResourceNotFoundException',
      'No node group found for name: nobody.',
    ],
    [
      'an unknown release',
      {},
      { releaseVersion: '1.33.9-20991231' },
      'InvalidParameterException',
      'Requested release version 1.33.9-20991231 is not valid for kubernetes version 1.33.',
    ],
    [
      'a release of another Kubernetes version',
      {},
      { version: '1.33', releaseVersion: NEXT_MINOR_RELEASE },
      'InvalidParameterException',
      `Requested release version ${NEXT_MINOR_RELEASE} is not valid for kubernetes version 1.33.`,
    ],
    [
      'a Kubernetes version ahead of the cluster',
      {},
      { version: '1.34' },
      'InvalidParameterException',
      'Nodegroup Kubernetes version should be equal to Cluster kubernetes version 1.33 or NodeGroup kubernetes version 1.33',
    ],
    [
      'a Kubernetes version that is neither the cluster’s nor its own',
      { cluster: { version: '1.34' } },
      { version: '1.32' },
      'InvalidParameterException',
      'Nodegroup Kubernetes version should be equal to Cluster kubernetes version 1.34 or NodeGroup kubernetes version 1.33',
    ],
    [
      'Amazon Linux 2 for a Kubernetes version that has none',
      { group: { amiType: 'AL2_x86_64' } },
      {},
      'InvalidParameterException',
      'AMI Type AL2_x86_64 is only supported for kubernetes versions 1.32 or earlier',
    ],
    [
      'a custom AMI without a template',
      custom,
      {},
      'InvalidParameterException',
      "Launch template details can't be null for Custom ami type node group",
    ],
    [
      'a custom AMI with a version',
      custom,
      { version: '1.33', launchTemplate: { name: 'platform', version: '1' } },
      'InvalidParameterException',
      'You cannot specify the field kubernetesVersion when using custom AMIs.',
    ],
    [
      'a custom AMI with a release',
      custom,
      { releaseVersion: NEW_RELEASE },
      'InvalidParameterException',
      'You cannot specify the field releaseVersion when using custom AMIs.',
    ],
    [
      'a template by id and name',
      templated,
      { launchTemplate: { name: 'platform', id: 'lt-00000000000000000' } },
      'InvalidParameterException',
      'Either provide launch template ID or launch template name in the request.',
    ],
    [
      'a template by neither',
      templated,
      { launchTemplate: { version: '1' } },
      'InvalidParameterException',
      'Either provide launch template ID or launch template name in the request.',
    ],
    [
      'a template for a group that was created without one',
      {},
      { launchTemplate: { name: 'platform', version: '1' } },
      'InvalidParameterException',
      'You can only update a node group using a launch template if the node group was originally deployed with a launch template.',
    ],
    [
      'a template that does not exist',
      templated,
      { launchTemplate: { name: 'nothing', version: '1' } },
      'InvalidParameterException',
      'The specified launch template, with template name nothing, does not exist.',
    ],
  ];
  for (const [title, world, request, name, message] of refusals)
    it(`is refused for ${title}`, async () => {
      const { eks, names } = createEksWorld(world);
      const sent = eks.send(new UpdateNodegroupVersionCommand({ ...names, ...request }));
      assert.deepEqual(await rejectionOf(sent), { name, message });
    });

  it('is refused for a template version that does not exist', async () => {
    const world = createEksWorld(templated);
    const { message } = await rejectionOf(world.startUpdate({ launchTemplate: { name: 'platform', version: '9' } }));
    assert.match(message, /Could not find the specified version 9 for the launch template with ID lt-/);
  });

  it('is refused for another template than the group was created with', async () => {
    const world = createEksWorld(templated);
    const own = world.sandbox.region.state.launchTemplates.all().find(({ name }) => name.startsWith('eks-'));
    const { name, message } = await rejectionOf(world.startUpdate({ launchTemplate: { id: own?.id, version: '1' } }));
    assert.equal(name, 'InvalidParameterException');
    assert.match(message, /^When updating, you must specify the same launch template ID or name/);
  });

  it('is refused for a template with an AMI of its own, of a group that has EKS’s', async () => {
    const world = createEksWorld(templated);
    await addVersion(world, { ImageId: NEW_AMI });
    const { message } = await rejectionOf(world.startUpdate({ launchTemplate: { name: 'platform', version: '3' } }));
    assert.match(message, /from a custom AMI to an Amazon EKS optimized AMI, or the other way/);
  });

  it('says in the members of a refusal which cluster and group it is about', async () => {
    const { eks, names } = createEksWorld({ managed: { status: 'CREATING' } });
    await assert.rejects(eks.send(new UpdateNodegroupVersionCommand(names)), {
      $fault: 'client',
      clusterName: 'shop',
      nodegroupName: 'workers',
    });
  });

  it('is refused while another update runs', async () => {
    const world = createEksWorld();
    await world.startUpdate();
    const { name } = await rejectionOf(world.startUpdate());
    assert.equal(name, 'ResourceInUseException');
  });

  it('gives the same update again for the same token, and an error when the token comes with another request', async () => {
    const world = createEksWorld();
    const { id } = await world.startUpdate({ clientRequestToken: 'once' });
    await world.clock.advance(60);
    assert.equal((await world.startUpdate({ clientRequestToken: 'once' })).id, id);
    const other = world.startUpdate({ clientRequestToken: 'once', force: true });
    assert.equal((await rejectionOf(other)).name, 'InvalidParameterException');
  });

  const targets: [string, WorldInput, Request, { version: string; releaseVersion: string }][] = [
    [
      'the newest release of the cluster’s version, when it names none',
      { cluster: { version: '1.34' } },
      {},
      { version: '1.34', releaseVersion: NEXT_MINOR_RELEASE },
    ],
    [
      'the newest release of the group’s own version, when it names that',
      { cluster: { version: '1.34' } },
      { version: '1.33' },
      { version: '1.33', releaseVersion: NEW_RELEASE },
    ],
    [
      'an older release, when it names one',
      { group: { amiId: NEW_AMI } },
      { version: '1.33', releaseVersion: OLD_RELEASE },
      { version: '1.33', releaseVersion: OLD_RELEASE },
    ],
  ];
  for (const [title, world, request, expected] of targets)
    it(`is for ${title}`, async () => {
      const started = createEksWorld(world);
      assert.equal((await started.update(request)).status, 'Successful');
      const { version, releaseVersion } = await started.describe();
      assert.deepEqual({ version, releaseVersion }, expected);
    });

  it('moves a group to another version of its owner’s template', async () => {
    const world = createEksWorld(templated);
    await addVersion(world, { KeyName: 'break-glass' });
    const request = { releaseVersion: OLD_RELEASE, launchTemplate: { name: 'platform', version: '3' } };
    const update = await world.update(request);
    assert.equal(update.status, 'Successful');
    assert.deepEqual(update.params?.slice(0, 2), [
      { type: 'LaunchTemplateName', value: 'platform' },
      { type: 'LaunchTemplateVersion', value: '3' },
    ]);
    assert.equal((await world.describe()).launchTemplate?.version, '3');
    const [member] = world.group().members.values();
    assert.equal(member?.instance.data.KeyName, 'break-glass');
    assert.equal(member?.instance.image.id, OLD_AMI);
    assert.match(member?.launchedTemplate?.templateName ?? '', /^eks-/);
  });

  it('moves a group to another custom AMI by its template', async () => {
    const world = createEksWorld(custom);
    await addVersion(world, { ImageId: NEW_AMI });
    const update = await world.update({ launchTemplate: { name: 'platform', version: '2' } });
    assert.equal(update.status, 'Successful');
    const { releaseVersion, amiType } = await world.describe();
    assert.deepEqual([releaseVersion, amiType], [NEW_AMI, 'CUSTOM']);
    assert.ok([...world.group().members.values()].every(({ instance }) => instance.image.id === NEW_AMI));
  });

  it('fails at once with user data that EKS cannot merge with its own', async () => {
    const world = createEksWorld(templated);
    await addVersion(world, { UserData: Buffer.from('echo hello').toString('base64') });
    const { status, errors } = await world.update({ launchTemplate: { name: 'platform', version: '3' } });
    assert.equal(status, 'Failed');
    assert.deepEqual(errors, [
      { errorCode: 'Unknown', errorMessage: 'User data was not in the MIME multipart format.', resourceIds: [] },
    ]);
    assert.equal((await world.describe()).status, 'ACTIVE');
  });
});

describe('the updates of a managed node group', () => {
  it('are listed over pages, by group', async () => {
    const world = createEksWorld({ group: { amiId: NEW_AMI } });
    const ids = [];
    for (const _ of [1, 2, 3]) ids.push((await world.update()).id);
    const input = { name: 'shop', nodegroupName: 'workers' };
    const found: unknown[] = [];
    for await (const { updateIds } of paginateListUpdates({ client: world.eks, pageSize: 2 }, input))
      found.push(...(updateIds ?? []));
    assert.deepEqual(found, ids);
    const ofCluster = await world.eks.send(new ListUpdatesCommand({ name: 'shop' }));
    assert.deepEqual(ofCluster.updateIds, []);
  });

  it('are found only under their group', async () => {
    const world = createEksWorld();
    const { id } = await world.startUpdate();
    const described = world.eks.send(new DescribeUpdateCommand({ name: 'shop', updateId: id }));
    assert.deepEqual(await rejectionOf(described), {
      name: 'ResourceNotFoundException',
      message: `No update found for ID: ${id}`,
    });
  });
});
