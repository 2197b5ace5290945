import type { RequestHandler } from '../server/http.ts';
import type { SandboxClock } from '../world/clock.ts';
import type { MachineObserver } from '../world/machines.ts';
import type { Random } from '../world/random.ts';
import type { Scenario } from '../world/scenario.ts';
import { announcedMachine } from './announced-machine.ts';
import { createAutoScalingService } from './auto-scaling/service.ts';
import { type AutoScalingSimulation, createSimulation } from './auto-scaling/simulation/simulation.ts';
import type { AwsService } from './aws-service.ts';
import { createCloudWatchService } from './cloudwatch/service.ts';
import { createEc2Service } from './ec2/service.ts';
import { createInstances, type Instance, type InstanceWatcher } from './ec2/state/instances.ts';
import { createLaunchTemplates } from './ec2/state/launch-templates.ts';
import { createNetwork } from './ec2/state/network.ts';
import { createEksService } from './eks/service.ts';
import { checkHealthLater } from './eks/simulation/health.ts';
import { drainBeforeTermination } from './eks/simulation/termination-hook.ts';
import { createNodegroups } from './eks/state/nodegroups.ts';
import { addInitialGroup } from './initial-group.ts';
import { otherMachinesOf } from './other-nodes.ts';
import type { KubernetesEndpoint, RegionState } from './region-state.ts';
import { hasCapacity, scheduleEvents } from './scenario-events.ts';
import { createSsmService } from './ssm/service.ts';
import { parametersOfScenario } from './ssm/state.ts';
import { withStaleAnswers } from './stale-answers.ts';
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
  /** The state behind the services, for further services and for tests that inspect the world. */
  readonly state: RegionState;
}

/** Tell Auto Scaling and the cluster what happens to an instance. */
function watcherOf(
  machineObservers: RegionOptions['machineObservers'],
  autoScaling: () => AutoScalingSimulation,
): InstanceWatcher {
  const observerOf = (instance: Instance): MachineObserver | undefined => {
    const group = autoScaling().groups.get(instance.tags['aws:autoscaling:groupName'] ?? '');
    return group && machineObservers.get(group.clusterName);
  };
  return {
    onStopping(instance) {
      observerOf(instance)?.machineStopping(instance.instanceId);
      autoScaling().instanceStopping(instance);
    },
    onTerminated(instance) {
      autoScaling().instanceTerminated(instance);
      observerOf(instance)?.machineGone(instance.instanceId);
    },
  };
}

function createState(options: RegionOptions, nextId: () => string): RegionState {
  const { scenario, clock, random, machineObservers } = options;
  const startedAt = clock.now();
  const zones = [...new Set(scenario.clusters.flatMap(({ groups }) => groups.flatMap((group) => group.zones)))].sort();
  const network = createNetwork(scenario.region, zones, random.fork('network'));
  const images = new Map(scenario.images.map((image) => [image.id, image]));
  const parameters = parametersOfScenario(scenario);
  const launchTemplates = createLaunchTemplates(clock, random.fork('launch templates'));
  const instances = createInstances({
    clock,
    random: random.fork('instances'),
    network,
    region: scenario.region,
    terminatingSeconds: scenario.timings.terminatingSeconds,
    watcher: watcherOf(machineObservers, () => autoScaling),
  });
  const autoScaling = createSimulation({
    clock,
    random: random.fork('auto scaling'),
    nextId,
    timings: scenario.timings,
    instances,
    network,
    catalogue: { launchTemplates, images, parameters },
    hasCapacity: (zone) => hasCapacity(scenario, zone, (clock.now() - startedAt) / 1000),
    onInService: (group, member) =>
      machineObservers.get(group.clusterName)?.machineInService(announcedMachine(state, group, member, 'image')),
    onHookWait: (group, member) => drainBeforeTermination(state, group, member),
    onChanged: (group) => checkHealthLater(state, group),
  });
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
    groupProfiles: new Map(),
    nodegroups: createNodegroups(),
    eksRandom: random.fork('eks'),
    nextEksId: createUuids(random.fork('eks ids')),
    nextAutoScalingId: nextId,
    kubernetesEndpoint: options.kubernetesEndpoints,
    asNodeManager: options.asNodeManager,
  };
  return state;
}

/**
 * Build a region as a scenario describes it.
 *
 * @throws Error for a scenario that contradicts itself (an unknown AMI or instance type, say); the message names the group
 */
export function createRegion(options: RegionOptions): Region {
  const { scenario, random, machineObservers } = options;
  const nextId = createUuids(random.fork('uuids'));
  const state = createState(options, nextId);
  for (const cluster of scenario.clusters)
    for (const group of cluster.groups)
      addInitialGroup(state, cluster, group, nextId, machineObservers.get(cluster.name));
  for (const cluster of scenario.clusters) {
    const machines = otherMachinesOf(scenario, cluster, random.fork(`other nodes of ${cluster.name}`));
    for (const machine of machines) machineObservers.get(cluster.name)?.machineExisted(machine);
  }
  scheduleEvents(state);
  return {
    state,
    services: withStaleAnswers(
      [
        createEksService(state),
        createEc2Service(state),
        createAutoScalingService(state),
        createSsmService(state),
        createStsService(),
        createCloudWatchService(state),
      ],
      state,
    ),
  };
}
