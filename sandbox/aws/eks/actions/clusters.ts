import type { ScenarioCluster } from '../../../world/scenario.ts';
import { list, required, string } from '../../input-shapes.ts';
import { pageOf } from '../../pages.ts';
import type { RegionState } from '../../region-state.ts';
import { type Action, action } from '../../service-from-actions.ts';
import { clusterCreatedAt } from '../state/cluster-age.ts';
import { getCluster } from '../state/nodegroups.ts';
import { invalidToken, paging } from './pages.ts';

/** Name of an OIDC issuer that depends on nothing but the cluster's name. */
const issuerOf = (name: string): string => Buffer.from(name).toString('hex').padEnd(32, '0').slice(0, 32).toUpperCase();

/** @see https://docs.aws.amazon.com/eks/latest/userguide/auto-enable-existing.html (the three that go together) */
const autoModeShape = (accountId: string, { name }: ScenarioCluster) => ({
  computeConfig: {
    enabled: true,
    nodePools: ['general-purpose', 'system'],
    nodeRoleArn: `arn:aws:iam::${accountId}:role/${name}-auto-node`,
  },
  storageConfig: { blockStorage: { enabled: true } },
});

/** Everything about clusters. */
export const clusterActions = (state: RegionState): Readonly<Record<string, Action>> => {
  const { scenario, network, startedAt } = state;
  const { region, accountId } = scenario;

  const clusterShape = (cluster: ScenarioCluster) => {
    const isBuilt = cluster.status !== 'CREATING';
    const { endpoint, certificateAuthorityData } = isBuilt
      ? state.kubernetesEndpoint(cluster.name)
      : { endpoint: undefined, certificateAuthorityData: undefined };
    return {
      name: cluster.name,
      arn: `arn:aws:eks:${region}:${accountId}:cluster/${cluster.name}`,
      createdAt: new Date(clusterCreatedAt(startedAt)),
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
      kubernetesNetworkConfig: {
        serviceIpv4Cidr: '172.20.0.0/16',
        ipFamily: 'ipv4',
        elasticLoadBalancing: { enabled: cluster.autoMode },
      },
      logging: {
        clusterLogging: [
          { types: ['api', 'audit', 'authenticator', 'controllerManager', 'scheduler'], enabled: false },
        ],
      },
      identity: { oidc: { issuer: `https://oidc.eks.${region}.amazonaws.com/id/${issuerOf(cluster.name)}` } },
      status: cluster.status,
      certificateAuthority: { data: certificateAuthorityData },
      platformVersion: 'eks.1',
      tags: {},
      health: { issues: [] },
      accessConfig: { authenticationMode: cluster.authenticationMode },
      upgradePolicy: { supportType: 'STANDARD' },
      deletionProtection: false,
      ...(cluster.autoMode && autoModeShape(accountId, cluster)),
    };
  };

  return {
    ListClusters: action({ ...paging, include: list(string) }, ({ maxResults = 100, nextToken }) => {
      const names = scenario.clusters.map(({ name }) => name).sort();
      const page = pageOf(names, (name) => name, { token: nextToken, size: maxResults }, invalidToken);
      return { clusters: page.items, nextToken: page.nextToken };
    }),
    DescribeCluster: action({ name: required(string) }, ({ name }) => ({
      cluster: clusterShape(getCluster(scenario.clusters, name)),
    })),
  };
};
