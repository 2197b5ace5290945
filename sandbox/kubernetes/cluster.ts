import { isoSeconds, type SandboxClock } from '../world/clock.ts';
import type { MachineObserver } from '../world/machines.ts';
import type { Random } from '../world/random.ts';
import type { Fault, ScenarioCluster, Timings } from '../world/scenario.ts';
import { createDaemonSetController } from './controllers/daemon-sets.ts';
import { createDeploymentController } from './controllers/deployments.ts';
import { createDisruptionController } from './controllers/disruptions.ts';
import { createGarbageCollector } from './controllers/garbage-collector.ts';
import { createJobController } from './controllers/jobs.ts';
import { createReplicaSetController } from './controllers/replica-sets.ts';
import { createStatefulSetController } from './controllers/stateful-sets.ts';
import { createEventRecorder } from './event-recorder.ts';
import type { ResourceName } from './kinds/kinds.ts';
import { createKubelets } from './nodes/kubelets.ts';
import { createNodeLifecycle } from './nodes/node-lifecycle.ts';
import { createPodGarbageCollector } from './nodes/pod-garbage-collector.ts';
import { createPodRunner } from './nodes/pod-runner.ts';
import { createVolumeAttachments } from './nodes/volume-attachments.ts';
import { createVolumeReclaim } from './nodes/volume-reclaim.ts';
import { createPodTally } from './pod-tally.ts';
import { createScheduler } from './scheduling/scheduler.ts';
import { createVolumeBinder } from './scheduling/volume-binder.ts';
import type { ObjectStore } from './store.ts';
import type { NamedObject } from './workload-controllers.ts';
import { initialObjects } from './workload-objects.ts';

export interface SimulatedClusterOptions {
  /** Its workloads become objects; its groups only tell which faults concern it. */
  readonly cluster: ScenarioCluster;
  readonly timings: Timings;
  readonly clock: SandboxClock;
  readonly random: Random;
  /** Shared with the API server, which serves and changes the same objects. */
  readonly store: ObjectStore;
  /** AWS region, for node labels. */
  readonly region: string;
  /** The scenario's faults; `nodeNotReady` is played here. */
  readonly faults?: readonly Fault[];
}

/** A cluster that lives: everything that acts on the objects of a store. */
export interface SimulatedCluster extends MachineObserver {
  /**
   * Create the workloads and bring the world to rest, all within the current instant: pods placed, Running and Ready, budgets
   * computed. Call it once, after `machineExisted` of every machine that is there from the start.
   */
  settleInstantly(): void;
}

const DAY_SECONDS = 86_400;
/** Ages that the objects of a settled world have at its start. */
const WORKLOAD_AGE_SECONDS = 30 * DAY_SECONDS;
const NODE_AGE_SECONDS = 12 * DAY_SECONDS;
const POD_AGE_SECONDS = 5 * DAY_SECONDS;

/**
 * Create the loops around an object store: kubelets, scheduler, controllers.
 *
 * They see only the store and each other's writes to it, as in a real cluster; every loop is level-triggered and writes in
 * scheduled callbacks, never inside a change.
 */
export function createSimulatedCluster({
  cluster,
  timings,
  clock: worldClock,
  random,
  store: worldStore,
  region,
  faults = [],
}: SimulatedClusterOptions): SimulatedCluster {
  /** While the world is set up the loops live in the past and nothing takes time; 0 afterwards. */
  let ageSeconds = 0;
  const isInstant = () => ageSeconds > 0;
  const clock: SandboxClock = { ...worldClock, now: () => worldClock.now() - ageSeconds * 1000 };
  const store: ObjectStore = {
    ...worldStore,
    create: (resource, object) =>
      worldStore.create(
        resource,
        isInstant()
          ? { ...object, metadata: { ...object.metadata, creationTimestamp: isoSeconds(clock.now()) } }
          : object,
      ),
  };
  const recorder = createEventRecorder({ clock, store, random: random.fork('events') });
  const events: typeof recorder = {
    record: (object, event) => {
      if (!isInstant()) recorder.record(object, event);
    },
  };

  const tally = createPodTally(store);
  const kubelets = createKubelets({
    clock,
    store,
    events,
    timings,
    region,
    onStopped: (nodeName) => {
      podRunner.kubeletStopped(nodeName);
      volumes.kubeletStopped(nodeName);
      nodeLifecycle.heartbeatEnded(nodeName);
    },
  });
  const { isAlive, machineOf } = kubelets;
  const nodeLifecycle = createNodeLifecycle({
    clock,
    store,
    events,
    isAlive,
    nodeMonitorGraceSeconds: timings.nodeMonitorGraceSeconds,
  });
  const scheduler = createScheduler({
    clock,
    store,
    events,
    random: random.fork('scheduler'),
    volumes: createVolumeBinder({ store, random: random.fork('volumes') }),
  });
  const volumes = createVolumeAttachments({
    clock,
    store,
    events,
    isAlive,
    isInstant,
    volumeAttachSeconds: timings.volumeAttachSeconds,
    volumeDetachSeconds: timings.volumeDetachSeconds,
  });
  const podRunner = createPodRunner({
    clock,
    store,
    events,
    isAlive,
    machineOf,
    isInstant,
    areVolumesAttached: volumes.areAttached,
  });
  createPodGarbageCollector({ clock, store, periodSeconds: timings.podGarbageCollectionSeconds });

  const loops = [
    createDeploymentController({ clock, store, events }),
    createReplicaSetController({ clock, store, events, tally, random: random.fork('replica-sets') }),
    createStatefulSetController({ clock, store, events }),
    createDaemonSetController({ clock, store, events, random: random.fork('daemon-sets') }),
    createJobController({ clock, store, events, tally, random: random.fork('jobs') }),
    scheduler,
    volumes,
    podRunner,
    nodeLifecycle,
    createGarbageCollector({ clock, store }),
    createVolumeReclaim({ clock, store }),
    createDisruptionController({ clock, store, events }),
  ];

  const groupNames = new Set(cluster.groups.map(({ name }) => name));
  const faultRandom = random.fork('node-faults');
  for (const fault of faults) {
    if (fault.kind !== 'nodeNotReady' || !groupNames.has(fault.group)) continue;
    worldClock.after(fault.atSeconds, () => {
      const nodes = kubelets
        .aliveNodes()
        .filter((nodeName) => machineOf(nodeName)?.autoScalingGroupName === fault.group);
      for (let stopped = 0; stopped < fault.nodes && nodes.length > 0; stopped += 1) {
        const [nodeName] = nodes.splice(faultRandom.integer(nodes.length), 1);
        if (nodeName !== undefined) kubelets.stopHeartbeat(nodeName);
      }
    });
  }

  const inThePast = (seconds: number, work: () => void) => {
    ageSeconds = seconds;
    try {
      work();
    } finally {
      ageSeconds = 0;
    }
  };

  const nodeAges = random.fork('node-ages');

  return {
    machineExisted: (machine) =>
      inThePast(NODE_AGE_SECONDS + nodeAges.integer(DAY_SECONDS), () => kubelets.machineExisted(machine)),
    machineInService: kubelets.machineInService,
    machineStopping: kubelets.machineStopping,
    machineGone: kubelets.machineGone,
    settleInstantly() {
      const objects = initialObjects(cluster.workloads);
      const createOne = <Resource extends ResourceName>({ resource, object }: NamedObject<Resource>) => {
        const { namespace, name } = object.metadata;
        // The API server makes the system namespaces itself.
        if (store.get(resource, namespace, name) === undefined) store.create(resource, object);
      };
      const create = (isWanted: (object: NamedObject) => boolean) => {
        for (const named of objects.filter(isWanted)) createOne(named);
      };
      inThePast(WORKLOAD_AGE_SECONDS, () => create(({ resource }) => resource !== 'pods'));
      inThePast(POD_AGE_SECONDS, () => {
        create(({ resource }) => resource === 'pods');
        while (loops.filter((loop) => loop.drain()).length > 0);
      });
    },
  };
}
