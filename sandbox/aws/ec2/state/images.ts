import type { Image } from '../../../world/scenario.ts';

/** Account of the AMIs; EC2 calls it by its alias `amazon`. */
export const IMAGE_OWNER_ALIAS = 'amazon';

export const isWindowsImage = ({ amiType }: Image) => amiType.startsWith('WINDOWS_');
export const isBottlerocketImage = ({ amiType }: Image) => amiType.startsWith('BOTTLEROCKET_');

/** Name of the root device, which differs between AMI families. */
export const rootDeviceOf = (image: Image): string => (isWindowsImage(image) ? '/dev/sda1' : '/dev/xvda');

/** What a node that boots this image calls its operating system; the release shows in it, as on a real node. */
export function osImageOf(image: Image): string {
  const { amiType, kubernetesVersion, releaseVersion = '' } = image;
  const release = releaseVersion.split('-').at(-1) ?? '';
  if (isWindowsImage(image)) return `Windows Server ${amiType.includes('2019') ? '2019' : '2022'} Datacenter`;
  if (isBottlerocketImage(image))
    return `Bottlerocket OS ${releaseVersion.split('-')[0]} (aws-k8s-${kubernetesVersion})`;
  if (amiType.startsWith('AL2_')) return 'Amazon Linux 2';
  return ['Amazon Linux 2023', release.length === 8 ? `9.${release}` : ''].filter(Boolean).join('.');
}

/** kubelet version of a node that boots this image; a Bottlerocket or Windows release does not contain the patch number. */
export function kubeletVersionOf({ kubernetesVersion, releaseVersion = '' }: Image): string {
  const [version = ''] = releaseVersion.split('-');
  return version.startsWith(`${kubernetesVersion}.`) ? `v${version}` : `v${kubernetesVersion}.0`;
}
