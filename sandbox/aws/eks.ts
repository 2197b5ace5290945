import type { Group, ScenarioCluster } from '../world/scenario.ts';
import { action, createService, validationRefusal } from './action.ts';
import { awsError } from './aws-error.ts';
import { pageOf } from './paging.ts';
import type { RegionState } from './region-state.ts';
import type { AwsService } from './service.ts';
import { integer, list, required, string, within } from './shapes.ts';

const routes = {
  ListClusters: 'GET /clusters',
  DescribeCluster: 'GET /clusters/{name}',
  ListNodegroups: 'GET /clusters/{clusterName}/node-groups',
  DescribeNodegroup: 'GET /clusters/{clusterName}/node-groups/{nodegroupName}',
};

const taintEffects = { NoSchedule: 'NO_SCHEDULE', PreferNoSchedule: 'PREFER_NO_SCHEDULE', NoExecute: 'NO_EXECUTE' };

/** A group that EKS manages. */
type ManagedGroup = Group & { readonly managed: NonNullable<Group['managed']> };

const isManaged = (group: Group): group is ManagedGroup => group.managed !== undefined;

const AGE_OF_CLUSTER_MS = 200 * 86_400_000;
const paging = { maxResults: within(integer, 1, 100), nextToken: string };
const invalidToken = () => awsError('InvalidParameterException', 'The nextToken is invalid.');

/** A hexadecimal name that depends on nothing but another name, for ARNs and OIDC issuers. */
const fingerprint = (name: string, length: number): string =>
  Buffer.from(name).toString('hex').padEnd(length, '0').slice(0, length);

/**
 * Amazon EKS.
 *
 * @see https://docs.aws.amazon.com/eks/latest/APIReference/Welcome.html
 */
export function createEksService(state: RegionState): AwsService {
  const { scenario, network, images, startedAt, autoScaling, launchTemplates } = state;
  const { region, accountId } = scenario;

  const getCluster = (name: string): ScenarioCluster => {
    const cluster = scenario.clusters.find((candidate) => candidate.name === name);
    if (cluster === undefined)
      throw awsError('ResourceNotFoundException', `No cluster found for name: ${name}.`, {
        status: 404,
        members: { clusterName: name },
      });
    return cluster;
  };

  const getNodegroup = (cluster: ScenarioCluster, name: string): ManagedGroup => {
    const found = cluster.groups.filter(isManaged).find(({ managed }) => managed.nodegroupName === name);
    if (found === undefined)
      throw awsError('ResourceNotFoundException', `No node group found for name: ${name}.`, {
        status: 404,
        members: { clusterName: cluster.name, nodegroupName: name },
      });
    return found;
  };

  const clusterShape = (cluster: ScenarioCluster) => {
    const isBuilt = cluster.status !== 'CREATING';
    const { endpoint, certificateAuthorityData } = isBuilt
      ? state.kubernetesEndpoint(cluster.name)
      : { endpoint: undefined, certificateAuthorityData: undefined };
    return {
      name: cluster.name,
      arn: `arn:aws:eks:${region}:${accountId}:cluster/${cluster.name}`,
      createdAt: new Date(startedAt - AGE_OF_CLUSTER_MS),
      version: cluster.version,
      endpoint,
      roleArn: `arn:aws:iam::${accountId}:role/${cluster.name}-cluster`,
      resourcesVpcConfig: {
        subnetIds: network.subnets.map(({ subnetId }) => subnetId),
        securityGroupIds: [],
        clusterSecurityGroupId: network.securityGroupId,
        vpcId: network.vpcId,
        endpointPublicAccess: true,
        endpointPrivateAccess: true,
        publicAccessCidrs: ['0.0.0.0/0'],
      },
      kubernetesNetworkConfig: { serviceIpv4Cidr: '172.20.0.0/16', ipFamily: 'ipv4' },
      logging: {
        clusterLogging: [
          { types: ['api', 'audit', 'authenticator', 'controllerManager', 'scheduler'], enabled: false },
        ],
      },
      identity: {
        oidc: { issuer: `https://oidc.eks.${region}.amazonaws.com/id/${fingerprint(cluster.name, 32).toUpperCase()}` },
      },
      status: cluster.status,
      certificateAuthority: { data: certificateAuthorityData },
      platformVersion: 'eks.1',
      tags: {},
      health: { issues: [] },
      accessConfig: { authenticationMode: cluster.authenticationMode },
      upgradePolicy: { supportType: 'STANDARD' },
      deletionProtection: false,
    };
  };

  const updateConfigShape = ({ managed }: ManagedGroup) => ({
    ...(managed.maxUnavailablePercentage === undefined
      ? { maxUnavailable: managed.maxUnavailable ?? 1 }
      : { maxUnavailablePercentage: managed.maxUnavailablePercentage }),
    updateStrategy: managed.updateStrategy ?? 'DEFAULT',
  });

  /** The user's own template, which EKS shows only when there is one. */
  const userTemplateShape = (group: ManagedGroup) => {
    if (group.launchTemplateName === undefined) return undefined;
    const template = launchTemplates.findByName(group.launchTemplateName);
    return template && { id: template.id, name: template.name, version: group.launchTemplateVersion };
  };

  const nodegroupShape = (cluster: ScenarioCluster, group: ManagedGroup) => {
    const autoScalingGroup = autoScaling.groups.get(group.name);
    const image = images.get(group.amiId);
    const { nodegroupName, status, healthIssues } = group.managed;
    const id = fingerprint(group.name, 32).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
    return {
      nodegroupName,
      nodegroupArn: `arn:aws:eks:${region}:${accountId}:nodegroup/${cluster.name}/${nodegroupName}/${id}`,
      clusterName: cluster.name,
      version: image?.kubernetesVersion ?? cluster.version,
      releaseVersion: group.amiType === 'CUSTOM' ? group.amiId : image?.releaseVersion,
      createdAt: new Date(autoScalingGroup?.createdAt ?? startedAt),
      modifiedAt: new Date(startedAt),
      status,
      capacityType: 'ON_DEMAND',
      scalingConfig: {
        minSize: autoScalingGroup?.minSize,
        maxSize: autoScalingGroup?.maxSize,
        desiredSize: autoScalingGroup?.desiredCapacity,
      },
      instanceTypes: group.mixedInstances?.overrides.map(({ instanceType }) => instanceType) ?? [group.instanceType],
      subnets: group.zones.map((zone) => network.subnetOf(zone).subnetId),
      amiType: group.amiType,
      nodeRole: `arn:aws:iam::${accountId}:role/${cluster.name}-node`,
      labels: group.labels,
      taints: group.taints.map(({ key, value, effect }) => ({ key, value, effect: taintEffects[effect] })),
      resources: { autoScalingGroups: [{ name: group.name }] },
      health: { issues: healthIssues.map((issue) => ({ ...issue, resourceIds: [group.name] })) },
      updateConfig: updateConfigShape(group),
      launchTemplate: userTemplateShape(group),
      tags: group.tags,
    };
  };

  return createService('eks', { protocol: 'rest-json', routes }, validationRefusal('InvalidParameterException'), {
    ListClusters: action({ ...paging, include: list(string) }, ({ maxResults = 100, nextToken }) => {
      const names = scenario.clusters.map(({ name }) => name).sort();
      const page = pageOf(names, (name) => name, { token: nextToken, size: maxResults }, invalidToken);
      return { clusters: page.items, nextToken: page.nextToken };
    }),
    DescribeCluster: action({ name: required(string) }, ({ name }) => ({ cluster: clusterShape(getCluster(name)) })),
    ListNodegroups: action(
      { clusterName: required(string), ...paging },
      ({ clusterName, maxResults = 100, nextToken }) => {
        const names = getCluster(clusterName)
          .groups.filter(isManaged)
          .map(({ managed }) => managed.nodegroupName)
          .sort();
        const page = pageOf(names, (name) => name, { token: nextToken, size: maxResults }, invalidToken);
        return { nodegroups: page.items, nextToken: page.nextToken };
      },
    ),
    DescribeNodegroup: action(
      { clusterName: required(string), nodegroupName: required(string) },
      ({ clusterName, nodegroupName }) => {
        const cluster = getCluster(clusterName);
        return { nodegroup: nodegroupShape(cluster, getNodegroup(cluster, nodegroupName)) };
      },
    ),
  });
}
