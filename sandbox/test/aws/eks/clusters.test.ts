import assert from 'node:assert/strict';
import {
  DescribeAddonCommand,
  DescribeClusterCommand,
  DescribeClusterVersionsCommand,
  type DescribeClusterVersionsRequest,
  DescribeFargateProfileCommand,
  ListAddonsCommand,
  ListFargateProfilesCommand,
} from '@aws-sdk/client-eks';
import { rejectionOf } from '../region-fixture.ts';
import { createEksWorld, NEXT_MINOR_RELEASE } from './eks-world.ts';

describe('the Kubernetes versions of EKS', () => {
  const images = ['1.31', '1.32', '1.33', '1.34'].map((kubernetesVersion, index) => ({
    id: `ami-0000000${index}`,
    name: kubernetesVersion,
    kubernetesVersion,
    releaseVersion: `${kubernetesVersion}.${index}-20260101`,
  }));
  const versions = async (request: DescribeClusterVersionsRequest) => {
    const scenario = { images, startsAt: '2026-01-04T03:00:00Z' };
    const { eks } = createEksWorld({ scenario, group: { amiId: 'ami-00000002' } });
    const { clusterVersions } = await eks.send(new DescribeClusterVersionsCommand(request));
    return clusterVersions ?? [];
  };
  const names = async (request: DescribeClusterVersionsRequest) =>
    (await versions(request)).map(({ clusterVersion }) => clusterVersion);

  it('come with their support and its ends', async () => {
    const [version] = await versions({ clusterVersions: ['1.31'] });
    assert.deepEqual(version, {
      clusterVersion: '1.31',
      clusterType: 'eks',
      defaultPlatformVersion: 'eks.1',
      defaultVersion: false,
      releaseDate: new Date('2024-09-26T00:00:00Z'),
      endOfStandardSupportDate: new Date('2025-11-26T00:00:00Z'),
      endOfExtendedSupportDate: new Date('2026-11-26T00:00:00Z'),
      status: 'extended-support',
      versionStatus: 'EXTENDED_SUPPORT',
      kubernetesPatchVersion: '1.31.0',
    });
  });

  const filters: [string, DescribeClusterVersionsRequest, string[]][] = [
    ['all that have AMIs, newest first', {}, ['1.34', '1.33', '1.32', '1.31']],
    ['those asked for', { clusterVersions: ['1.32', '1.33'] }, ['1.33', '1.32']],
    ['the default one', { defaultOnly: true }, ['1.34']],
    ['those with extended support', { versionStatus: 'EXTENDED_SUPPORT' }, ['1.31']],
    ['those with standard support, in the older spelling', { status: 'standard-support' }, ['1.34', '1.33', '1.32']],
    ['none of another kind of cluster', { clusterType: 'eks-anywhere' }, []],
  ];
  for (const [title, request, expected] of filters)
    it(`are ${title}`, async () => assert.deepEqual(await names(request), expected));

  it('come over pages', async () => {
    const { eks } = createEksWorld();
    const first = await eks.send(new DescribeClusterVersionsCommand({ maxResults: 1 }));
    const second = await eks.send(new DescribeClusterVersionsCommand({ maxResults: 1, nextToken: first.nextToken }));
    assert.deepEqual(
      [...(first.clusterVersions ?? []), ...(second.clusterVersions ?? [])].map((each) => each.kubernetesPatchVersion),
      [NEXT_MINOR_RELEASE.split('-')[0], '1.33.5'],
    );
  });
});

describe('what a cluster has besides its groups', () => {
  const world = () =>
    createEksWorld({
      cluster: {
        autoMode: true,
        addons: [{ name: 'vpc-cni', version: 'v1.20.4-eksbuild.2' }],
        fargateProfiles: [{ name: 'jobs', namespace: 'jobs', labels: { size: 'small' } }],
      },
    });

  it('are add-ons', async () => {
    const { eks } = world();
    assert.deepEqual((await eks.send(new ListAddonsCommand({ clusterName: 'shop' }))).addons, ['vpc-cni']);
    const { addon } = await eks.send(new DescribeAddonCommand({ clusterName: 'shop', addonName: 'vpc-cni' }));
    assert.deepEqual([addon?.addonVersion, addon?.status], ['v1.20.4-eksbuild.2', 'ACTIVE']);
    const missing = eks.send(new DescribeAddonCommand({ clusterName: 'shop', addonName: 'coredns' }));
    assert.deepEqual(await rejectionOf(missing), {
      name: 'ResourceNotFoundException',
      message: 'No addon: coredns found in cluster: shop',
    });
  });

  it('are Fargate profiles', async () => {
    const { eks } = world();
    const { fargateProfileNames } = await eks.send(new ListFargateProfilesCommand({ clusterName: 'shop' }));
    assert.deepEqual(fargateProfileNames, ['jobs']);
    const described = { clusterName: 'shop', fargateProfileName: 'jobs' };
    const { fargateProfile } = await eks.send(new DescribeFargateProfileCommand(described));
    assert.deepEqual(fargateProfile?.selectors, [{ namespace: 'jobs', labels: { size: 'small' } }]);
    const missing = eks.send(new DescribeFargateProfileCommand({ ...described, fargateProfileName: 'x' }));
    assert.equal((await rejectionOf(missing)).name, 'ResourceNotFoundException');
  });

  it('is Auto Mode', async () => {
    const describe = async ({ eks }: ReturnType<typeof createEksWorld>) =>
      (await eks.send(new DescribeClusterCommand({ name: 'shop' }))).cluster?.computeConfig?.enabled;
    assert.equal(await describe(world()), true);
    assert.equal(await describe(createEksWorld()), undefined);
  });
});
