import type { Image } from '../../../world/scenario.ts';

/** Minor number of a Kubernetes version: 33 of 1.33. */
export const minorOf = (version: string): number => Number(version.split('.')[1]);

/** The release version that EKS records of an AMI. */
export const releaseVersionOf = (image: Image, amiType: string): string =>
  amiType === 'CUSTOM' ? image.id : (image.releaseVersion ?? image.name);

/**
 * Find the AMI of a release, or the one that is recommended now: of several releases the newest, where none is recommended.
 *
 * @returns undefined when there is no such AMI
 */
export function findRelease(
  images: Iterable<Image>,
  { amiType, version, releaseVersion }: { amiType: string; version: string; releaseVersion: string | undefined },
): Image | undefined {
  const ofVersion = [...images]
    .filter((image) => image.amiType === amiType && image.kubernetesVersion === version)
    .sort((left, right) => (left.createdAt < right.createdAt ? 1 : -1));
  return releaseVersion === undefined
    ? (ofVersion.find(({ isRecommended }) => isRecommended) ?? ofVersion[0])
    : ofVersion.find((image) => image.releaseVersion === releaseVersion);
}
