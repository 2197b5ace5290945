import type { Group, Image, Scenario, ScenarioCluster } from '../../../world/scenario.ts';
import type { LaunchTemplateData } from '../../ec2/state/launch-template-data.ts';
import type { LaunchTemplate, LaunchTemplates } from '../../ec2/state/launch-templates.ts';
import type { Network } from '../../ec2/state/network.ts';
import type { LaunchSource, TemplateSpecification } from './group.ts';

/** What a template version of a group holds: enough to see that an upgrade keeps all of it. */
export const templateData = (
  group: Group,
  cluster: ScenarioCluster,
  network: Network,
  imageId: string,
): LaunchTemplateData => ({
  ImageId: imageId,
  InstanceType: group.instanceType,
  IamInstanceProfile: { Name: `${cluster.name}-node` },
  SecurityGroupIds: [network.securityGroupId],
  BlockDeviceMappings: [
    {
      DeviceName: group.amiType.startsWith('WINDOWS_') ? '/dev/sda1' : '/dev/xvda',
      Ebs: { DeleteOnTermination: true, Encrypted: true, VolumeSize: 80, VolumeType: 'gp3' },
    },
  ],
  MetadataOptions: { HttpTokens: 'required', HttpPutResponseHopLimit: 2, HttpEndpoint: 'enabled' },
  TagSpecifications: [{ ResourceType: 'instance', Tags: [{ Key: 'Name', Value: group.name }] }],
  ...(group.userData === undefined ? {} : { UserData: Buffer.from(group.userData).toString('base64') }),
});

/** An AMI that an earlier version of the template may have had: an older one of the same kind. */
const olderImage = (images: readonly Image[], group: Group): string => {
  const current = images.find(({ id }) => id === group.amiId);
  const older = images
    .filter(({ amiType, createdAt }) => amiType === group.amiType && createdAt < (current?.createdAt ?? ''))
    .sort((left, right) => (left.createdAt < right.createdAt ? 1 : -1));
  return older[0]?.id ?? group.amiId;
};

/** A group's template, with the versions that its nodes run. */
export interface TemplateOfGroup {
  readonly template: LaunchTemplate;
  /** Version of the nodes that are not renewed. */
  readonly currentVersion: number;
  /** Version of the nodes that an earlier upgrade has renewed. */
  readonly renewedVersion: number | undefined;
}

/**
 * Create a group's launch template with its history, or find the one that it shares with another group.
 *
 * @throws Error when groups that share a version disagree about its AMI, or a renewed node has no AMI
 */
export function createTemplate(
  { images, accountId }: Scenario,
  cluster: ScenarioCluster,
  group: Group,
  network: Network,
  launchTemplates: LaunchTemplates,
  createdBy = `arn:aws:iam::${accountId}:user/platform`,
): TemplateOfGroup {
  const name = group.launchTemplateName ?? group.name;
  const wanted = /^\d+$/.test(group.launchTemplateVersion) ? Number(group.launchTemplateVersion) : 1;
  const version = (imageId: string, description?: string) => ({
    data: templateData(group, cluster, network, imageId),
    description,
    createdBy,
  });

  const existing = launchTemplates.findByName(name);
  const firstImage = wanted === 1 ? group.amiId : olderImage(images, group);
  const template = existing ?? launchTemplates.create(name, version(firstImage), {});
  while (template.latestVersion < wanted)
    launchTemplates.addVersion(
      template,
      version(template.latestVersion + 1 === wanted ? group.amiId : olderImage(images, group)),
    );
  const imageInUse = template.versions.get(wanted)?.data.ImageId;
  if (imageInUse !== group.amiId)
    throw new Error(
      `group ${group.name}: version ${wanted} of launch template ${name} has ${imageInUse}, not ${group.amiId}`,
    );

  if (group.renewedNodes === 0) return { template, currentVersion: wanted, renewedVersion: undefined };
  if (group.renewedAmiId === undefined) throw new Error(`group ${group.name}: renewedNodes needs renewedAmiId`);
  const renewed = launchTemplates.addVersion(template, version(group.renewedAmiId, 'an earlier, unfinished upgrade'));
  return { template, currentVersion: wanted, renewedVersion: renewed.number };
}

/** What a group launches from; override templates that do not exist yet are created. */
export function sourceOf(
  scenario: Scenario,
  cluster: ScenarioCluster,
  group: Group,
  template: LaunchTemplate | undefined,
  network: Network,
  launchTemplates: LaunchTemplates,
): LaunchSource {
  if (group.launchConfigurationName !== undefined || template === undefined)
    return {
      kind: 'launch-configuration',
      name: group.launchConfigurationName ?? group.name,
      imageId: group.amiId,
      instanceType: group.instanceType,
    };
  const specification: TemplateSpecification = {
    templateId: template.id,
    templateName: template.name,
    version: group.launchTemplateVersion,
  };
  if (group.mixedInstances === undefined) return { kind: 'launch-template', template: specification };
  const overrides = group.mixedInstances.overrides.map(({ instanceType, weightedCapacity, launchTemplateName }) => {
    if (launchTemplateName === undefined) return { instanceType, weightedCapacity };
    const own =
      launchTemplates.findByName(launchTemplateName) ??
      launchTemplates.create(
        launchTemplateName,
        {
          data: { ...templateData(group, cluster, network, group.amiId), InstanceType: instanceType },
          createdBy: `arn:aws:iam::${scenario.accountId}:user/platform`,
        },
        {},
      );
    return {
      instanceType,
      weightedCapacity,
      template: { templateId: own.id, templateName: own.name, version: String(own.defaultVersion) },
    };
  });
  return {
    kind: 'mixed-instances',
    template: specification,
    overrides,
    distribution: {
      OnDemandAllocationStrategy: 'prioritized',
      OnDemandBaseCapacity: 0,
      OnDemandPercentageAboveBaseCapacity: 100,
      SpotAllocationStrategy: 'capacity-optimized',
    },
  };
}
