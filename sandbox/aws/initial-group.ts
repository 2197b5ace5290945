import type { MachineObserver } from '../world/machines.ts';
import type { Group, ScenarioCluster } from '../world/scenario.ts';
import { announcedMachine } from './announced-machine.ts';
import { resolveLaunch } from './auto-scaling/simulation/launch-plan.ts';
import { tagsOfLaunch } from './auto-scaling/simulation/launching.ts';
import { createActivityLog } from './auto-scaling/state/activities.ts';
import type { AutoScalingGroup, LaunchSource, Member } from './auto-scaling/state/group.ts';
import { createGroup } from './auto-scaling/state/group-from-scenario.ts';
import { createTemplate, sourceOf, type TemplateOfGroup } from './auto-scaling/state/launch-source-from-scenario.ts';
import { findInstanceType } from './ec2/state/instance-types.ts';
import { createNodegroup, isManaged, onOwnTemplate, serviceRoleOf } from './eks/state/nodegroup-from-scenario.ts';
import type { RegionState } from './region-state.ts';

/** Instances that exist from the start are this much older than the sandbox. */
const AGE_OF_NODES_MS = 12 * 86_400_000;
const AGE_OF_RENEWED_NODES_MS = 86_400_000;
const BETWEEN_LAUNCHES_MS = 7_000;

const atVersion = (source: LaunchSource, version: number | undefined): LaunchSource =>
  source.kind === 'launch-configuration' || version === undefined
    ? source
    : { ...source, template: { ...source.template, version: String(version) } };

/** Put an instance into a group that has run for days. */
function adoptInstance(
  { launchTemplates, images, instances, autoScaling }: RegionState,
  group: AutoScalingGroup,
  source: LaunchSource,
  { zone, launchedAt }: { zone: string; launchedAt: number },
): Member {
  const resolved = resolveLaunch(source, group.members.values(), launchTemplates);
  const image = images.get(resolved.data.ImageId ?? '');
  const instanceType = findInstanceType(resolved.data.InstanceType ?? '');
  if (image === undefined) throw new Error(`group ${group.name}: images has no ${resolved.data.ImageId}`);
  if (instanceType === undefined)
    throw new Error(`group ${group.name}: there is no instance type ${resolved.data.InstanceType}`);
  const plan = { ...resolved, image, instanceType };
  const instance = instances.launch({
    image,
    instanceType,
    availabilityZone: zone,
    data: resolved.data,
    tags: tagsOfLaunch(group, plan),
    launchedAt,
    state: 'running',
  });
  if (instance === undefined) throw new Error(`group ${group.name}: zone ${zone} has no room for more instances`);
  return autoScaling.adopt(group, instance, plan);
}

/** Launch the instances with which a group starts; the last ones are those that an earlier upgrade renewed. */
function adoptInstances(
  state: RegionState,
  autoScalingGroup: AutoScalingGroup,
  group: Group,
  template: TemplateOfGroup | undefined,
  observer: MachineObserver | undefined,
): void {
  for (let index = 0; index < group.desiredCapacity; index += 1) {
    const isRenewed = index >= group.desiredCapacity - group.renewedNodes;
    const version = isRenewed ? template?.renewedVersion : template?.currentVersion;
    const age = isRenewed ? AGE_OF_RENEWED_NODES_MS : AGE_OF_NODES_MS;
    const member = adoptInstance(state, autoScalingGroup, atVersion(autoScalingGroup.source, version), {
      zone: group.zones[index % group.zones.length] as string,
      launchedAt: state.startedAt - age + index * BETWEEN_LAUNCHES_MS,
    });
    observer?.machineExisted(announcedMachine(state, autoScalingGroup, member, isRenewed ? 'image' : 'group'));
  }
}

/**
 * Add a group of the scenario, as it is after some days: its template, its instances, and its node group if EKS manages it.
 *
 * @param nextId   of the ids that Auto Scaling gives
 * @param observer of the cluster's machines
 * @throws Error for a group that contradicts itself or another
 */
export function addInitialGroup(
  state: RegionState,
  cluster: ScenarioCluster,
  group: Group,
  nextId: () => string,
  observer: MachineObserver | undefined,
): void {
  const { scenario, clock, startedAt, images, network, launchTemplates, autoScaling, groupProfiles, nodegroups } =
    state;
  if (groupProfiles.has(group.name)) throw new Error(`there are two groups named ${group.name}`);
  groupProfiles.set(group.name, group);
  const launched = isManaged(group) ? onOwnTemplate(group) : group;
  const createdBy = isManaged(group) ? serviceRoleOf(scenario.accountId) : undefined;
  const template =
    group.launchConfigurationName === undefined
      ? createTemplate(scenario, cluster, launched, network, launchTemplates, createdBy)
      : undefined;
  const autoScalingGroup = createGroup({
    scenario,
    cluster,
    group,
    source: sourceOf(scenario, cluster, launched, template?.template, network, launchTemplates),
    groupId: nextId(),
    createdAt: startedAt - AGE_OF_NODES_MS,
    activities: createActivityLog(clock, nextId),
  });
  autoScaling.add(autoScalingGroup);
  if (isManaged(group) && template !== undefined)
    nodegroups.add(
      createNodegroup({
        scenario,
        cluster,
        group,
        images,
        network,
        launchTemplates,
        own: { templateId: template.template.id, ...template },
        startedAt,
        createdAt: autoScalingGroup.createdAt,
      }),
    );
  adoptInstances(state, autoScalingGroup, group, template, observer);
}
