import { awsError } from '../../aws-error.ts';
import { boolean, list, string } from '../../input-shapes.ts';
import type { RegionState } from '../../region-state.ts';
import type { Action } from '../../service-from-actions.ts';
import type { Instance, Volume } from '../state/instances.ts';
import type { Subnet } from '../state/network.ts';
import { ec2Action } from './dry-run.ts';
import { filtersShape, matcherOf } from './filters.ts';
import { ec2Page, pagingMembers } from './pages.ts';

interface AttachedVolume {
  readonly volume: Volume;
  readonly instance: Instance;
}

const volumeShape = ({ volume, instance }: AttachedVolume) => ({
  VolumeId: volume.volumeId,
  Size: volume.sizeGib,
  VolumeType: volume.volumeType,
  Encrypted: volume.isEncrypted,
  AvailabilityZone: instance.availabilityZone,
  CreateTime: new Date(instance.launchedAt),
  State: 'in-use',
  MultiAttachEnabled: false,
  Attachments: [
    {
      VolumeId: volume.volumeId,
      InstanceId: instance.instanceId,
      Device: volume.deviceName,
      State: 'attached',
      AttachTime: new Date(instance.launchedAt),
      DeleteOnTermination: true,
    },
  ],
});

/** DescribeSubnets, DescribeAvailabilityZones, DescribeVolumes and DescribeTags. */
export const networkActions = (state: RegionState): Readonly<Record<string, Action>> => {
  const { network, instances, launchTemplates, scenario } = state;

  const allVolumes = (): AttachedVolume[] =>
    instances
      .all()
      .filter((instance) => instance.state !== 'terminated')
      .flatMap((instance) => instance.volumes.map((volume) => ({ volume, instance })));

  const subnetShape = (subnet: Subnet) => ({
    SubnetId: subnet.subnetId,
    SubnetArn: `arn:aws:ec2:${scenario.region}:${scenario.accountId}:subnet/${subnet.subnetId}`,
    VpcId: network.vpcId,
    OwnerId: scenario.accountId,
    State: 'available',
    CidrBlock: subnet.cidrBlock,
    AvailabilityZone: subnet.availabilityZone,
    AvailabilityZoneId: subnet.availabilityZoneId,
    AvailableIpAddressCount: subnet.countFree(),
    DefaultForAz: false,
    MapPublicIpOnLaunch: false,
    Tags: [],
  });

  return {
    DescribeSubnets: ec2Action(
      { SubnetIds: list(string, 'SubnetId'), Filters: filtersShape, ...pagingMembers },
      ({ SubnetIds: ids = [], Filters, ...paging }) => {
        const missing = ids.find((id) => network.subnets.every(({ subnetId }) => subnetId !== id));
        if (missing !== undefined)
          throw awsError('InvalidSubnetID.NotFound', `The subnet ID '${missing}' does not exist`);
        const matches = matcherOf<Subnet>(Filters, {
          'subnet-id': ({ subnetId }) => [subnetId],
          'vpc-id': () => [network.vpcId],
          'availability-zone': ({ availabilityZone }) => [availabilityZone],
          'availability-zone-id': ({ availabilityZoneId }) => [availabilityZoneId],
          'cidr-block': ({ cidrBlock }) => [cidrBlock],
          state: () => ['available'],
        });
        const found = network.subnets.filter(
          (subnet) => matches(subnet) && (ids.length === 0 || ids.includes(subnet.subnetId)),
        );
        const page = ec2Page(found, ({ subnetId }) => subnetId, paging, {
          idsParameter: ids.length > 0 ? 'subnetIds' : undefined,
        });
        return { Subnets: page.items.map(subnetShape), NextToken: page.nextToken };
      },
    ),

    DescribeAvailabilityZones: ec2Action(
      {
        ZoneNames: list(string, 'ZoneName'),
        ZoneIds: list(string, 'ZoneId'),
        AllAvailabilityZones: boolean,
        Filters: filtersShape,
      },
      ({ ZoneNames = [], ZoneIds = [], Filters }) => {
        const unknown = ZoneNames.find((name) =>
          network.subnets.every(({ availabilityZone }) => availabilityZone !== name),
        );
        if (unknown !== undefined) throw awsError('InvalidParameterValue', `Invalid availability zone: [${unknown}]`);
        const matches = matcherOf<Subnet>(Filters, {
          'zone-name': ({ availabilityZone }) => [availabilityZone],
          'zone-id': ({ availabilityZoneId }) => [availabilityZoneId],
          'region-name': () => [scenario.region],
          state: () => ['available'],
        });
        return {
          AvailabilityZones: network.subnets
            .filter(
              (subnet) =>
                matches(subnet) &&
                (ZoneNames.length === 0 || ZoneNames.includes(subnet.availabilityZone)) &&
                (ZoneIds.length === 0 || ZoneIds.includes(subnet.availabilityZoneId)),
            )
            .map(({ availabilityZone, availabilityZoneId }) => ({
              ZoneName: availabilityZone,
              ZoneId: availabilityZoneId,
              ZoneType: 'availability-zone',
              RegionName: scenario.region,
              GroupName: scenario.region,
              NetworkBorderGroup: scenario.region,
              OptInStatus: 'opt-in-not-required',
              State: 'available',
              Messages: [],
            })),
        };
      },
    ),

    DescribeVolumes: ec2Action(
      {
        VolumeIds: list(string, 'VolumeId'),
        Filters: filtersShape,
        IncludeManagedResources: boolean,
        ...pagingMembers,
      },
      ({ VolumeIds: ids = [], Filters, ...paging }) => {
        const volumes = allVolumes();
        const missing = ids.find((id) => volumes.every(({ volume }) => volume.volumeId !== id));
        if (missing !== undefined) throw awsError('InvalidVolume.NotFound', `The volume '${missing}' does not exist.`);
        const matches = matcherOf<AttachedVolume>(Filters, {
          'volume-id': ({ volume }) => [volume.volumeId],
          'attachment.instance-id': ({ instance }) => [instance.instanceId],
          'attachment.device': ({ volume }) => [volume.deviceName],
          'attachment.status': () => ['attached'],
          'availability-zone': ({ instance }) => [instance.availabilityZone],
          status: () => ['in-use'],
          'volume-type': ({ volume }) => [volume.volumeType],
        });
        const found = volumes.filter(
          (attached) => matches(attached) && (ids.length === 0 || ids.includes(attached.volume.volumeId)),
        );
        const page = ec2Page(found, ({ volume }) => volume.volumeId, paging, {
          idsParameter: ids.length > 0 ? 'volumeIds' : undefined,
        });
        return { Volumes: page.items.map(volumeShape), NextToken: page.nextToken };
      },
    ),

    DescribeTags: ec2Action({ Filters: filtersShape, ...pagingMembers }, ({ Filters, ...paging }) => {
      const of = (resourceId: string, resourceType: string, tags: Readonly<Record<string, string>>) =>
        Object.entries(tags).map(([Key, Value]) => ({
          ResourceId: resourceId,
          ResourceType: resourceType,
          Key,
          Value,
        }));
      const all = [
        ...instances.all().flatMap(({ instanceId, tags }) => of(instanceId, 'instance', tags)),
        ...launchTemplates.all().flatMap(({ id, tags }) => of(id, 'launch-template', tags)),
      ];
      const matches = matcherOf<(typeof all)[number]>(Filters, {
        key: ({ Key }) => [Key],
        value: ({ Value }) => [Value],
        'resource-id': ({ ResourceId }) => [ResourceId],
        'resource-type': ({ ResourceType }) => [ResourceType],
      });
      const page = ec2Page(all.filter(matches), ({ ResourceId, Key }) => `${ResourceId}/${Key}`, paging);
      return { Tags: page.items, NextToken: page.nextToken };
    }),
  };
};
