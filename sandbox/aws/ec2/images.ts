import type { Image } from '../../world/scenario.ts';

/** Account of the AMIs; EC2 calls it by its alias `amazon`. */
export const IMAGE_OWNER_ALIAS = 'amazon';

export const isWindowsImage = ({ amiType }: Image) => amiType.startsWith('WINDOWS_');
export const isBottlerocketImage = ({ amiType }: Image) => amiType.startsWith('BOTTLEROCKET_');

/** Name of the root device, which differs between AMI families. */
export const rootDeviceOf = (image: Image): string => (isWindowsImage(image) ? '/dev/sda1' : '/dev/xvda');

/** kubelet version of a node that boots this image; a Bottlerocket or Windows release does not tell the patch number. */
export function kubeletVersionOf({ kubernetesVersion, releaseVersion = '' }: Image): string {
  const [version = ''] = releaseVersion.split('-');
  return version.startsWith(`${kubernetesVersion}.`) ? `v${version}` : `v${kubernetesVersion}.0`;
}
