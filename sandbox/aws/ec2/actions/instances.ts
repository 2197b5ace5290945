import { awsError } from '../../aws-error.ts';
import { boolean, list, required, string } from '../../input-shapes.ts';
import type { RegionState } from '../../region-state.ts';
import type { Action } from '../../service-from-actions.ts';
import { tagShapes } from '../responses/tags.ts';
import { isWindowsImage, rootDeviceOf } from '../state/images.ts';
import { allInstanceTypes, findInstanceType, type InstanceType } from '../state/instance-types.ts';
import type { Instance, InstanceState } from '../state/instances.ts';
import { ec2Action } from './dry-run.ts';
import { filtersShape, matcherOf } from './filters.ts';
import { ec2Page, pagingMembers } from './pages.ts';

const stateCodes: Readonly<Record<InstanceState, number>> = {
  pending: 0,
  running: 16,
  'shutting-down': 32,
  terminated: 48,
};

const stateShape = (state: InstanceState) => ({ Code: stateCodes[state], Name: state });

const instanceShape = (instance: Instance, { network }: RegionState) => {
  const isGone = instance.state === 'terminated';
  return {
    InstanceId: instance.instanceId,
    ImageId: instance.image.id,
    State: stateShape(instance.state),
    PrivateDnsName: isGone ? '' : instance.privateDnsName,
    PublicDnsName: '',
    StateTransitionReason: instance.stateReason?.message.split(': ')[1] ?? '',
    AmiLaunchIndex: 0,
    ProductCodes: [],
    InstanceType: instance.instanceType.name,
    LaunchTime: new Date(instance.launchedAt),
    Placement: {
      AvailabilityZone: instance.availabilityZone,
      AvailabilityZoneId: network.subnetOf(instance.availabilityZone).availabilityZoneId,
      GroupName: '',
      Tenancy: 'default',
    },
    Platform: isWindowsImage(instance.image) ? 'Windows' : undefined,
    Monitoring: { State: 'disabled' },
    ...(!isGone && {
      SubnetId: network.subnetOf(instance.availabilityZone).subnetId,
      VpcId: network.vpcId,
      PrivateIpAddress: instance.privateIpAddress,
      SecurityGroups: [{ GroupId: network.securityGroupId, GroupName: 'nodes' }],
    }),
    StateReason: instance.stateReason && { Code: instance.stateReason.code, Message: instance.stateReason.message },
    Architecture: instance.image.architecture,
    RootDeviceType: 'ebs',
    RootDeviceName: rootDeviceOf(instance.image),
    BlockDeviceMappings: isGone
      ? []
      : instance.volumes.map(({ volumeId, deviceName }) => ({
          DeviceName: deviceName,
          Ebs: {
            VolumeId: volumeId,
            Status: 'attached',
            AttachTime: new Date(instance.launchedAt),
            DeleteOnTermination: true,
          },
        })),
    VirtualizationType: 'hvm',
    Hypervisor: 'xen',
    EbsOptimized: true,
    EnaSupport: true,
    ClientToken: '',
    Tags: tagShapes(instance.tags),
  };
};

const instanceFilters = {
  'instance-id': ({ instanceId }: Instance) => [instanceId],
  'instance-state-name': ({ state }: Instance) => [state],
  'instance-state-code': ({ state }: Instance) => [String(stateCodes[state])],
  'image-id': ({ image }: Instance) => [image.id],
  'instance-type': ({ instanceType }: Instance) => [instanceType.name],
  'availability-zone': ({ availabilityZone }: Instance) => [availabilityZone],
  'private-dns-name': ({ privateDnsName }: Instance) => [privateDnsName],
  'private-ip-address': ({ privateIpAddress }: Instance) => [privateIpAddress],
  'reservation-id': ({ reservationId }: Instance) => [reservationId],
  architecture: ({ image }: Instance) => [image.architecture],
};

const byLeastFirst = (left: InstanceType, right: InstanceType) => (left.name < right.name ? -1 : 1);

const instanceTypeShape = (type: InstanceType) => ({
  InstanceType: type.name,
  CurrentGeneration: type.isCurrentGeneration,
  FreeTierEligible: false,
  SupportedUsageClasses: ['on-demand', 'spot'],
  SupportedRootDeviceTypes: ['ebs'],
  SupportedVirtualizationTypes: ['hvm'],
  BareMetal: type.name.endsWith('.metal'),
  Hypervisor: 'nitro',
  ProcessorInfo: {
    SupportedArchitectures: [type.architecture],
    Manufacturer: type.architecture === 'arm64' ? 'AWS' : 'Intel',
  },
  VCpuInfo: { DefaultVCpus: type.vcpus },
  MemoryInfo: { SizeInMiB: type.memoryMiB },
  BurstablePerformanceSupported: type.isBurstable,
});

/** DescribeInstances, DescribeInstanceTypes and TerminateInstances. */
export const instanceActions = (state: RegionState): Readonly<Record<string, Action>> => {
  const { instances } = state;

  const getInstances = (ids: readonly string[]): Instance[] => {
    const malformed = ids.find((id) => !/^i-[0-9a-f]{8,17}$/.test(id));
    if (malformed !== undefined) throw awsError('InvalidInstanceID.Malformed', `Invalid id: "${malformed}"`);
    const missing = ids.filter((id) => instances.find(id) === undefined);
    if (missing.length === 1)
      throw awsError('InvalidInstanceID.NotFound', `The instance ID '${missing[0]}' does not exist`);
    if (missing.length > 1)
      throw awsError('InvalidInstanceID.NotFound', `The instance IDs '${missing.join(', ')}' do not exist`);
    return [...new Set(ids)].map((id) => instances.find(id) as Instance);
  };

  return {
    DescribeInstances: ec2Action(
      {
        InstanceIds: list(string, 'InstanceId'),
        Filters: filtersShape,
        IncludeManagedResources: boolean,
        ...pagingMembers,
      },
      ({ InstanceIds: ids = [], Filters, ...paging }) => {
        const matches = matcherOf<Instance>(Filters, instanceFilters, ({ tags }) => tags);
        const found = (ids.length > 0 ? getInstances(ids) : instances.all()).filter(matches);
        const page = ec2Page(found, ({ instanceId }) => instanceId, paging, {
          idsParameter: ids.length > 0 ? 'instancesSet' : undefined,
        });
        return {
          Reservations: page.items.map((instance) => ({
            ReservationId: instance.reservationId,
            OwnerId: state.scenario.accountId,
            Instances: [instanceShape(instance, state)],
          })),
          NextToken: page.nextToken,
        };
      },
    ),

    DescribeInstanceTypes: ec2Action(
      {
        InstanceTypes: list(string, 'InstanceType'),
        Filters: filtersShape,
        IncludeUnsupportedInRegion: boolean,
        ...pagingMembers,
      },
      ({ InstanceTypes: names = [], Filters, ...paging }) => {
        const unknown = names.filter((name) => findInstanceType(name) === undefined);
        if (unknown.length > 0)
          throw awsError(
            'InvalidInstanceType',
            `The following supplied instance types do not exist: [${unknown.join(', ')}]`,
          );
        const matches = matcherOf<InstanceType>(Filters, {
          'instance-type': ({ name }) => [name],
          'processor-info.supported-architecture': ({ architecture }) => [architecture],
          'current-generation': ({ isCurrentGeneration }) => [String(isCurrentGeneration)],
          'burstable-performance-supported': ({ isBurstable }) => [String(isBurstable)],
        });
        const asked = names.map(findInstanceType).filter((type) => type !== undefined);
        const found = (names.length > 0 ? asked : allInstanceTypes()).filter(matches).sort(byLeastFirst);
        const page = ec2Page(found, ({ name }) => name, paging, {
          idsParameter: names.length > 0 ? 'instanceTypes' : undefined,
        });
        return { InstanceTypes: page.items.map(instanceTypeShape), NextToken: page.nextToken };
      },
    ),

    TerminateInstances: ec2Action(
      { InstanceIds: required(list(string, 'InstanceId')), Force: boolean, SkipOsShutdown: boolean },
      ({ InstanceIds }) => ({
        TerminatingInstances: getInstances(InstanceIds).map((instance) => {
          const before = stateShape(instance.state);
          instances.shutDown(instance, {
            code: 'Client.UserInitiatedShutdown',
            message: 'Client.UserInitiatedShutdown: User initiated shutdown',
          });
          return {
            InstanceId: instance.instanceId,
            CurrentState: stateShape(instance.state),
            PreviousState: before,
          };
        }),
      }),
    ),
  };
};
