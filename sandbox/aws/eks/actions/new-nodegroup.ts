import type { ScenarioCluster } from '../../../world/scenario.ts';
import { awsError } from '../../aws-error.ts';
import { findInstanceType, type InstanceType } from '../../ec2/state/instance-types.ts';
import { choice, type InputOf, integer, list, map, required, string, structure } from '../../input-shapes.ts';
import type { RegionState } from '../../region-state.ts';
import type { NewNodegroup } from '../simulation/create-nodegroup.ts';
import { minorOf } from '../state/releases.ts';
import {
  labelsShape,
  type Refuse,
  readTaints,
  readUpdateConfig,
  scalingShape,
  taintsShape,
  updateConfigShape,
} from './nodegroup-input.ts';
import { chooseRelease, customConfiguration, findSource, invalidParameter } from './version-target.ts';

/** Members of CreateNodegroup's input. */
export const newNodegroupMembers = {
  clusterName: required(string),
  nodegroupName: required(string),
  scalingConfig: scalingShape,
  diskSize: integer,
  subnets: required(list(string)),
  instanceTypes: list(string),
  amiType: string,
  nodeRole: required(string),
  labels: labelsShape,
  taints: taintsShape,
  tags: map,
  clientRequestToken: string,
  launchTemplate: structure({ id: string, name: string, version: string }),
  updateConfig: updateConfigShape,
  capacityType: choice('ON_DEMAND', 'SPOT'),
  version: string,
  releaseVersion: string,
};

type Input = InputOf<typeof newNodegroupMembers>;

type Sizes = NonNullable<Input['scalingConfig']>;
type Source = ReturnType<typeof findSource>;
type Architecture = InstanceType['architecture'];

/** What a group has when its request does not mention it. @see https://docs.aws.amazon.com/cli/latest/reference/eks/create-nodegroup.html */
const DEFAULT_INSTANCE_TYPE = 't3.medium';
const DEFAULT_DISK_GIB = 20;
/** Since this minor, Amazon Linux 2023. @see https://docs.aws.amazon.com/eks/latest/userguide/kubernetes-versions-extended.html */
const FIRST_AL2023_MINOR = 30;

const defaultAmiType = (version: string, architecture: 'x86_64' | 'arm64'): string => {
  const suffix = architecture === 'arm64' ? 'ARM_64' : 'x86_64';
  return minorOf(version) >= FIRST_AL2023_MINOR ? `AL2023_${suffix}_STANDARD` : `AL2_${suffix}`;
};

/** @see https://github.com/sassoftware/viya4-iac-aws/issues/298 (the text) */
function readSizes({ minSize = 1, maxSize = 2, desiredSize = 2 }: Sizes, refuse: Refuse): NewNodegroup['sizes'] {
  if (minSize > desiredSize) throw refuse("minSize can't be greater than desiredSize");
  if (desiredSize > maxSize) throw refuse("desiredSize can't be greater than maxSize");
  return { minSize, maxSize, desiredSize };
}

function readZones({ network }: RegionState, subnets: readonly string[], refuse: Refuse): string[] {
  const zones = subnets.map((id) => {
    const subnet = network.subnets.find(({ subnetId }) => subnetId === id);
    if (subnet === undefined) throw refuse(`The subnet ID '${id}' does not exist`);
    return subnet.availabilityZone;
  });
  if (zones.length === 0) throw refuse('subnets can not be empty');
  return [...new Set(zones)];
}

/**
 * @see https://github.com/terraform-aws-modules/terraform-aws-eks/issues/1386 (instance types in both places)
 * @see https://github.com/terraform-aws-modules/terraform-aws-eks/issues/1279 (instance types that do not exist)
 */
function readInstanceTypes(input: Input, source: Source | undefined, refuse: Refuse): readonly string[] {
  const ofTemplate = source?.data.InstanceType;
  if (ofTemplate !== undefined && input.instanceTypes !== undefined)
    throw awsError('InvalidRequestException', 'Cannot specify instance types in launch template and API request', {
      members: { clusterName: input.clusterName, nodegroupName: input.nodegroupName },
    });
  const instanceTypes = input.instanceTypes ?? [ofTemplate ?? DEFAULT_INSTANCE_TYPE];
  const unknown = instanceTypes.filter((name) => findInstanceType(name) === undefined);
  if (unknown.length > 0) throw refuse(`The following supplied instance types do not exist: [${unknown.join(', ')}]`);
  return instanceTypes;
}

/**
 * Choose the AMI of a new group: its template's own, or one of EKS's for the version of the cluster.
 *
 * @see https://github.com/aws-ia/terraform-aws-eks-blueprints/issues/615 (version with a custom AMI)
 */
function chooseImage(
  state: RegionState,
  cluster: ScenarioCluster,
  input: Input,
  { source, architecture, refuse }: { source: Source | undefined; architecture: Architecture; refuse: Refuse },
): Pick<NewNodegroup, 'amiType' | 'wanted'> {
  if (source?.data.ImageId !== undefined) {
    if (input.version !== undefined || input.releaseVersion !== undefined)
      throw refuse(
        'You cannot specify a kubernetes version to use when specifying an image id to use within the launch template.',
      );
    // The sentence of the service model: what EKS writes is not known.
    if (input.amiType !== undefined && input.amiType !== 'CUSTOM')
      throw refuse(
        "If you specify launchTemplate, and your launch template uses a custom AMI, then don't specify amiType",
      );
    return { amiType: 'CUSTOM', wanted: customConfiguration(state, cluster, source) };
  }
  const { version } = cluster;
  if (input.version !== undefined && input.version !== version)
    throw refuse(`Nodegroup Kubernetes version should be equal to Cluster kubernetes version ${version}`);
  const amiType = input.amiType ?? defaultAmiType(version, architecture);
  const subject = { clusterName: cluster.name, name: input.nodegroupName, amiType };
  const release = chooseRelease(state, subject, { version, releaseVersion: input.releaseVersion });
  return { amiType, wanted: { ...release, source: source?.source } };
}

/**
 * Check a request for a new group, and complete it.
 *
 * @throws InvalidParameterException, InvalidRequestException in EKS's own words, where they are known
 * @see https://github.com/crossplane-contrib/provider-upjet-aws/issues/866 (disk size)
 */
export function readNewNodegroup(state: RegionState, cluster: ScenarioCluster, input: Input): NewNodegroup {
  const subject = { clusterName: cluster.name, name: input.nodegroupName };
  const refuse = (message: string) => invalidParameter(subject, message);
  const sizes = readSizes(input.scalingConfig ?? {}, refuse);
  const zones = readZones(state, input.subnets, refuse);
  const source = input.launchTemplate && findSource(state, subject, input.launchTemplate);
  if (source !== undefined && input.diskSize !== undefined)
    throw refuse('Disk size must be specified within the launch template.');
  const instanceTypes = readInstanceTypes(input, source, refuse);
  const architecture = findInstanceType(instanceTypes[0] ?? '')?.architecture ?? 'x86_64';
  const unlessTold = { maxUnavailable: 1, updateStrategy: 'DEFAULT' } as const;
  return {
    ...chooseImage(state, cluster, input, { source, architecture, refuse }),
    name: input.nodegroupName,
    capacityType: input.capacityType ?? 'ON_DEMAND',
    instanceTypes,
    subnets: input.subnets,
    zones,
    sizes,
    nodeRole: input.nodeRole,
    diskSize: source === undefined ? (input.diskSize ?? DEFAULT_DISK_GIB) : undefined,
    labels: input.labels ?? {},
    taints: readTaints(input.taints ?? [], refuse),
    tags: input.tags ?? {},
    updateConfig: readUpdateConfig(input.updateConfig, unlessTold, sizes.maxSize, refuse),
  };
}
