import {
  CreateLaunchTemplateVersionCommand,
  DeleteLaunchTemplateVersionsCommand,
  DescribeImagesCommand,
  DescribeLaunchTemplateVersionsCommand,
  EC2Client,
  type EC2ClientConfig,
  paginateDescribeInstances,
  type Instance as ServiceInstance,
  type LaunchTemplateVersion as ServiceVersion,
} from '@aws-sdk/client-ec2';
import { omitUndefined } from '../../domain/omit-undefined.ts';
import type { Instance, LaunchTemplateVersion } from '../../domain/types.ts';
import type { Ec2 } from '../ports.ts';
import { absentWhen, callAws, callAwsForPages } from './call-aws.ts';
import { requireMember } from './whole-answer.ts';

/** The most instances that EC2 puts on a page. */
const PAGE_SIZE = 1000;
const ALIAS = 'resolve:ssm:';
const DESCRIPTION_LENGTH = 255;

const noImage = absentWhen(/^InvalidAMIID\.(NotFound|Malformed|Unavailable)$/);
const noVersion = absentWhen(
  /^InvalidLaunchTemplate(Id|Name)\.(NotFound|NotFoundException|VersionNotFound|Malformed)$/,
);

const toInstance = (instance: ServiceInstance): Instance => ({
  instanceId: instance.InstanceId ?? '',
  imageId: instance.ImageId ?? '',
  architecture: instance.Architecture ?? '',
  instanceType: instance.InstanceType ?? '',
  zone: instance.Placement?.AvailabilityZone ?? '',
  launchedAt: instance.LaunchTime?.toISOString() ?? '',
});

/** Snapshots in the block device mappings of a version, by device name; `undefined` when there is none. */
function snapshotsOf({ LaunchTemplateData = {} }: ServiceVersion): Record<string, string> | undefined {
  const pairs = (LaunchTemplateData.BlockDeviceMappings ?? []).flatMap(({ DeviceName, Ebs }) =>
    DeviceName === undefined || Ebs?.SnapshotId === undefined ? [] : [[DeviceName, Ebs.SnapshotId] as const],
  );
  return pairs.length === 0 ? undefined : Object.fromEntries(pairs);
}

const toVersion = (version: ServiceVersion, imageId: string | undefined, imageAlias?: string): LaunchTemplateVersion =>
  omitUndefined({
    launchTemplateId: version.LaunchTemplateId ?? '',
    version: version.VersionNumber ?? 0,
    imageId,
    imageAlias,
    snapshots: snapshotsOf(version),
    isDefault: version.DefaultVersion ?? false,
    description: version.VersionDescription,
  });

/**
 * Reach Amazon EC2 through the SDK.
 *
 * @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Operations.html
 */
export function createEc2(client: EC2Client): Ec2 {
  const describeVersion = async (LaunchTemplateId: string, version: string, ResolveAlias: boolean) => {
    const command = new DescribeLaunchTemplateVersionsCommand({ LaunchTemplateId, Versions: [version], ResolveAlias });
    const found = await callAws('ec2:DescribeLaunchTemplateVersions', () => client.send(command), noVersion);
    return found && requireMember('ec2:DescribeLaunchTemplateVersions', found.LaunchTemplateVersions)[0];
  };

  return {
    async findImage(imageId) {
      // A deprecated AMI can still be launched by id. Without the flag the answer leaves out those of other accounts.
      const command = new DescribeImagesCommand({ ImageIds: [imageId], IncludeDeprecated: true });
      const found = await callAws('ec2:DescribeImages', () => client.send(command), noImage);
      const image = found && requireMember('ec2:DescribeImages', found.Images)[0];
      if (image === undefined) return undefined;
      return omitUndefined({
        imageId: image.ImageId ?? imageId,
        name: image.Name ?? '',
        state: image.State ?? '',
        architecture: image.Architecture ?? '',
        deprecatedAt: image.DeprecationTime,
        isAllowed: image.ImageAllowed ?? true,
        platform: image.PlatformDetails ?? image.Platform ?? '',
        createdAt: image.CreationDate ?? '',
        rootDeviceName: image.RootDeviceName,
      });
    },

    async findLaunchTemplateVersion(launchTemplateId, version) {
      const found = await describeVersion(launchTemplateId, version, false);
      if (found === undefined) return undefined;
      const imageId = found.LaunchTemplateData?.ImageId;
      if (imageId?.startsWith(ALIAS) !== true) return toVersion(found, imageId);
      // An answer with the alias resolved does not contain the alias, so there are two requests.
      const resolved = await describeVersion(launchTemplateId, version, true);
      return toVersion(found, resolved?.LaunchTemplateData?.ImageId, imageId);
    },

    async createLaunchTemplateVersion({ launchTemplateId, sourceVersion, imageId, description, clientToken }) {
      const command = new CreateLaunchTemplateVersionCommand({
        LaunchTemplateId: launchTemplateId,
        SourceVersion: sourceVersion,
        VersionDescription: description.slice(0, DESCRIPTION_LENGTH),
        ClientToken: clientToken,
        LaunchTemplateData: { ImageId: imageId },
      });
      const created = await callAws('ec2:CreateLaunchTemplateVersion', async (action) =>
        requireMember(action, (await client.send(command)).LaunchTemplateVersion),
      );
      return toVersion({ LaunchTemplateId: launchTemplateId, ...created }, imageId);
    },

    async deleteLaunchTemplateVersion(LaunchTemplateId, version) {
      const command = new DeleteLaunchTemplateVersionsCommand({ LaunchTemplateId, Versions: [version] });
      await callAws('ec2:DeleteLaunchTemplateVersions', () => client.send(command), noVersion);
    },

    listInstances(autoScalingGroupName) {
      const request = {
        Filters: [
          { Name: 'tag:aws:autoscaling:groupName', Values: [autoScalingGroupName] },
          { Name: 'instance-state-name', Values: ['pending', 'running'] },
        ],
      };
      return callAwsForPages(
        'ec2:DescribeInstances',
        paginateDescribeInstances({ client, pageSize: PAGE_SIZE }, request),
        ({ Reservations }) => Reservations?.flatMap(({ Instances = [] }) => Instances.map(toInstance)),
      );
    },
  };
}

export const connectEc2 = (config: EC2ClientConfig): Ec2 => createEc2(new EC2Client(config));
