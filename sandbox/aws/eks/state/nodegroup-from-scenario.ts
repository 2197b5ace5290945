import type { Group, Image, Scenario, ScenarioCluster } from '../../../world/scenario.ts';
import { templateData } from '../../auto-scaling/state/launch-source-from-scenario.ts';
import type { LaunchTemplates } from '../../ec2/state/launch-templates.ts';
import type { Network } from '../../ec2/state/network.ts';
import type { NodeConfiguration, Nodegroup, SourceTemplate } from './nodegroup.ts';
import { releaseVersionOf } from './releases.ts';

/** A group that EKS manages. */
export type ManagedGroup = Group & { readonly managed: NonNullable<Group['managed']> };

export const isManaged = (group: Group): group is ManagedGroup => group.managed !== undefined;

/** A UUID that depends on nothing but a name. */
export const uuidOf = (name: string): string =>
  Buffer.from(name)
    .toString('hex')
    .padEnd(32, '0')
    .slice(0, 32)
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');

/** Name of the launch template that EKS makes for a group, by the group's UUID. */
export const templateNameOf = (id: string): string => `eks-${id}`;

/** Who makes EKS's own launch templates. */
export const serviceRoleOf = (accountId: string): string =>
  `arn:aws:sts::${accountId}:assumed-role/AWSServiceRoleForAmazonEKSNodegroup/EKS`;

/** A managed group as Auto Scaling has it: launched from EKS's own template, whatever template its owner gave. */
export const onOwnTemplate = (group: ManagedGroup): Group => ({
  ...group,
  launchTemplateName: templateNameOf(uuidOf(group.name)),
  launchTemplateVersion:
    group.launchTemplateName === undefined && /^\d+$/.test(group.launchTemplateVersion)
      ? group.launchTemplateVersion
      : '1',
});

/** The owner's template and the versions of it that nodes run, which are two when an earlier update has failed half-way. */
interface Sources {
  readonly current: SourceTemplate | undefined;
  readonly renewed: SourceTemplate | undefined;
}

/** Create the launch template that a group's owner made. Only one with a custom AMI names an AMI. */
function createSources(
  { accountId }: Scenario,
  cluster: ScenarioCluster,
  group: ManagedGroup,
  network: Network,
  launchTemplates: LaunchTemplates,
): Sources {
  const { launchTemplateName: name, launchTemplateVersion, renewedAmiId } = group;
  if (name === undefined) return { current: undefined, renewed: undefined };
  const isCustom = group.amiType === 'CUSTOM';
  const version = (imageId: string) => {
    const { ImageId, ...data } = templateData(group, cluster, network, imageId);
    return {
      data: isCustom ? { ...data, ImageId } : data,
      createdBy: `arn:aws:iam::${accountId}:user/platform`,
    };
  };
  const wanted = /^\d+$/.test(launchTemplateVersion) ? Number(launchTemplateVersion) : 1;
  const template = launchTemplates.findByName(name) ?? launchTemplates.create(name, version(group.amiId), {});
  while (template.latestVersion < wanted) launchTemplates.addVersion(template, version(group.amiId));
  const at = (number: number): SourceTemplate => ({ id: template.id, name, version: String(number) });
  if (!isCustom || group.renewedNodes === 0 || renewedAmiId === undefined)
    return { current: at(wanted), renewed: at(wanted) };
  return { current: at(wanted), renewed: at(launchTemplates.addVersion(template, version(renewedAmiId)).number) };
}

/** Where a managed group comes from. */
interface NodegroupOrigin {
  readonly scenario: Scenario;
  readonly cluster: ScenarioCluster;
  readonly group: ManagedGroup;
  readonly images: ReadonlyMap<string, Image>;
  readonly network: Network;
  readonly launchTemplates: LaunchTemplates;
  /** EKS's own template, and the versions of it that nodes run. */
  readonly own: {
    readonly templateId: string;
    readonly currentVersion: number;
    readonly renewedVersion: number | undefined;
  };
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly createdAt: number;
}

/** Create the record that EKS has of a group which a scenario starts with. */
export function createNodegroup(origin: NodegroupOrigin): Nodegroup {
  const { scenario, cluster, group, images, network, launchTemplates, own, startedAt, createdAt } = origin;
  const { region, accountId } = scenario;
  const { managed } = group;
  const sources = createSources(scenario, cluster, group, network, launchTemplates);

  const configurationAt = (templateVersion: number, imageId: string, source: SourceTemplate | undefined) => {
    const image = images.get(imageId);
    const configuration: NodeConfiguration = {
      templateVersion,
      imageId,
      version: image?.kubernetesVersion ?? cluster.version,
      releaseVersion: image === undefined ? imageId : releaseVersionOf(image, group.amiType),
      source,
    };
    return configuration;
  };
  const configuration = configurationAt(own.currentVersion, group.amiId, sources.current);
  const configurations = new Map([[own.currentVersion, configuration]]);
  if (own.renewedVersion !== undefined)
    configurations.set(
      own.renewedVersion,
      configurationAt(own.renewedVersion, group.renewedAmiId ?? group.amiId, sources.renewed),
    );

  return {
    clusterName: cluster.name,
    name: managed.nodegroupName,
    arn: `arn:aws:eks:${region}:${accountId}:nodegroup/${cluster.name}/${managed.nodegroupName}/${uuidOf(group.name)}`,
    createdAt,
    autoScalingGroupName: group.name,
    amiType: group.amiType,
    capacityType: 'ON_DEMAND',
    instanceTypes: group.mixedInstances?.overrides.map(({ instanceType }) => instanceType) ?? [group.instanceType],
    subnets: group.zones.map((zone) => network.subnetOf(zone).subnetId),
    nodeRole: `arn:aws:iam::${accountId}:role/${cluster.name}-node`,
    diskSize: undefined,
    tags: group.tags,
    templateId: own.templateId,
    configurations,
    updates: [],
    configuration,
    status: managed.status,
    modifiedAt: startedAt,
    isCheckDue: false,
    healthIssues: managed.healthIssues.map((issue) => ({ ...issue, resourceIds: [group.name] })),
    labels: group.labels,
    taints: group.taints,
    updateConfig: {
      ...(managed.maxUnavailablePercentage === undefined
        ? { maxUnavailable: managed.maxUnavailable ?? 1 }
        : { maxUnavailablePercentage: managed.maxUnavailablePercentage }),
      updateStrategy: managed.updateStrategy ?? 'DEFAULT',
    },
  };
}
