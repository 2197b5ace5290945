import type { Image } from '../../../world/scenario.ts';
import { isAwsError } from '../../aws-error.ts';
import { findInstanceType, type InstanceType } from '../../ec2/state/instance-types.ts';
import type { LaunchTemplateData } from '../../ec2/state/launch-template-data.ts';
import type { LaunchTemplates } from '../../ec2/state/launch-templates.ts';
import { isCounted, type LaunchedTemplate, type LaunchSource, type Member } from '../state/group.ts';

/** What the next instance of a group is launched with. */
export interface LaunchPlan {
  readonly image: Image;
  readonly instanceType: InstanceType;
  readonly data: LaunchTemplateData;
  readonly launchedTemplate: LaunchedTemplate | undefined;
  readonly launchConfigurationName: string | undefined;
  readonly weight: number;
  readonly hasWeight: boolean;
  readonly overrideIndex: number;
}

/** A launch that cannot succeed, in EC2's words. */
export interface LaunchRefusal {
  readonly failure: string;
}

/** What planning looks things up in. */
export interface LaunchCatalogue {
  readonly launchTemplates: LaunchTemplates;
  readonly images: ReadonlyMap<string, Image>;
  /** SSM parameters, for `resolve:ssm:`. */
  readonly parameters: ReadonlyMap<string, string>;
}

/** The AMI id behind a template's ImageId, which may name an SSM parameter. */
export const resolveImageId = (imageId: string, parameters: ReadonlyMap<string, string>): string =>
  imageId.startsWith('resolve:ssm:')
    ? (parameters.get(imageId.slice('resolve:ssm:'.length).split(':')[0] as string) ?? imageId)
    : imageId;

/** The override with the fewest capacity units now, the first of several: so that every override is used. */
function leastUsedOverride(count: number, members: Iterable<Member>): number {
  const units = new Array<number>(count).fill(0);
  for (const member of members)
    if (isCounted(member)) units[member.overrideIndex] = (units[member.overrideIndex] ?? 0) + member.weight;
  return units.indexOf(Math.min(...units));
}

const whyImageCannotLaunch = (imageId: string, image: Image | undefined): string | undefined => {
  if (image?.state === 'pending') return `The image ami '${imageId}' is pending, and cannot be run.`;
  if (image === undefined || image.state !== 'available') return `The image id '[${imageId}]' does not exist.`;
  if (image.boots === 'launch-fails') return image.launchFailure ?? 'Client.InternalError: Client error on launch.';
  return undefined;
};

const architectureMismatch = (image: Image, type: InstanceType) =>
  `The architecture '${type.architecture}' of the specified instance type does not match the architecture '${image.architecture}' of the specified AMI. Specify an instance type and an AMI that have matching architectures, and try again. You can use 'describe-instance-types' or 'describe-images' to discover the architecture of the instance type or AMI.`;

/** A launch before anybody has looked at its AMI and instance type. */
export type ResolvedLaunch = Omit<LaunchPlan, 'image' | 'instanceType'>;

/**
 * Resolve what a group launches from, as it is now: templates by number, `$Latest` or `$Default`, and overrides.
 *
 * @throws InvalidLaunchTemplateId.NotFound, InvalidLaunchTemplateId.VersionNotFound
 */
export function resolveLaunch(
  source: LaunchSource,
  members: Iterable<Member>,
  launchTemplates: LaunchTemplates,
): ResolvedLaunch {
  if (source.kind === 'launch-configuration')
    return {
      data: { ImageId: source.imageId, InstanceType: source.instanceType },
      launchedTemplate: undefined,
      launchConfigurationName: source.name,
      weight: 1,
      hasWeight: false,
      overrideIndex: 0,
    };

  const hasOverrides = source.kind === 'mixed-instances' && source.overrides.length > 0;
  const overrideIndex = hasOverrides ? leastUsedOverride(source.overrides.length, members) : 0;
  const override = hasOverrides ? source.overrides[overrideIndex] : undefined;
  const { templateId, version } = override?.template ?? source.template;
  const template = launchTemplates.get({ LaunchTemplateId: templateId });
  const { number, data } = launchTemplates.getVersion(template, version);
  return {
    data: {
      ...data,
      ...(override?.instanceType === undefined ? {} : { InstanceType: override.instanceType }),
      ...(override?.imageId === undefined ? {} : { ImageId: override.imageId }),
    },
    launchedTemplate: { templateId, templateName: template.name, versionNumber: number },
    launchConfigurationName: undefined,
    weight: Number(override?.weightedCapacity ?? 1),
    hasWeight: override?.weightedCapacity !== undefined,
    overrideIndex,
  };
}

/**
 * Plan the next launch of a group. Nothing in the template was checked when the group was updated; this is where EC2
 * finds out.
 */
export function planLaunch(
  source: LaunchSource,
  members: Iterable<Member>,
  { launchTemplates, images, parameters }: LaunchCatalogue,
): LaunchPlan | LaunchRefusal {
  let resolved: ResolvedLaunch;
  try {
    resolved = resolveLaunch(source, members, launchTemplates);
  } catch (thrown) {
    if (!isAwsError(thrown)) throw thrown;
    return { failure: `You must use a valid fully-formed launch template. ${thrown.message}` };
  }
  const imageId = resolveImageId(resolved.data.ImageId ?? '', parameters);
  const image = images.get(imageId);
  const imageFailure = whyImageCannotLaunch(imageId, image);
  if (image === undefined || imageFailure !== undefined) return { failure: imageFailure as string };
  const instanceType = findInstanceType(resolved.data.InstanceType ?? '');
  if (instanceType === undefined)
    return { failure: `Invalid value '${resolved.data.InstanceType ?? ''}' for InstanceType.` };
  if (instanceType.architecture !== image.architecture) return { failure: architectureMismatch(image, instanceType) };
  return { ...resolved, image, instanceType };
}
