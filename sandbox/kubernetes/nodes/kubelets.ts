import { isoSeconds, type SandboxClock } from '../../world/clock.ts';
import type { Machine, MachineObserver } from '../../world/machines.ts';
import { conditionOf } from '../conditions.ts';
import type { EventRecorder } from '../event-recorder.ts';
import type { Node } from '../kinds/node.ts';
import type { ObjectStore } from '../store.ts';
import { UNINITIALIZED } from '../taints.ts';
import { cloudLabelsOf, nodeObjectOf, providerIdOf, readyCondition } from './node-object.ts';

/** Seconds the cloud controller takes to recognise a new node; until then it has no providerID. */
const CLOUD_INITIALISATION_SECONDS = 2;

const REGISTRATION_RETRY_SECONDS = 5;

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
  const machines = new Map<string, { machine: Machine; isAlive: boolean; isGone: boolean }>();
  const nodeNames = new Map<string, string>();

  const enrol = (machine: Machine) => {
    machines.set(machine.privateDnsName, { machine, isAlive: true, isGone: false });
    nodeNames.set(machine.instanceId, machine.privateDnsName);
  };

  const entryOf = (instanceId: string) => {
    const entry = machines.get(nodeNames.get(instanceId) ?? '');
    return entry?.machine.instanceId === instanceId ? entry : undefined;
  };

  const isAlive = (nodeName: string) => machines.get(nodeName)?.isAlive ?? false;

  const changeNode = (nodeName: string, edit: (node: Node) => Node) =>
    isAlive(nodeName) ? store.change('nodes', undefined, nodeName, edit) : undefined;

  const initialise = (machine: Machine) =>
    changeNode(machine.privateDnsName, (node) => ({
      ...node,
      metadata: { ...node.metadata, labels: { ...node.metadata.labels, ...cloudLabelsOf(machine, region) } },
      spec: {
        ...node.spec,
        providerID: providerIdOf(machine),
        taints: (node.spec?.taints ?? []).filter(({ key }) => key !== UNINITIALIZED),
      },
    }));

  const becomeReady = (nodeName: string) => {
    const at = isoSeconds(clock.now());
    const node = changeNode(nodeName, (current) => ({
      ...current,
      status: {
        ...current.status,
        conditions: (current.status?.conditions ?? []).map((condition) =>
          condition.type === 'Ready' ? readyCondition(true, at) : condition,
        ),
      },
    }));
    if (node === undefined) return;
    events.record(node, {
      reason: 'NodeReady',
      message: `Node ${nodeName} status is now: NodeReady`,
      component: 'kubelet',
      host: nodeName,
    });
  };

  const register = (machine: Machine) => {
    const nodeName = machine.privateDnsName;
    if (machines.get(nodeName)?.machine !== machine || !isAlive(nodeName)) return;
    if (store.get('nodes', undefined, nodeName) !== undefined) {
      // An address that was given out again: the Node of its former owner has to go first.
      clock.after(REGISTRATION_RETRY_SECONDS, () => register(machine));
      return;
    }
    const node = store.create('nodes', nodeObjectOf(machine, region, 'registered', isoSeconds(clock.now())));
    events.record(node, {
      reason: 'RegisteredNode',
      message: `Node ${nodeName} event: Registered Node ${nodeName} in Controller`,
      component: 'node-controller',
    });
    clock.after(Math.min(CLOUD_INITIALISATION_SECONDS, timings.readySeconds / 2), () => initialise(machine));
    if (machine.boots === 'ready') clock.after(timings.readySeconds, () => becomeReady(nodeName));
  };

  const stop = (nodeName: string) => {
    const entry = machines.get(nodeName);
    if (entry === undefined || !entry.isAlive) return;
    entry.isAlive = false;
    onStopped(nodeName);
  };

  const forget = (nodeName: string) => {
    const entry = machines.get(nodeName);
    if (entry === undefined) return;
    machines.delete(nodeName);
    nodeNames.delete(entry.machine.instanceId);
  };

  const deleteNode = (nodeName: string) => {
    const node = store.get('nodes', undefined, nodeName);
    if (machines.get(nodeName)?.isGone) forget(nodeName);
    if (node === undefined) return;
    events.record(node, {
      reason: 'DeletingNode',
      message: `Deleting node ${nodeName} because it does not exist in the cloud provider`,
      component: 'cloud-node-lifecycle-controller',
    });
    store.remove('nodes', undefined, nodeName);
    events.record(node, {
      reason: 'RemovingNode',
      message: `Node ${nodeName} event: Removing Node ${nodeName} from Controller`,
      component: 'node-controller',
    });
  };

  /** The cloud controller deletes a Node only when its machine is gone and it is not Ready. */
  const considerDeletion = (nodeName: string) => {
    if (!machines.get(nodeName)?.isGone) return;
    const node = store.get('nodes', undefined, nodeName);
    if (node === undefined) return forget(nodeName);
    if (conditionOf(node, 'Ready')?.status === 'True') return;
    clock.after(timings.nodeDeletionSeconds, () => deleteNode(nodeName));
  };

  store.subscribe(({ resource, type, object, previous }) => {
    if (resource !== 'nodes' || type !== 'MODIFIED' || previous === undefined) return;
    const turnedUnready =
      conditionOf(previous, 'Ready')?.status === 'True' && conditionOf(object, 'Ready')?.status !== 'True';
    if (turnedUnready) clock.after(0, () => considerDeletion(object.metadata.name));
  });

  return {
    isAlive,
    machineOf: (nodeName) => machines.get(nodeName)?.machine,
    stopHeartbeat: stop,
    aliveNodes: () => [...machines].flatMap(([nodeName, entry]) => (entry.isAlive ? [nodeName] : [])),
    machineExisted(machine) {
      enrol(machine);
      store.create('nodes', nodeObjectOf(machine, region, 'settled', isoSeconds(clock.now())));
    },
    machineInService(machine) {
      enrol(machine);
      if (machine.boots === 'never-joins') return;
      clock.after(timings.joinSeconds, () => register(machine));
    },
    machineStopping(instanceId) {
      const entry = entryOf(instanceId);
      if (entry !== undefined) stop(entry.machine.privateDnsName);
    },
    machineGone(instanceId) {
      const entry = entryOf(instanceId);
      if (entry === undefined) return;
      const nodeName = entry.machine.privateDnsName;
      stop(nodeName);
      entry.isGone = true;
      clock.after(0, () => considerDeletion(nodeName));
    },
  };
}
