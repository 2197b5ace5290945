import { type Group, groupSchema } from '../../../world/scenario/group.ts';
import type { ScenarioCluster } from '../../../world/scenario.ts';
import { createActivityLog } from '../../auto-scaling/state/activities.ts';
import { type AutoScalingGroup, isCounted } from '../../auto-scaling/state/group.ts';
import { createGroup } from '../../auto-scaling/state/group-from-scenario.ts';
import { sourceOf, templateData } from '../../auto-scaling/state/launch-source-from-scenario.ts';
import { findInstanceType } from '../../ec2/state/instance-types.ts';
import type { LaunchTemplateData } from '../../ec2/state/launch-template-data.ts';
import type { RegionState } from '../../region-state.ts';
import type { HealthIssue, NodeConfiguration, Nodegroup, NodeTaint, UpdateConfig } from '../state/nodegroup.ts';
import { serviceRoleOf, templateNameOf } from '../state/nodegroup-from-scenario.ts';
import { errorOf } from '../state/update.ts';
import { createClusterAccess } from './cluster-access.ts';
import { checkHealthLater, launchFailures } from './health.ts';
import { dataOfSource } from './own-template.ts';
import { CHECK_SECONDS, instanceIdOf, isReady } from './update-run.ts';

/**
 * How long EKS waits for the nodes of a new group.
 *
 * @see https://github.com/terraform-aws-modules/terraform-aws-eks/issues/3283 (20 minutes)
 */
const CREATION_SECONDS = 20 * 60;
const DEFAULT_DISK_GIB = 20;
const ROOT_DEVICE = 0;
/** Room for pods on any type of instance. */
const MOST_PODS = 58;

/** A checked request for a new group. */
export interface NewNodegroup {
  readonly name: string;
  readonly amiType: string;
  readonly capacityType: Nodegroup['capacityType'];
  readonly instanceTypes: readonly string[];
  readonly subnets: readonly string[];
  readonly zones: readonly string[];
  readonly sizes: { readonly minSize: number; readonly maxSize: number; readonly desiredSize: number };
  readonly nodeRole: string;
  /** GiB; absent with a launch template. */
  readonly diskSize: number | undefined;
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly NodeTaint[];
  readonly tags: Readonly<Record<string, string>>;
  readonly updateConfig: UpdateConfig;
  readonly wanted: Omit<NodeConfiguration, 'templateVersion'>;
}

/** What the machines of a new group are like, in the form of a scenario. */
function profileOf(autoScalingGroupName: string, wanted: NewNodegroup): Group {
  const [instanceType = ''] = wanted.instanceTypes;
  const type = findInstanceType(instanceType);
  return groupSchema.parse({
    name: autoScalingGroupName,
    managed: { nodegroupName: wanted.name },
    zones: wanted.zones,
    minSize: wanted.sizes.minSize,
    maxSize: wanted.sizes.maxSize,
    desiredCapacity: wanted.sizes.desiredSize,
    instanceType,
    amiType: wanted.amiType,
    amiId: wanted.wanted.imageId,
    ...(wanted.instanceTypes.length > 1 && {
      mixedInstances: { overrides: wanted.instanceTypes.map((name) => ({ instanceType: name })) },
    }),
    ...(type !== undefined && {
      capacity: { cpu: String(type.vcpus), memory: `${type.memoryMiB}Mi`, pods: MOST_PODS },
    }),
  });
}

/** The first version of EKS's own template. @throws {UpdateFailure} for user data that cannot be merged */
function firstTemplate(
  state: RegionState,
  cluster: ScenarioCluster,
  profile: Group,
  wanted: NewNodegroup,
): LaunchTemplateData {
  const { imageId, source } = wanted.wanted;
  const data = templateData(profile, cluster, state.network, imageId);
  if (source !== undefined) {
    const { IamInstanceProfile, InstanceType, SecurityGroupIds } = data;
    const given = dataOfSource(state, wanted, source);
    return { IamInstanceProfile, InstanceType, SecurityGroupIds, ...given, ImageId: imageId };
  }
  const [root] = data.BlockDeviceMappings ?? [];
  const disk = { ...root, Ebs: { ...root?.Ebs, VolumeSize: wanted.diskSize ?? DEFAULT_DISK_GIB } };
  return { ...data, BlockDeviceMappings: (data.BlockDeviceMappings ?? []).with(ROOT_DEVICE, disk) };
}

const isAsWanted = (group: AutoScalingGroup, ready: ReadonlySet<string>): boolean => {
  const members = [...group.members.values()].filter(isCounted);
  return members.length >= group.desiredCapacity && members.every(({ instance }) => ready.has(instance.instanceId));
};

/** Why the nodes of a new group are not there. */
const creationIssues = (group: AutoScalingGroup, ready: ReadonlySet<string>): HealthIssue[] => {
  const missing = [...group.members.keys()].filter((instanceId) => !ready.has(instanceId));
  return [
    ...launchFailures(group),
    {
      code: 'NodeCreationFailure',
      message: 'Instances failed to join the kubernetes cluster',
      resourceIds: missing,
    },
  ];
};

/** Wait for the first nodes. @returns what is wrong; nothing when all are Ready */
async function awaitNodes(state: RegionState, nodegroup: Nodegroup, group: AutoScalingGroup): Promise<HealthIssue[]> {
  const { clock } = state;
  const access = createClusterAccess(state.asNodeManager(nodegroup.clusterName), clock);
  const deadlineAt = clock.now() + CREATION_SECONDS * 1000;
  for (;;) {
    const ready = new Set((await access.nodesOf(nodegroup.name)).filter(isReady).map(instanceIdOf));
    if (isAsWanted(group, ready)) return [];
    if (clock.now() >= deadlineAt) return creationIssues(group, ready);
    await clock.sleep(CHECK_SECONDS);
  }
}

/**
 * Create a group: its launch template, its Auto Scaling group, and with them its nodes.
 *
 * It is ACTIVE when all its nodes are Ready, and CREATE_FAILED when they are not after 20 minutes.
 *
 * @throws {UpdateFailure} for user data that cannot be merged
 */
export function createNodegroup(state: RegionState, cluster: ScenarioCluster, wanted: NewNodegroup): Nodegroup {
  const { scenario, clock, network, launchTemplates, autoScaling, nodegroups, groupProfiles } = state;
  const id = state.nextEksId();
  const autoScalingGroupName = `eks-${wanted.name}-${id}`;
  const profile = profileOf(autoScalingGroupName, wanted);
  const tags = { 'eks:cluster-name': cluster.name, 'eks:nodegroup-name': wanted.name };
  const data = firstTemplate(state, cluster, profile, wanted);
  const template = launchTemplates.create(
    templateNameOf(id),
    { data, createdBy: serviceRoleOf(scenario.accountId) },
    tags,
  );
  const onTemplate = { ...profile, launchTemplateName: template.name };
  const group = createGroup({
    scenario,
    cluster,
    group: profile,
    source: sourceOf(scenario, cluster, onTemplate, template, network, launchTemplates),
    groupId: state.nextEksId(),
    createdAt: clock.now(),
    activities: createActivityLog(clock, state.nextEksId),
  });
  const configuration = { ...wanted.wanted, templateVersion: 1 };
  const nodegroup: Nodegroup = {
    clusterName: cluster.name,
    name: wanted.name,
    arn: `arn:aws:eks:${scenario.region}:${scenario.accountId}:nodegroup/${cluster.name}/${wanted.name}/${id}`,
    createdAt: clock.now(),
    autoScalingGroupName,
    amiType: wanted.amiType,
    capacityType: wanted.capacityType,
    instanceTypes: wanted.instanceTypes,
    subnets: wanted.subnets,
    nodeRole: wanted.nodeRole,
    diskSize: wanted.diskSize,
    tags: wanted.tags,
    templateId: template.id,
    configurations: new Map([[1, configuration]]),
    updates: [],
    configuration,
    status: 'CREATING',
    modifiedAt: clock.now(),
    healthIssues: [],
    isCheckDue: false,
    labels: wanted.labels,
    taints: wanted.taints,
    updateConfig: wanted.updateConfig,
  };
  groupProfiles.set(group.name, profile);
  nodegroups.add(nodegroup);
  autoScaling.add(group);
  autoScaling.wake(group);

  void clock.run(async () => {
    const issues = await awaitNodes(state, nodegroup, group).catch((thrown: unknown): HealthIssue[] => {
      const { errorCode, errorMessage, resourceIds } = errorOf(thrown);
      return [{ code: errorCode, message: errorMessage, resourceIds }];
    });
    nodegroup.healthIssues = issues;
    nodegroup.status = issues.length === 0 ? 'ACTIVE' : 'CREATE_FAILED';
    nodegroup.modifiedAt = clock.now();
    checkHealthLater(state, group);
  });
  return nodegroup;
}
