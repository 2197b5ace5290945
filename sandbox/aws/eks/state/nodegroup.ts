import type { Update } from './update.ts';

/** A launch template as its owner names it: the one that a group was created with. */
export interface SourceTemplate {
  readonly id: string;
  readonly name: string;
  readonly version: string;
}

/** What nodes are launched with. There is one for each version of EKS's own launch template. */
export interface NodeConfiguration {
  /** Of EKS's own launch template. */
  readonly templateVersion: number;
  readonly imageId: string;
  /** Kubernetes minor, e.g. 1.33. */
  readonly version: string;
  /** Of the AMI; with a custom AMI its id. */
  readonly releaseVersion: string;
  readonly source: SourceTemplate | undefined;
}

export type NodegroupStatus =
  | 'CREATING'
  | 'ACTIVE'
  | 'UPDATING'
  | 'DELETING'
  | 'CREATE_FAILED'
  | 'DELETE_FAILED'
  | 'DEGRADED';

export interface HealthIssue {
  readonly code: string;
  readonly message: string;
  readonly resourceIds: readonly string[];
}

/** A taint, in the words of Kubernetes. */
export interface NodeTaint {
  readonly key: string;
  readonly value?: string | undefined;
  readonly effect: 'NoSchedule' | 'PreferNoSchedule' | 'NoExecute';
}

/** How many nodes may be unavailable during an update: a count or a percentage. */
export interface UpdateConfig {
  readonly maxUnavailable?: number | undefined;
  readonly maxUnavailablePercentage?: number | undefined;
  readonly updateStrategy: 'DEFAULT' | 'MINIMAL';
}

/** A managed node group. Its sizes are its Auto Scaling group's. */
export interface Nodegroup {
  readonly clusterName: string;
  readonly name: string;
  readonly arn: string;
  readonly createdAt: number;
  readonly autoScalingGroupName: string;
  readonly amiType: string;
  readonly capacityType: 'ON_DEMAND' | 'SPOT';
  readonly instanceTypes: readonly string[];
  readonly subnets: readonly string[];
  readonly nodeRole: string;
  /** GiB; only of a group that was created without a launch template. */
  readonly diskSize: number | undefined;
  readonly tags: Readonly<Record<string, string>>;
  /** Id of EKS's own launch template, which the Auto Scaling group launches from. */
  readonly templateId: string;
  /** By version of EKS's own template. */
  readonly configurations: Map<number, NodeConfiguration>;
  readonly updates: Update[];
  configuration: NodeConfiguration;
  status: NodegroupStatus;
  modifiedAt: number;
  healthIssues: readonly HealthIssue[];
  /** Something about it has changed since EKS looked at it last. */
  isCheckDue: boolean;
  labels: Readonly<Record<string, string>>;
  taints: readonly NodeTaint[];
  updateConfig: UpdateConfig;
}

export const NODEGROUP_LABEL = 'eks.amazonaws.com/nodegroup';
const IMAGE_LABEL = 'eks.amazonaws.com/nodegroup-image';
const CAPACITY_TYPE_LABEL = 'eks.amazonaws.com/capacityType';
const SOURCE_ID_LABEL = 'eks.amazonaws.com/sourceLaunchTemplateId';
const SOURCE_VERSION_LABEL = 'eks.amazonaws.com/sourceLaunchTemplateVersion';

/**
 * Labels by which EKS distinguishes nodes with the newest configuration from others.
 *
 * @see https://docs.aws.amazon.com/eks/latest/userguide/managed-node-update-behavior.html (scale up phase)
 */
export const configurationLabels = ({ imageId, source }: NodeConfiguration): Readonly<Record<string, string>> => ({
  [IMAGE_LABEL]: imageId,
  ...(source !== undefined && { [SOURCE_ID_LABEL]: source.id, [SOURCE_VERSION_LABEL]: source.version }),
});

/** All labels that a node of a group registers with. */
export const nodeLabels = (
  { name, capacityType, labels }: Nodegroup,
  configuration: NodeConfiguration,
): Readonly<Record<string, string>> => ({
  ...labels,
  [NODEGROUP_LABEL]: name,
  [CAPACITY_TYPE_LABEL]: capacityType,
  ...configurationLabels(configuration),
});

/**
 * What a node was launched with. Somebody else's version of the template was made from EKS's and has its user data, and with
 * it its labels.
 */
export const configurationOf = (
  { templateId, configurations, configuration }: Nodegroup,
  launched: { readonly templateId: string; readonly versionNumber: number } | undefined,
): NodeConfiguration =>
  (launched?.templateId === templateId ? configurations.get(launched.versionNumber) : undefined) ?? configuration;
