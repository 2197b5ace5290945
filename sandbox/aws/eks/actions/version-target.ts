import type { ScenarioCluster } from '../../../world/scenario.ts';
import { resolveImageId } from '../../auto-scaling/simulation/launch-plan.ts';
import { type AwsError, awsError, isAwsError } from '../../aws-error.ts';
import type { RegionState } from '../../region-state.ts';
import type { NodeConfiguration, Nodegroup, SourceTemplate } from '../state/nodegroup.ts';
import { findRelease, releaseVersionOf } from '../state/releases.ts';

/** How callers name a launch template. */
export interface TemplateInput {
  readonly id?: string | undefined;
  readonly name?: string | undefined;
  readonly version?: string | undefined;
}

/** What the nodes of a group are to become. */
export interface VersionInput {
  readonly version?: string | undefined;
  readonly releaseVersion?: string | undefined;
  readonly launchTemplate?: TemplateInput | undefined;
}

/** A group as far as its AMI is chosen by it. */
type Subject = Pick<Nodegroup, 'clusterName' | 'name' | 'amiType'>;
type Named = Omit<Subject, 'amiType'>;

/** The last minor for which there are Amazon Linux 2 AMIs. */
const LAST_AL2_MINOR = 32;

/** A refusal of something in the request. */
export const invalidParameter = ({ clusterName, name }: Named, message: string): AwsError =>
  awsError('InvalidParameterException', message, { members: { clusterName, nodegroupName: name } });

/** A refusal of a token that came with another request before. What EKS writes then is not known. */
export const tokenMismatch = (subject: Named): AwsError =>
  invalidParameter(subject, 'The clientRequestToken was used before, with other parameters.');

/** A refusal because of what the group is doing. */
export const notActive = ({ clusterName, name }: Named): AwsError =>
  awsError('ResourceInUseException', 'Nodegroup cannot be updated as it is currently not in Active State', {
    status: 409,
    members: { clusterName, nodegroupName: name },
  });

/**
 * Refuse anything about the nodes of a cluster that is not ACTIVE.
 *
 * @throws InvalidRequestException
 * @see https://github.com/eksctl-io/eksctl/issues/2244 (the text)
 */
export function requireActiveCluster({ name, status }: ScenarioCluster): void {
  if (status === 'ACTIVE') return;
  throw awsError('InvalidRequestException', `Cluster '${name}' is not in ACTIVE status`, {
    members: { clusterName: name },
  });
}

/**
 * Find the version of the owner's template that a request names.
 *
 * @throws InvalidParameterException
 * @see https://github.com/aws-controllers-k8s/community/issues/2645 (the text on id and name)
 */
export function findSource({ launchTemplates }: RegionState, subject: Named, given: TemplateInput) {
  if ((given.id === undefined) === (given.name === undefined))
    throw invalidParameter(subject, 'Either provide launch template ID or launch template name in the request.');
  try {
    const template = launchTemplates.get({ LaunchTemplateId: given.id, LaunchTemplateName: given.name });
    const { number, data } = launchTemplates.getVersion(template, given.version ?? '$Default');
    return { source: { id: template.id, name: template.name, version: String(number) } satisfies SourceTemplate, data };
  } catch (thrown) {
    throw isAwsError(thrown) ? invalidParameter(subject, thrown.message) : thrown;
  }
}

/** The owner's template after an update; without a word about it, it stays. */
function sourceAfter(state: RegionState, nodegroup: Nodegroup, given: TemplateInput | undefined) {
  const { source } = nodegroup.configuration;
  if (given === undefined) return source && findSource(state, nodegroup, { id: source.id, version: source.version });
  // What EKS writes in these two cases is not known: these are the sentences of its documentation.
  if (source === undefined)
    throw invalidParameter(
      nodegroup,
      'You can only update a node group using a launch template if the node group was originally deployed with a launch template.',
    );
  const found = findSource(state, nodegroup, given);
  if (found.source.id !== source.id)
    throw invalidParameter(
      nodegroup,
      'When updating, you must specify the same launch template ID or name that was used to create the node group.',
    );
  return found;
}

/**
 * Choose the AMI of a release, which may be older than the one that a group has.
 *
 * @throws InvalidParameterException
 * @see https://github.com/awsdocs/amazon-eks-user-guide/pull/340 (older releases)
 * @see https://github.com/eksctl-io/eksctl/issues/7976 (unknown release)
 * @see https://github.com/aws/aws-cdk/issues/37012 (Amazon Linux 2)
 */
export function chooseRelease(
  { images }: RegionState,
  subject: Subject,
  { version, releaseVersion }: { version: string; releaseVersion: string | undefined },
): Pick<NodeConfiguration, 'imageId' | 'version' | 'releaseVersion'> {
  const { amiType } = subject;
  const image = findRelease(images.values(), { amiType, version, releaseVersion });
  if (image !== undefined) return { imageId: image.id, version, releaseVersion: releaseVersionOf(image, amiType) };
  if (amiType.startsWith('AL2_') && Number(version.split('.')[1]) > LAST_AL2_MINOR)
    throw invalidParameter(
      subject,
      `AMI Type ${amiType} is only supported for kubernetes versions 1.${LAST_AL2_MINOR} or earlier`,
    );
  throw invalidParameter(
    subject,
    releaseVersion === undefined
      ? `The scenario has no AMI of type ${amiType} for kubernetes version ${version}.`
      : `Requested release version ${releaseVersion} is not valid for kubernetes version ${version}.`,
  );
}

/** The configuration of a custom AMI, which is its template's. */
export function customConfiguration(
  { images, parameters }: RegionState,
  cluster: ScenarioCluster,
  { source, data }: ReturnType<typeof findSource>,
): Omit<NodeConfiguration, 'templateVersion'> {
  const imageId = resolveImageId(data.ImageId ?? '', parameters);
  return {
    imageId,
    version: images.get(imageId)?.kubernetesVersion ?? cluster.version,
    releaseVersion: imageId,
    source,
  };
}

/**
 * Refuse what cannot be said of a group with a custom AMI.
 *
 * @throws InvalidParameterException
 * @see https://github.com/eksctl-io/eksctl/issues/5748 (version)
 * @see https://github.com/crossplane-contrib/provider-aws/issues/1703 (release)
 */
function refuseVersionsOfCustom(subject: Subject, { version, releaseVersion }: VersionInput): void {
  if (version !== undefined)
    throw invalidParameter(subject, 'You cannot specify the field kubernetesVersion when using custom AMIs.');
  if (releaseVersion !== undefined)
    throw invalidParameter(subject, 'You cannot specify the field releaseVersion when using custom AMIs.');
}

/**
 * Decide what an update makes of a group's nodes.
 *
 * A request without a version is for the cluster's version, according to the description of the parameter in the service
 * model. The description of the operation contradicts it: there the group keeps its own.
 *
 * @throws InvalidParameterException in EKS's own words, where they are known
 */
export function chooseTarget(
  state: RegionState,
  cluster: ScenarioCluster,
  nodegroup: Nodegroup,
  input: VersionInput,
): Omit<NodeConfiguration, 'templateVersion'> {
  const isCustom = nodegroup.amiType === 'CUSTOM';
  if (isCustom) {
    refuseVersionsOfCustom(nodegroup, input);
    if (input.launchTemplate === undefined)
      throw invalidParameter(nodegroup, "Launch template details can't be null for Custom ami type node group");
  }
  const found = sourceAfter(state, nodegroup, input.launchTemplate);
  if (found !== undefined && isCustom !== (found.data.ImageId !== undefined))
    throw invalidParameter(
      nodegroup,
      'You cannot update a node group from a custom AMI to an Amazon EKS optimized AMI, or the other way: create a new node group.',
    );
  if (isCustom && found !== undefined) return customConfiguration(state, cluster, found);

  const { version = cluster.version, releaseVersion } = input;
  const ownVersion = nodegroup.configuration.version;
  if (version !== cluster.version && version !== ownVersion)
    throw invalidParameter(
      nodegroup,
      `Nodegroup Kubernetes version should be equal to Cluster kubernetes version ${cluster.version} or NodeGroup kubernetes version ${ownVersion}`,
    );
  return { ...chooseRelease(state, nodegroup, { version, releaseVersion }), source: found?.source };
}
