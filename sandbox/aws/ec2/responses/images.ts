import type { Image } from '../../../world/scenario.ts';
import type { RegionState } from '../../region-state.ts';
import { IMAGE_OWNER_ALIAS, isBottlerocketImage, isWindowsImage, rootDeviceOf } from '../state/images.ts';

const snapshotOf = ({ id }: Image) => `snap-${id.slice('ami-'.length).padStart(17, '0')}`;

/** An AMI as DescribeImages shows it. */
export const imageShape = (image: Image, { scenario }: RegionState) => ({
  ImageId: image.id,
  ImageLocation: `${IMAGE_OWNER_ALIAS}/${image.name}`,
  State: image.state,
  OwnerId: scenario.accountId,
  ImageOwnerAlias: IMAGE_OWNER_ALIAS,
  CreationDate: image.createdAt,
  DeprecationTime: image.deprecatedAt,
  Public: true,
  Architecture: image.architecture,
  ImageType: 'machine',
  Platform: isWindowsImage(image) ? 'Windows' : undefined,
  PlatformDetails: isWindowsImage(image) ? 'Windows' : 'Linux/UNIX',
  UsageOperation: isWindowsImage(image) ? 'RunInstances:0002' : 'RunInstances',
  Name: image.name,
  Description: `EKS-optimized Kubernetes node (k8s: ${image.kubernetesVersion}, ${image.amiType})`,
  ImageAllowed: true,
  EnaSupport: true,
  Hypervisor: 'xen',
  VirtualizationType: 'hvm',
  RootDeviceType: 'ebs',
  RootDeviceName: rootDeviceOf(image),
  BlockDeviceMappings: [rootDeviceOf(image), ...(isBottlerocketImage(image) ? ['/dev/xvdb'] : [])].map((device) => ({
    DeviceName: device,
    Ebs: {
      DeleteOnTermination: true,
      Encrypted: false,
      SnapshotId: snapshotOf(image),
      VolumeSize: 20,
      VolumeType: 'gp3',
    },
  })),
});
