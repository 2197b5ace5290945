import type { Deps } from '../../clients/ports.ts';
import {
  AMI_TYPES,
  type AmiType,
  amiFamily,
  amiParameters,
  amiTypeOfName,
  releaseParameter,
} from '../../domain/ami/ami.ts';
import { AmiNotFound, InvalidInput, UnpublishedAmi } from '../../domain/errors.ts';
import type { UpgradeInput } from '../../domain/input/input.ts';
import type { LaunchSource, LaunchTemplateVersion, MachineImage } from '../../domain/types.ts';

/** The AMI a run goes to, and where it came from. */
export interface ResolvedTarget {
  readonly image: MachineImage;
  readonly amiType?: AmiType;
  readonly releaseVersion?: string;
  /** In words, for the plan. */
  readonly source: string;
  /** Number of the existing template version that the input names. */
  readonly launchTemplateVersion?: string;
}

/** What is known of the group when its target is resolved. */
export interface TargetFacts {
  readonly input: UpgradeInput;
  readonly kubernetesVersion: string;
  readonly launchSource: LaunchSource;
  readonly currentImage?: MachineImage | undefined;
  /** As EKS records it, managed groups only. */
  readonly nodegroupAmiType?: string | undefined;
}

const AMI_ID = /^ami-[0-9a-f]{8,17}$/;

/** The AMI type: as given, as EKS records it, or as the name of the AMI in use tells. */
function amiTypeOf({ input, nodegroupAmiType, currentImage }: TargetFacts): AmiType | undefined {
  if (input.amiType !== undefined) return input.amiType;
  if (AMI_TYPES.includes(nodegroupAmiType as AmiType) && nodegroupAmiType !== 'CUSTOM')
    return nodegroupAmiType as AmiType;
  return currentImage === undefined ? undefined : amiTypeOfName(currentImage.name);
}

function requireAmiType(facts: TargetFacts): AmiType {
  const amiType = amiTypeOf(facts);
  if (amiType !== undefined && amiType !== 'CUSTOM') return amiType;
  const current = facts.currentImage === undefined ? 'the AMI in use' : `the AMI in use, "${facts.currentImage.name}",`;
  throw new UnpublishedAmi(
    `${current} is not one that AWS publishes for EKS, so there is no recommended successor: name "amiType" (such as AL2023_x86_64_STANDARD), or a "target" such as {"amiId": "ami-…"}`,
  );
}

export async function imageOf(deps: Deps, amiId: string, origin: string): Promise<MachineImage> {
  if (!AMI_ID.test(amiId)) throw new AmiNotFound(`${origin} holds "${amiId}", which is not an AMI id`);
  const image = await deps.ec2.findImage(amiId);
  if (image === undefined) {
    throw new AmiNotFound(`${amiId} (${origin}) does not exist in this region, or is not shared with this account`);
  }
  return image;
}

async function fromParameter(deps: Deps, name: string, hint: string): Promise<MachineImage> {
  const amiId = await deps.parameters.find(name);
  if (amiId === undefined) throw new AmiNotFound(`there is no SSM parameter ${name}: ${hint}`);
  return imageOf(deps, amiId, `the SSM parameter ${name}`);
}

/** The release version that is published beside an AMI id. */
async function publishedRelease(deps: Deps, amiType: AmiType, kubernetesVersion: string): Promise<string | undefined> {
  const parameters = amiParameters(amiType, kubernetesVersion);
  if (parameters === undefined) return undefined;
  const value = await deps.parameters.find(parameters.release);
  if (value === undefined || !parameters.isReleaseInJson) return value;
  try {
    return (JSON.parse(value) as { release_version?: string }).release_version;
  } catch {
    return undefined;
  }
}

async function recommended(deps: Deps, facts: TargetFacts): Promise<ResolvedTarget> {
  const amiType = requireAmiType(facts);
  const parameters = amiParameters(amiType, facts.kubernetesVersion);
  if (parameters === undefined) {
    throw new AmiNotFound(`AWS documents no SSM parameter for ${amiType}: name the "target" of the upgrade`);
  }
  const image = await fromParameter(
    deps,
    parameters.imageId,
    `AWS publishes no ${amiType} AMI for Kubernetes ${facts.kubernetesVersion}; name another "amiType" or a "target"`,
  );
  const releaseVersion = await publishedRelease(deps, amiType, facts.kubernetesVersion);
  return {
    image,
    amiType,
    ...(releaseVersion !== undefined && { releaseVersion }),
    source: `recommended by ${parameters.imageId}`,
  };
}

async function byRelease(deps: Deps, facts: TargetFacts, releaseVersion: string): Promise<ResolvedTarget> {
  const amiType = requireAmiType(facts);
  const { kubernetesVersion } = facts;
  const name = releaseParameter(amiType, kubernetesVersion, releaseVersion);
  if (name === undefined) {
    throw new InvalidInput(
      `"${releaseVersion}" is not a release version of ${amiType} for Kubernetes ${kubernetesVersion}: write it like 1.33.5-20260101 (Amazon Linux) or 1.49.0 (Bottlerocket), or name the AMI`,
    );
  }
  const hint = `there is no release ${releaseVersion} of ${amiType} for Kubernetes ${kubernetesVersion}`;
  const image = await fromParameter(deps, name, hint);
  return { image, amiType, releaseVersion, source: `release ${releaseVersion} by ${name}` };
}

async function byVersion(deps: Deps, facts: TargetFacts, version: string): Promise<ResolvedTarget> {
  const { launchTemplateId } = facts.launchSource;
  const found = await deps.ec2.findLaunchTemplateVersion(launchTemplateId, version);
  if (found === undefined) throw new InvalidInput(`launch template ${launchTemplateId} has no version ${version}`);
  if (found.imageId === undefined) {
    throw new InvalidInput(`version ${version} of launch template ${launchTemplateId} names no AMI`);
  }
  const image = await imageOf(deps, found.imageId, `version ${version} of ${launchTemplateId}`);
  return { image, source: `version ${version} of launch template ${launchTemplateId}`, launchTemplateVersion: version };
}

/**
 * Resolve the AMI of the upgrade, once: `recommended` moves while a run is under way.
 *
 * @throws {AmiNotFound} when it does not exist or nobody publishes it
 * @throws {InvalidInput} when the input does not determine one
 */
export async function resolveTarget(deps: Deps, facts: TargetFacts): Promise<ResolvedTarget> {
  const { target } = facts.input;
  if (target?.amiId !== undefined) {
    return { image: await imageOf(deps, target.amiId, 'the target'), source: 'named in the input' };
  }
  if (target?.launchTemplateVersion !== undefined) return byVersion(deps, facts, target.launchTemplateVersion);
  if (target?.releaseVersion !== undefined) return byRelease(deps, facts, target.releaseVersion);
  if (target?.ssmParameter !== undefined) {
    const image = await fromParameter(deps, target.ssmParameter, 'check its name');
    return { image, source: `SSM parameter ${target.ssmParameter}` };
  }
  return recommended(deps, facts);
}

/** Minor version of Kubernetes an AMI was made for, from the name AWS gave it. */
const minorOf = (imageName: string): number | undefined => {
  const minor = /(?:^|-)1\.(\d+)(?:-|$)/.exec(imageName)?.[1];
  return minor === undefined ? undefined : Number(minor);
};

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
  const [minor, control] = [minorOf(image.name), Number(kubernetesVersion.split('.')[1])];
  if (minor !== undefined && (minor > control || control - minor > 3)) {
    throw new InvalidInput(
      `${image.imageId} is for Kubernetes 1.${minor}, but the control plane is ${kubernetesVersion}: nodes may be up to three minor versions older, and never newer`,
    );
  }
}

/** Number of the template version in use. @throws {InvalidInput} when it does not exist any more */
export async function versionInUse(deps: Deps, source: LaunchSource): Promise<LaunchTemplateVersion> {
  const version = await deps.ec2.findLaunchTemplateVersion(source.launchTemplateId, source.version);
  if (version !== undefined) return version;
  throw new InvalidInput(
    `the group launches from version ${source.version} of ${source.launchTemplateId}, which does not exist: point it at an existing version`,
  );
}
