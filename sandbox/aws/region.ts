import type { RequestHandler } from '../server/http.ts';
import type { SandboxClock } from '../world/clock.ts';
import type { Machine, MachineObserver } from '../world/machines.ts';
import type { Random } from '../world/random.ts';
import type { Group, Scenario, ScenarioCluster } from '../world/scenario.ts';
import { createAutoScalingService } from './auto-scaling/service.ts';
import { resolveLaunch } from './auto-scaling/simulation/launch-plan.ts';
import { tagsOfLaunch } from './auto-scaling/simulation/launching.ts';
import { type AutoScalingSimulation, createSimulation } from './auto-scaling/simulation/simulation.ts';
import { causes, createActivityLog } from './auto-scaling/state/activities.ts';
import type { AutoScalingGroup, LaunchSource, Member } from './auto-scaling/state/group.ts';
import { createGroup, createTemplate, sourceOf } from './auto-scaling/state/group-from-scenario.ts';
import type { AwsService } from './aws-service.ts';
import { createCloudWatchService } from './cloudwatch/service.ts';
import { createEc2Service } from './ec2/service.ts';
import { kubeletVersionOf, osImageOf } from './ec2/state/images.ts';
import { findInstanceType } from './ec2/state/instance-types.ts';
import { createInstances, type Instance } from './ec2/state/instances.ts';
import { createLaunchTemplates } from './ec2/state/launch-templates.ts';
import { createNetwork } from './ec2/state/network.ts';
import { createEksService } from './eks/service.ts';
import { checkHealthLater } from './eks/simulation/health.ts';
import { drainBeforeTermination } from './eks/simulation/termination-hook.ts';
import { configurationOf, type Nodegroup, nodeLabels } from './eks/state/nodegroup.ts';
import { createNodegroup, isManaged, onOwnTemplate, serviceRoleOf } from './eks/state/nodegroup-from-scenario.ts';
import { createNodegroups } from './eks/state/nodegroups.ts';
import { otherMachinesOf } from './other-nodes.ts';
import type { KubernetesEndpoint, RegionState } from './region-state.ts';
import { createSsmService } from './ssm/service.ts';
import { parametersOfScenario } from './ssm/state.ts';
import { createStsService } from './sts/service.ts';
import { createUuids } from './uuid.ts';

export interface RegionOptions {
  readonly scenario: Scenario;
  readonly clock: SandboxClock;
  readonly random: Random;
  /** By cluster name; each must be there before the region is created, which announces the machines that exist. */
  readonly machineObservers: ReadonlyMap<string, MachineObserver>;
  readonly kubernetesEndpoints: (clusterName: string) => KubernetesEndpoint;
  /** By cluster name, its API server as EKS's own user reaches it. */
  readonly asNodeManager: (clusterName: string) => RequestHandler;
}

/** A simulated AWS region. */
export interface Region {
  /** EKS, EC2, Auto Scaling, SSM, STS and CloudWatch, for `createAwsEndpoint`. */
  readonly services: readonly AwsService[];
  /** The state behind the services, for further services and for tests that look at the world directly. */
  readonly state: RegionState;
}

/** Instances that exist from the start are this much older than the sandbox. */
const AGE_OF_NODES_MS = 12 * 86_400_000;
const AGE_OF_RENEWED_NODES_MS = 86_400_000;
const BETWEEN_LAUNCHES_MS = 7_000;

/**
 * Build a region as a scenario describes it.
 *
 * @throws Error for a scenario that contradicts itself (an unknown AMI or instance type, say); the message names the group
 */
export function createRegion({
  scenario,
  clock,
  random,
  machineObservers,
  kubernetesEndpoints,
  asNodeManager,
}: RegionOptions): Region {
  const startedAt = clock.now();
  const nextId = createUuids(random.fork('uuids'));
  const zones = [...new Set(scenario.clusters.flatMap(({ groups }) => groups.flatMap((group) => group.zones)))].sort();
  const network = createNetwork(scenario.region, zones, random.fork('network'));
  const images = new Map(scenario.images.map((image) => [image.id, image]));
  const parameters = parametersOfScenario(scenario);
  const launchTemplates = createLaunchTemplates(clock, random.fork('launch templates'));
  const groupProfiles = new Map<string, Group>();
  const nodegroups = createNodegroups();

  const observerOf = (instance: Instance): MachineObserver | undefined => {
    const group = autoScaling.groups.get(instance.tags['aws:autoscaling:groupName'] ?? '');
    return group && machineObservers.get(group.clusterName);
  };

  const instances = createInstances({
    clock,
    random: random.fork('instances'),
    network,
    region: scenario.region,
    terminatingSeconds: scenario.timings.terminatingSeconds,
    watcher: {
      onStopping(instance) {
        observerOf(instance)?.machineStopping(instance.instanceId);
        autoScaling.instanceStopping(instance);
      },
      onTerminated(instance) {
        autoScaling.instanceTerminated(instance);
        observerOf(instance)?.machineGone(instance.instanceId);
      },
    },
  });

  const autoScaling: AutoScalingSimulation = createSimulation({
    clock,
    random: random.fork('auto scaling'),
    nextId,
    timings: scenario.timings,
    instances,
    network,
    catalogue: { launchTemplates, images, parameters },
    hasCapacity: (zone) => hasCapacity(scenario, zone, (clock.now() - startedAt) / 1000),
    onInService(group, member) {
      machineObservers.get(group.clusterName)?.machineInService(announced(group, member, 'image'));
    },
    onHookWait: (group, member) => drainBeforeTermination(state, group, member),
    onChanged: (group) => checkHealthLater(state, group),
  });

  const announced = (group: AutoScalingGroup, member: Member, kubeletVersionFrom: 'group' | 'image') =>
    machineOf(
      group,
      groupProfiles.get(group.name) as Group,
      nodegroups.ofAutoScalingGroup(group.name),
      member,
      kubeletVersionFrom,
    );

  const state: RegionState = {
    scenario,
    clock,
    startedAt,
    network,
    images,
    parameters,
    launchTemplates,
    instances,
    autoScaling,
    groupProfiles,
    nodegroups,
    eksRandom: random.fork('eks'),
    nextEksId: createUuids(random.fork('eks ids')),
    kubernetesEndpoint: kubernetesEndpoints,
    asNodeManager,
  };

  const addGroup = (cluster: ScenarioCluster, group: Group) => {
    if (groupProfiles.has(group.name)) throw new Error(`there are two groups named ${group.name}`);
    groupProfiles.set(group.name, group);
    const launched = isManaged(group) ? onOwnTemplate(group) : group;
    const templateOfGroup =
      group.launchConfigurationName === undefined
        ? createTemplate(
            scenario,
            cluster,
            launched,
            network,
            launchTemplates,
            isManaged(group) ? serviceRoleOf(scenario.accountId) : undefined,
          )
        : undefined;
    const source = sourceOf(scenario, cluster, launched, templateOfGroup?.template, network, launchTemplates);
    const autoScalingGroup = createGroup({
      scenario,
      cluster,
      group,
      source,
      groupId: nextId(),
      createdAt: startedAt - AGE_OF_NODES_MS,
      activities: createActivityLog(clock, nextId),
    });
    autoScaling.add(autoScalingGroup);
    if (isManaged(group) && templateOfGroup !== undefined)
      nodegroups.add(
        createNodegroup({
          scenario,
          cluster,
          group,
          images,
          network,
          launchTemplates,
          own: { templateId: templateOfGroup.template.id, ...templateOfGroup },
          startedAt,
          createdAt: autoScalingGroup.createdAt,
        }),
      );

    const observer = machineObservers.get(cluster.name);
    for (let index = 0; index < group.desiredCapacity; index += 1) {
      const isRenewed = index >= group.desiredCapacity - group.renewedNodes;
      const version = isRenewed ? templateOfGroup?.renewedVersion : templateOfGroup?.currentVersion;
      const member = adoptInstance(state, autoScalingGroup, atVersion(source, version), {
        zone: group.zones[index % group.zones.length] as string,
        launchedAt: startedAt - (isRenewed ? AGE_OF_RENEWED_NODES_MS : AGE_OF_NODES_MS) + index * BETWEEN_LAUNCHES_MS,
      });
      observer?.machineExisted(announced(autoScalingGroup, member, isRenewed ? 'image' : 'group'));
    }
  };

  for (const cluster of scenario.clusters) for (const group of cluster.groups) addGroup(cluster, group);
  for (const cluster of scenario.clusters) {
    const machines = otherMachinesOf(scenario, cluster, random.fork(`other nodes of ${cluster.name}`));
    for (const machine of machines) machineObservers.get(cluster.name)?.machineExisted(machine);
  }
  scheduleEvents(state);

  return {
    state,
    services: [
      createEksService(state),
      createEc2Service(state),
      createAutoScalingService(state),
      createSsmService(state),
      createStsService(),
      createCloudWatchService(state),
    ],
  };
}

const hasCapacity = ({ faults }: Scenario, zone: string, secondsSinceStart: number): boolean =>
  !faults.some(
    (fault) =>
      fault.kind === 'insufficientCapacity' &&
      fault.zone === zone &&
      secondsSinceStart >= fault.fromSeconds &&
      secondsSinceStart < (fault.untilSeconds ?? Number.POSITIVE_INFINITY),
  );

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

/** What the cluster is told of an instance; `nodeVersion` of a group is about the nodes that it starts with. */
function machineOf(
  { name }: AutoScalingGroup,
  group: Group,
  nodegroup: Nodegroup | undefined,
  { instance, launchedTemplate }: Member,
  kubeletVersionFrom: 'group' | 'image',
): Machine {
  const nodeVersion = kubeletVersionFrom === 'group' ? group.nodeVersion : undefined;
  return {
    instanceId: instance.instanceId,
    autoScalingGroupName: name,
    instanceType: instance.instanceType.name,
    availabilityZone: instance.availabilityZone,
    privateDnsName: instance.privateDnsName,
    privateIpAddress: instance.privateIpAddress,
    imageId: instance.image.id,
    architecture: instance.instanceType.architecture,
    kubeletVersion: nodeVersion ?? kubeletVersionOf(instance.image),
    osImage: osImageOf(instance.image),
    boots: instance.image.boots === 'launch-fails' ? 'ready' : instance.image.boots,
    labels:
      nodegroup === undefined ? group.labels : nodeLabels(nodegroup, configurationOf(nodegroup, launchedTemplate)),
    taints: nodegroup?.taints ?? group.taints,
    capacity: group.capacity,
  };
}

/** Let happen what a scenario says happens to groups by itself. */
function scheduleEvents({ scenario, clock, autoScaling }: RegionState): void {
  for (const fault of scenario.faults) {
    if (fault.kind !== 'spotInterruption' && fault.kind !== 'setDesiredCapacity') continue;
    const group = autoScaling.groups.get(fault.group);
    if (group === undefined) throw new Error(`fault ${fault.kind}: there is no group ${fault.group}`);
    clock.after(fault.atSeconds, () => {
      if (fault.kind === 'spotInterruption') {
        autoScaling.interrupt(group, fault.nodes);
        return;
      }
      const before = group.desiredCapacity;
      group.desiredCapacity = Math.min(group.maxSize, Math.max(group.minSize, before + fault.change));
      if (group.desiredCapacity !== before)
        autoScaling.wake(group, causes.desiredSet(clock.now(), before, group.desiredCapacity));
    });
  }
}
