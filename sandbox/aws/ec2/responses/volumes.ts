import type { Instance, Volume } from '../state/instances.ts';

/** A volume and the instance that it is attached to. */
export interface AttachedVolume {
  readonly volume: Volume;
  readonly instance: Instance;
}

/** A volume as DescribeVolumes shows it. */
export const volumeShape = ({ volume, instance }: AttachedVolume) => ({
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
