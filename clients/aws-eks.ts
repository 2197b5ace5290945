import {
  DescribeClusterCommand,
  DescribeNodegroupCommand,
  EKSClient,
  type EKSClientConfig,
  ListNodegroupsCommand,
  type Nodegroup,
} from '@aws-sdk/client-eks';
import type { EksNodegroup } from '../domain/types.ts';
import type { CredentialsProvider } from './eks-token.ts';
import type { Eks } from './ports.ts';
import { present } from './present.ts';
import { absentWhen, callAws } from './service-errors.ts';

const noSuchResource = absentWhen(/^ResourceNotFoundException$/);

const toNodegroup = (nodegroup: Nodegroup): EksNodegroup =>
  present({
    name: nodegroup.nodegroupName ?? '',
    status: nodegroup.status ?? '',
    version: nodegroup.version ?? '',
    releaseVersion: nodegroup.releaseVersion ?? '',
    amiType: nodegroup.amiType ?? '',
    autoScalingGroupName: nodegroup.resources?.autoScalingGroups?.[0]?.name,
    updateConfig: present({
      maxUnavailable: nodegroup.updateConfig?.maxUnavailable,
      maxUnavailablePercentage: nodegroup.updateConfig?.maxUnavailablePercentage,
      updateStrategy: nodegroup.updateConfig?.updateStrategy,
    }),
    labels: nodegroup.labels ?? {},
    healthIssues: (nodegroup.health?.issues ?? []).map(({ code, message }) => `${code}: ${message}`),
  });

/**
 * Reach Amazon EKS through the SDK.
 *
 * @see https://docs.aws.amazon.com/eks/latest/APIReference/API_Operations.html
 */
export function createEks(client: EKSClient): Eks {
  return {
    async findCluster(name) {
      const command = new DescribeClusterCommand({ name });
      const found = await callAws('eks:DescribeCluster', () => client.send(command), noSuchResource);
      if (found?.cluster === undefined) return undefined;
      const { status = '', version = '', endpoint, certificateAuthority, computeConfig } = found.cluster;
      return present({
        name,
        status,
        version,
        endpoint,
        certificateAuthority: certificateAuthority?.data,
        hasAutoMode: computeConfig?.enabled,
      });
    },

    async findNodegroup(clusterName, nodegroupName) {
      const command = new DescribeNodegroupCommand({ clusterName, nodegroupName });
      const found = await callAws('eks:DescribeNodegroup', () => client.send(command), noSuchResource);
      return found?.nodegroup === undefined ? undefined : toNodegroup(found.nodegroup);
    },

    async listNodegroups(clusterName) {
      const names: string[] = [];
      let nextToken: string | undefined;
      do {
        const command = new ListNodegroupsCommand(present({ clusterName, maxResults: 100, nextToken }));
        const page = await callAws('eks:ListNodegroups', () => client.send(command));
        names.push(...(page.nodegroups ?? []));
        nextToken = page.nextToken;
      } while (nextToken !== undefined);
      return names;
    },
  };
}

/** Who the SDK says we are: the identity its clients sign with, by the same chain and with the same refreshing. */
export function identityOf(config: EKSClientConfig): { credentials: CredentialsProvider } {
  const client = new EKSClient(config);
  return { credentials: () => client.config.credentials() };
}

export const connectEks = (config: EKSClientConfig): Eks => createEks(new EKSClient(config));
