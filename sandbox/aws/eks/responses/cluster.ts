import type { ScenarioCluster } from '../../../world/scenario.ts';
import type { RegionState } from '../../region-state.ts';
import { clusterCreatedAt } from '../state/cluster-age.ts';

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

const vpcShape = ({ network }: RegionState) => ({
  subnetIds: network.subnets.map(({ subnetId }) => subnetId),
  securityGroupIds: [],
  clusterSecurityGroupId: network.securityGroupId,
  vpcId: network.vpcId,
  endpointPublicAccess: true,
  endpointPrivateAccess: true,
  publicAccessCidrs: ['0.0.0.0/0'],
});

/** A cluster as DescribeCluster shows it; one that is being created has no endpoint yet. */
export const clusterShape = (state: RegionState, cluster: ScenarioCluster) => {
  const { region, accountId } = state.scenario;
  const { endpoint, certificateAuthorityData } =
    cluster.status === 'CREATING'
      ? { endpoint: undefined, certificateAuthorityData: undefined }
      : state.kubernetesEndpoint(cluster.name);
  return {
    name: cluster.name,
    arn: `arn:aws:eks:${region}:${accountId}:cluster/${cluster.name}`,
    createdAt: new Date(clusterCreatedAt(state.startedAt)),
    version: cluster.version,
    endpoint,
    roleArn: `arn:aws:iam::${accountId}:role/${cluster.name}-cluster`,
    resourcesVpcConfig: vpcShape(state),
    kubernetesNetworkConfig: {
      serviceIpv4Cidr: '172.20.0.0/16',
      ipFamily: 'ipv4',
      elasticLoadBalancing: { enabled: cluster.autoMode },
    },
    logging: {
      clusterLogging: [{ types: ['api', 'audit', 'authenticator', 'controllerManager', 'scheduler'], enabled: false }],
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
