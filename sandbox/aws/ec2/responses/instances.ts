import type { RegionState } from '../../region-state.ts';
import { isWindowsImage, rootDeviceOf } from '../state/images.ts';
import { type Instance, type InstanceState, stateCodes } from '../state/instances.ts';
import { tagShapes } from './tags.ts';

/** The state of an instance, by name and by number. */
export const stateShape = (state: InstanceState) => ({ Code: stateCodes[state], Name: state });

/** An instance as DescribeInstances shows it. */
export const instanceShape = (instance: Instance, { network }: RegionState) => {
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
