import { resolveImageId } from '../../auto-scaling/simulation/launch-plan.ts';
import type { AwsError } from '../../aws-error.ts';
import type { RegionState } from '../../region-state.ts';
import type { LaunchTemplate, LaunchTemplateVersion } from '../state/launch-templates.ts';
import { tagShapes } from './tags.ts';

/** A template as DescribeLaunchTemplates shows it. */
export const templateShape = (template: LaunchTemplate) => ({
  LaunchTemplateId: template.id,
  LaunchTemplateName: template.name,
  CreateTime: new Date(template.createdAt),
  CreatedBy: template.createdBy,
  DefaultVersionNumber: template.defaultVersion,
  LatestVersionNumber: Math.max(...template.versions.keys()),
  Tags: tagShapes(template.tags),
});

/** A version as DescribeLaunchTemplateVersions shows it; `resolvesAlias` replaces `resolve:ssm:` by the AMI's id. */
export const versionShape = (
  { parameters }: RegionState,
  template: LaunchTemplate,
  version: LaunchTemplateVersion,
  resolvesAlias: boolean,
) => ({
  LaunchTemplateId: template.id,
  LaunchTemplateName: template.name,
  VersionNumber: version.number,
  VersionDescription: version.description,
  CreateTime: new Date(version.createdAt),
  CreatedBy: version.createdBy,
  DefaultVersion: version.number === template.defaultVersion,
  LaunchTemplateData:
    resolvesAlias && version.data.ImageId !== undefined
      ? { ...version.data, ImageId: resolveImageId(version.data.ImageId, parameters) }
      : version.data,
});

/** Why DeleteLaunchTemplateVersions did not delete a version. */
export const deletionFailure = (version: string, { code, message }: AwsError) => ({
  VersionNumber: /^\d+$/.test(version) ? Number(version) : undefined,
  ResponseError: {
    Code: code === 'InvalidLaunchTemplateId.VersionNotFound' ? 'launchTemplateVersionDoesNotExist' : 'unexpectedError',
    Message: message,
  },
});
