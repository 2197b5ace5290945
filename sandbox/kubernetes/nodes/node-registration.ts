import { isoSeconds, type SandboxClock } from '../../world/clock.ts';
import type { Machine } from '../../world/machines.ts';
import type { EventRecorder } from '../event-recorder.ts';
import type { Node } from '../kinds/node.ts';
import type { ObjectStore } from '../store.ts';
import { UNINITIALIZED } from '../taints.ts';
import type { MachineRegistry } from './machine-registry.ts';
import type { NodeImage } from './node-images.ts';
import { cloudLabelsOf, nodeObjectOf, providerIdOf, readyCondition } from './node-object.ts';

/** Seconds the cloud controller takes to recognise a new node; until then it has no providerID. */
const CLOUD_INITIALISATION_SECONDS = 2;

const REGISTRATION_RETRY_SECONDS = 5;

/** Create the registration of a machine as a Node: it appears, the cloud controller recognises it, it becomes Ready. */
export function createNodeRegistration({
  clock,
  store,
  events,
  registry,
  region,
  images,
  readySeconds,
  onRegistered,
}: {
  clock: SandboxClock;
  store: ObjectStore;
  events: EventRecorder;
  registry: MachineRegistry;
  region: string;
  images: readonly NodeImage[];
  readySeconds: number;
  onRegistered(nodeName: string, uid: string): void;
}): (machine: Machine) => void {
  const isAlive = (nodeName: string) => registry.of(nodeName)?.isAlive ?? false;

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
    if (registry.of(nodeName)?.machine !== machine || !isAlive(nodeName)) return;
    if (store.get('nodes', undefined, nodeName) !== undefined) {
      // An address that was given out again: the Node of its former owner has to go first.
      clock.after(REGISTRATION_RETRY_SECONDS, () => register(machine));
      return;
    }
    const node = store.create('nodes', nodeObjectOf(machine, region, 'registered', isoSeconds(clock.now()), images));
    onRegistered(nodeName, node.metadata.uid);
    events.record(node, {
      reason: 'RegisteredNode',
      message: `Node ${nodeName} event: Registered Node ${nodeName} in Controller`,
      component: 'node-controller',
    });
    clock.after(Math.min(CLOUD_INITIALISATION_SECONDS, readySeconds / 2), () => initialise(machine));
    if (machine.boots === 'ready') clock.after(readySeconds, () => becomeReady(nodeName));
  };

  return register;
}
