import {
  DescribeClusterCommand,
  DescribeNodegroupCommand,
  DescribeUpdateCommand,
  EKSClient,
  type EKSClientConfig,
  type Nodegroup,
  paginateListNodegroups,
  paginateListUpdates,
  type Update,
  UpdateNodegroupVersionCommand,
} from '@aws-sdk/client-eks';
import { omitUndefined } from '../../domain/omit-undefined.ts';
import type { EksNodegroup, EksUpdate } from '../../domain/types.ts';
import type { Eks } from '../ports.ts';
import type { ServiceFailure } from '../service-failure.ts';
import { absentWhen, callAws, callAwsForPages } from './call-aws.ts';
import { requireMember } from './whole-answer.ts';

/** The most that EKS puts on a page. */
const PAGE_SIZE = 100;

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

const toUpdate = ({ id, status, type, params = [], createdAt, errors = [] }: Update): EksUpdate => ({
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

/**
 * The refusals of UpdateNodegroupVersion that are expected. The second has the code of any wrong parameter, so its text
 * decides.
 */
function updateRefusal({
  code,
  message,
}: ServiceFailure): { answer: 'inUse' | { versionMismatch: string } } | undefined {
  if (code === 'ResourceInUseException') return { answer: 'inUse' };
  const isMismatch =
    code === 'InvalidParameterException' && /should be equal to cluster kubernetes version/i.test(message);
  return isMismatch ? { answer: { versionMismatch: message } } : undefined;
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
      if (found === undefined) return undefined;
      const {
        status = '',
        version = '',
        endpoint,
        certificateAuthority,
        computeConfig,
      } = requireMember('eks:DescribeCluster', found.cluster);
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
      return found && toNodegroup(requireMember('eks:DescribeNodegroup', found.nodegroup));
    },

    listNodegroups: (clusterName) =>
      callAwsForPages(
        'eks:ListNodegroups',
        paginateListNodegroups({ client, pageSize: PAGE_SIZE }, { clusterName }),
        ({ nodegroups }) => nodegroups,
      ),

    async updateNodegroupVersion(request) {
      const command = new UpdateNodegroupVersionCommand(request);
      const send = async (action: string) => toUpdate(requireMember(action, (await client.send(command)).update));
      return callAws('eks:UpdateNodegroupVersion', send, updateRefusal);
    },

    async findUpdate(name, nodegroupName, updateId) {
      const command = new DescribeUpdateCommand({ name, nodegroupName, updateId });
      const found = await callAws('eks:DescribeUpdate', () => client.send(command), noSuchResource);
      return found && toUpdate(requireMember('eks:DescribeUpdate', found.update));
    },

    listUpdates: (name, nodegroupName) =>
      callAwsForPages(
        'eks:ListUpdates',
        paginateListUpdates({ client, pageSize: PAGE_SIZE }, { name, nodegroupName }),
        ({ updateIds }) => updateIds,
      ),
  };
}

export const connectEks = (config: EKSClientConfig): Eks => createEks(new EKSClient(config));
