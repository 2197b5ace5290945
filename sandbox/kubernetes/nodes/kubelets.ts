import { isoSeconds, type SandboxClock } from '../../world/clock.ts';
import type { Machine, MachineObserver } from '../../world/machines.ts';
import type { EventRecorder } from '../event-recorder.ts';
import type { ObjectStore } from '../store.ts';
import { createMachineRegistry } from './machine-registry.ts';
import { createNodeDeletion } from './node-deletion.ts';
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
 * A heartbeat is implied while a kubelet is alive: nothing is written for it. Only its end is reported.
 *
 * @param onStopped called when a kubelet's heartbeat ends, whatever the reason
 */
export function createKubelets({
  clock,
  store,
  events,
  timings,
  region,
  onStopped,
}: {
  clock: SandboxClock;
  store: ObjectStore;
  events: EventRecorder;
  timings: KubeletTimings;
  region: string;
  onStopped(nodeName: string): void;
}): Kubelets {
  const { joinSeconds, readySeconds, nodeDeletionSeconds } = timings;
  const registry = createMachineRegistry();
  const register = createNodeRegistration({ clock, store, events, registry, region, readySeconds });
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
      store.create('nodes', nodeObjectOf(machine, region, 'settled', isoSeconds(clock.now())));
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
