import type { Random } from '../world/random.ts';
import type { ScenarioCluster, Timings } from '../world/scenario.ts';
import { createDaemonSetController } from './controllers/daemon-sets.ts';
import { createDeploymentController } from './controllers/deployments.ts';
import { createDisruptionController } from './controllers/disruptions.ts';
import { createGarbageCollector } from './controllers/garbage-collector.ts';
import { createJobController } from './controllers/jobs.ts';
import { createReplicaSetController } from './controllers/replica-sets.ts';
import { createStatefulSetController } from './controllers/stateful-sets.ts';
import { createKubelets, type Kubelets } from './nodes/kubelets.ts';
import { nodeImages } from './nodes/node-images.ts';
import { createNodeLifecycle } from './nodes/node-lifecycle.ts';
import { createPodGarbageCollector } from './nodes/pod-garbage-collector.ts';
import { createPodRunner } from './nodes/pod-runner.ts';
import { createStatusUpdates } from './nodes/status-updates.ts';
import { createVolumeAttachments } from './nodes/volume-attachments.ts';
import { createVolumeReclaim } from './nodes/volume-reclaim.ts';
import { createPodTally } from './pod-tally.ts';
import { createScheduler } from './scheduling/scheduler.ts';
import { createVolumeBinder } from './scheduling/volume-binder.ts';
import type { WorldSetup } from './world-setup.ts';

type Parts = Pick<WorldSetup, 'clock' | 'store' | 'events' | 'isInstant'> & {
  readonly timings: Timings;
  readonly random: Random;
  /** AWS region, for node labels. */
  readonly region: string;
  readonly nodeStatus: ScenarioCluster['nodeStatus'];
};

/** A loop that reconciles what has changed. */
export interface ControlLoop {
  /** Reconcile everything that waits, at once; false when nothing did. */
  drain(): boolean;
}

/** Create what happens on nodes: kubelets, scheduler, volumes, and the controllers of nodes. */
function createNodeLoops({ clock, store, events, isInstant, timings, random, region, nodeStatus }: Parts): {
  kubelets: Kubelets;
  loops: ControlLoop[];
} {
  const kubelets = createKubelets({
    clock,
    store,
    events,
    timings,
    region,
    images: nodeImages(nodeStatus.images, region, random.fork('node-images')),
    onRegistered: (nodeName, uid) => updateStatus(nodeName, uid),
    onStopped: (nodeName) => {
      podRunner.kubeletStopped(nodeName);
      volumes.kubeletStopped(nodeName);
      nodeLifecycle.heartbeatEnded(nodeName);
    },
  });
  const { isAlive, machineOf } = kubelets;
  const everySeconds = nodeStatus.updateSeconds;
  const updateStatus = createStatusUpdates({ clock, store, random: random.fork('node-status'), everySeconds, isAlive });
  const { nodeMonitorGraceSeconds, volumeAttachSeconds, volumeDetachSeconds } = timings;
  const nodeLifecycle = createNodeLifecycle({ clock, store, events, isAlive, nodeMonitorGraceSeconds });
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
    volumeAttachSeconds,
    volumeDetachSeconds,
  });
  const areVolumesAttached = volumes.areAttached;
  const podRunner = createPodRunner({ clock, store, events, isAlive, machineOf, isInstant, areVolumesAttached });
  createPodGarbageCollector({ clock, store, periodSeconds: timings.podGarbageCollectionSeconds });
  return { kubelets, loops: [scheduler, volumes, podRunner, nodeLifecycle] };
}

/**
 * Create the loops around an object store: kubelets, scheduler, controllers.
 *
 * They see only the store and each other's writes to it, as in a real cluster; every loop is level-triggered and writes in
 * scheduled callbacks, never inside a change. They are created and drained in a fixed order, so that a seed gives one history.
 */
export function createControlLoops(parts: Parts): { kubelets: Kubelets; loops: readonly ControlLoop[] } {
  const { clock, store, events, random } = parts;
  const tally = createPodTally(store);
  const nodes = createNodeLoops(parts);
  return {
    kubelets: nodes.kubelets,
    loops: [
      createDeploymentController({ clock, store, events }),
      createReplicaSetController({ clock, store, events, tally, random: random.fork('replica-sets') }),
      createStatefulSetController({ clock, store, events }),
      createDaemonSetController({ clock, store, events, random: random.fork('daemon-sets') }),
      createJobController({ clock, store, events, tally, random: random.fork('jobs') }),
      ...nodes.loops,
      createGarbageCollector({ clock, store }),
      createVolumeReclaim({ clock, store }),
      createDisruptionController({ clock, store, events }),
    ],
  };
}
