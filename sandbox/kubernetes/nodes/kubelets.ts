import { isoSeconds, type SandboxClock } from '../../world/clock.ts';
import type { Machine, MachineObserver } from '../../world/machines.ts';
import type { EventRecorder } from '../event-recorder.ts';
import type { ObjectStore } from '../store.ts';
import { createMachineRegistry } from './machine-registry.ts';
import { createNodeDeletion } from './node-deletion.ts';
import type { NodeImage } from './node-images.ts';
import { nodeObjectOf } from './node-object.ts';
import { createNodeRegistration } from './node-registration.ts';

export interface Kubelets extends MachineObserver {
  /** A kubelet that posts heartbeats and runs pods. */
  isAlive(nodeName: string): boolean;
  machineOf(nodeName: string): Machine | undefined;
  /** End a kubelet's heartbeats although its machine lives on. */
  stopHeartbeat(nodeName: string): void;
  /** Names of the nodes whose kubelets are alive, in the order their machines came. */
  aliveNodes(): string[];
}

export interface KubeletTimings {
  readonly joinSeconds: number;
  readonly readySeconds: number;
  readonly nodeDeletionSeconds: number;
}

/**
 * Create the kubelets, one a machine, and the cloud controller that deletes the Node of a machine that is gone.
 *
 * A heartbeat is implied while a kubelet is alive, and only its end is reported. What is written besides is the business of
 * `onRegistered`.
 *
 * @param images what lies on the disk of each node
 * @param onRegistered called when a kubelet has made its Node
 * @param onStopped called when a kubelet's heartbeat ends, whatever the reason
 */
export function createKubelets({
  clock,
  store,
  events,
  timings,
  region,
  images,
  onRegistered,
  onStopped,
}: {
  clock: SandboxClock;
  store: ObjectStore;
  events: EventRecorder;
  timings: KubeletTimings;
  region: string;
  images: readonly NodeImage[];
  onRegistered(nodeName: string, uid: string): void;
  onStopped(nodeName: string): void;
}): Kubelets {
  const { joinSeconds, readySeconds, nodeDeletionSeconds } = timings;
  const registry = createMachineRegistry();
  const register = createNodeRegistration({
    clock,
    store,
    events,
    registry,
    region,
    images,
    readySeconds,
    onRegistered,
  });
  const machineHasGone = createNodeDeletion({ clock, store, events, registry, nodeDeletionSeconds });

  const stopHeartbeat = (nodeName: string) => {
    const entry = registry.of(nodeName);
    if (entry === undefined || !entry.isAlive) return;
    entry.isAlive = false;
    onStopped(nodeName);
  };

  return {
    isAlive: (nodeName) => registry.of(nodeName)?.isAlive ?? false,
    machineOf: (nodeName) => registry.of(nodeName)?.machine,
    stopHeartbeat,
    aliveNodes: registry.aliveNodes,
    machineExisted(machine) {
      registry.add(machine);
      const node = nodeObjectOf(machine, region, 'settled', isoSeconds(clock.now()), images);
      onRegistered(machine.privateDnsName, store.create('nodes', node).metadata.uid);
    },
    machineInService(machine) {
      registry.add(machine);
      if (machine.boots === 'never-joins') return;
      clock.after(joinSeconds, () => register(machine));
    },
    machineStopping(instanceId) {
      const entry = registry.ofInstance(instanceId);
      if (entry !== undefined) stopHeartbeat(entry.machine.privateDnsName);
    },
    machineGone(instanceId) {
      const entry = registry.ofInstance(instanceId);
      if (entry === undefined) return;
      const nodeName = entry.machine.privateDnsName;
      stopHeartbeat(nodeName);
      entry.isGone = true;
      machineHasGone(nodeName);
    },
  };
}
