import { AmiNotFound, InvalidInput } from '../errors.ts';
import type { MachineImage } from '../types.ts';
import { amiFamily, amiTypeOfName } from './ami.ts';

/** Minor version of Kubernetes an AMI was made for, from the name AWS gave it; what names of others mean nobody knows. */
const minorOf = (imageName: string): number | undefined => {
  const minor = amiTypeOfName(imageName) && /-1\.(\d+)(?:-|$)/.exec(imageName)?.[1];
  return minor === undefined ? undefined : Number(minor);
};

/** Nodes may be up to three minor versions older than the control plane, and never newer. */
const isTooFar = (minor: number, kubernetesVersion: string): boolean => {
  const control = Number(kubernetesVersion.split('.')[1]);
  return minor > control || control - minor > 3;
};

/**
 * Doubt an AMI whose name is not one of AWS and holds a version that would be too far from the control plane's, if it is one of
 * Kubernetes.
 */
export function doubtOf({ imageId, name }: MachineImage, kubernetesVersion: string): string | undefined {
  if (amiTypeOfName(name) !== undefined) return undefined;
  const minors = [...name.matchAll(/(?<![\d.])1\.(\d+)(?![\d.]*\d)/g)].map(([, minor]) => Number(minor));
  if (minors.length === 0 || minors.some((minor) => !isTooFar(minor, kubernetesVersion))) return undefined;
  return `${imageId} is named ${name}: if 1.${minors[0]} is its Kubernetes version, its nodes cannot join a control plane of ${kubernetesVersion}, as they may be up to three minor versions older, and never newer`;
}

/**
 * Refuse an AMI that the group's instances could not run, or that would not join the cluster.
 *
 * @param architectures of the running instances
 * @throws {AmiNotFound} when it is not available
 * @throws {InvalidInput} when it is of another architecture or family, or too far from the control plane's version
 */
export function checkImage(facts: {
  image: MachineImage;
  currentImage?: MachineImage | undefined;
  architectures: readonly string[];
  kubernetesVersion: string;
}): void {
  const { image, currentImage, architectures, kubernetesVersion } = facts;
  if (image.state !== 'available') throw new AmiNotFound(`${image.imageId} is ${image.state}, not available`);
  if (!image.isAllowed) throw new AmiNotFound(`${image.imageId} is not among the Allowed AMIs of this account`);
  const other = architectures.find((architecture) => architecture !== image.architecture);
  if (other !== undefined) {
    throw new InvalidInput(
      `${image.imageId} is for ${image.architecture}, but the instances of the group are ${other}: choose an AMI for ${other}`,
    );
  }
  const family = (name: string) => {
    const amiType = amiTypeOfName(name);
    return amiType === undefined ? undefined : amiFamily(amiType);
  };
  const [from, to] = [currentImage === undefined ? undefined : family(currentImage.name), family(image.name)];
  if (from !== undefined && to !== undefined && from !== to) {
    throw new InvalidInput(
      `${image.imageId} is ${to}, but the group runs ${from}: they need different user data, so make a launch template version with both and name it as "target"`,
    );
  }
  const minor = minorOf(image.name);
  if (minor !== undefined && isTooFar(minor, kubernetesVersion)) {
    throw new InvalidInput(
      `${image.imageId} is for Kubernetes 1.${minor}, but the control plane is ${kubernetesVersion}: nodes may be up to three minor versions older, and never newer`,
    );
  }
}
