import {
  DescribeClusterCommand,
  DescribeNodegroupCommand,
  DescribeUpdateCommand,
  EKSClient,
  type EKSClientConfig,
  ListNodegroupsCommand,
  ListUpdatesCommand,
  type Nodegroup,
  type Update,
  UpdateNodegroupVersionCommand,
} from '@aws-sdk/client-eks';
import type { EksNodegroup, EksUpdate } from '../../domain/types.ts';
import type { CredentialsProvider } from '../kubernetes/eks-token.ts';
import type { Eks } from '../ports.ts';
import { omitUndefined } from '../present.ts';
import { absentWhen, callAws, type ServiceFailure } from '../service-errors.ts';

const noSuchResource = absentWhen(/^ResourceNotFoundException$/);

const toNodegroup = (nodegroup: Nodegroup): EksNodegroup =>
  omitUndefined({
    name: nodegroup.nodegroupName ?? '',
    status: nodegroup.status ?? '',
    version: nodegroup.version ?? '',
    releaseVersion: nodegroup.releaseVersion ?? '',
    amiType: nodegroup.amiType ?? '',
    autoScalingGroupName: nodegroup.resources?.autoScalingGroups?.[0]?.name,
    updateConfig: omitUndefined({
      maxUnavailable: nodegroup.updateConfig?.maxUnavailable,
      maxUnavailablePercentage: nodegroup.updateConfig?.maxUnavailablePercentage,
      updateStrategy: nodegroup.updateConfig?.updateStrategy,
    }),
    labels: nodegroup.labels ?? {},
    launchTemplate:
      nodegroup.launchTemplate?.id === undefined
        ? undefined
        : { id: nodegroup.launchTemplate.id, version: nodegroup.launchTemplate.version ?? '' },
    healthIssues: (nodegroup.health?.issues ?? []).map(({ code, message }) => `${code}: ${message}`),
  });

const toUpdate = ({ id, status, type, params = [], createdAt, errors = [] }: Update = {}): EksUpdate => ({
  id: id ?? '',
  status: status ?? '',
  type: type ?? '',
  params: Object.fromEntries(params.map((param) => [param.type ?? '', param.value ?? ''])),
  createdAt: createdAt?.toISOString() ?? '',
  errors: errors.map(({ errorCode = 'Unknown', errorMessage = '', resourceIds = [] }) => ({
    code: errorCode,
    message: errorMessage,
    resourceIds,
  })),
});

/** The refusals of UpdateNodegroupVersion that are answers. Only the text tells the second from other parameters. */
function updateRefusal({
  code,
  message,
}: ServiceFailure): { answer: 'inUse' | { versionMismatch: string } } | undefined {
  if (code === 'ResourceInUseException') return { answer: 'inUse' };
  const isMismatch =
    code === 'InvalidParameterException' && /should be equal to cluster kubernetes version/i.test(message);
  return isMismatch ? { answer: { versionMismatch: message } } : undefined;
}

/** Read a list of names or ids to its end. */
async function readAll(
  readPage: (
    nextToken: string | undefined,
  ) => Promise<{ items?: string[] | undefined; nextToken?: string | undefined }>,
): Promise<string[]> {
  const all: string[] = [];
  let nextToken: string | undefined;
  do {
    const page = await readPage(nextToken);
    all.push(...(page.items ?? []));
    ({ nextToken } = page);
  } while (nextToken !== undefined);
  return all;
}

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
      return omitUndefined({
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

    listNodegroups: (clusterName) =>
      readAll(async (nextToken) => {
        const command = new ListNodegroupsCommand(omitUndefined({ clusterName, maxResults: 100, nextToken }));
        const page = await callAws('eks:ListNodegroups', () => client.send(command));
        return { items: page.nodegroups, nextToken: page.nextToken };
      }),

    async updateNodegroupVersion(request) {
      const command = new UpdateNodegroupVersionCommand(request);
      const send = async () => toUpdate((await client.send(command)).update);
      return callAws('eks:UpdateNodegroupVersion', send, updateRefusal);
    },

    async findUpdate(name, nodegroupName, updateId) {
      const command = new DescribeUpdateCommand({ name, nodegroupName, updateId });
      const found = await callAws('eks:DescribeUpdate', () => client.send(command), noSuchResource);
      return found?.update === undefined ? undefined : toUpdate(found.update);
    },

    listUpdates: (name, nodegroupName) =>
      readAll(async (nextToken) => {
        const command = new ListUpdatesCommand(omitUndefined({ name, nodegroupName, maxResults: 100, nextToken }));
        const page = await callAws('eks:ListUpdates', () => client.send(command));
        return { items: page.updateIds, nextToken: page.nextToken };
      }),
  };
}

/** Who the SDK says we are: the identity its clients sign with, by the same chain and with the same refreshing. */
export function identityOf(config: EKSClientConfig): { credentials: CredentialsProvider } {
  const client = new EKSClient(config);
  return { credentials: () => client.config.credentials() };
}

export const connectEks = (config: EKSClientConfig): Eks => createEks(new EKSClient(config));
