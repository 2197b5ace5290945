import { AMI_TYPES, type AmiType, amiTypeOfName } from '../ami/ami.ts';
import { UnpublishedAmi } from '../errors.ts';
import type { UpgradeInput } from '../input/input.ts';
import type { UpdateRequest } from '../state.ts';
import type { LaunchSource, MachineImage } from '../types.ts';

/** What is known of the group when its target is resolved. */
export interface TargetFacts {
  readonly input: UpgradeInput;
  readonly kubernetesVersion: string;
  readonly launchSource: LaunchSource;
  readonly currentImage?: MachineImage | undefined;
  /** As EKS records it, managed groups only. */
  readonly nodegroupAmiType?: string | undefined;
}

/** The AMI a run goes to, and where it came from. */
export interface ResolvedTarget {
  readonly image: MachineImage;
  readonly amiType?: AmiType;
  readonly releaseVersion?: string;
  /** In words, for the plan. */
  readonly source: string;
  /** Number of the existing template version that the input names. */
  readonly launchTemplateVersion?: string;
  /** That version's snapshots, by device name. */
  readonly snapshots?: Readonly<Record<string, string>>;
}

/** What EKS will be asked for, and what comes of it. */
export interface ResolvedUpdate extends ResolvedTarget {
  readonly nodegroupName: string;
  readonly update: UpdateRequest;
  readonly renewedLabels: Record<string, string>;
  /** EKS records all of it for the group already. */
  readonly isRecorded: boolean;
}

const isAmiType = (name: string | undefined): name is AmiType => AMI_TYPES.some((amiType) => amiType === name);

/** The AMI type: as given, as EKS records it, or by the name of the AMI in use. */
function amiTypeOf({ input, nodegroupAmiType, currentImage }: TargetFacts): AmiType | undefined {
  if (input.amiType !== undefined) return input.amiType;
  if (isAmiType(nodegroupAmiType) && nodegroupAmiType !== 'CUSTOM') return nodegroupAmiType;
  return currentImage === undefined ? undefined : amiTypeOfName(currentImage.name);
}

/** The AMI type whose releases the group can follow. @throws {InvalidInput} when AWS publishes none of it */
export function requireAmiType(facts: TargetFacts): AmiType {
  const amiType = amiTypeOf(facts);
  if (amiType !== undefined && amiType !== 'CUSTOM') return amiType;
  const current = facts.currentImage === undefined ? 'the AMI in use' : `the AMI in use, "${facts.currentImage.name}",`;
  throw new UnpublishedAmi(
    `${current} is not one that AWS publishes for EKS, so there is no recommended successor: name "amiType" (such as AL2023_x86_64_STANDARD), or a "target" such as {"amiId": "ami-…"}`,
  );
}
