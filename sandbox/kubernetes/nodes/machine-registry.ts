import type { Machine } from '../../world/machines.ts';

interface RegisteredMachine {
  readonly machine: Machine;
  /** Its kubelet posts heartbeats and runs pods. */
  isAlive: boolean;
  isGone: boolean;
}

/** The machines of a cluster, by node name and by instance id. */
export interface MachineRegistry {
  add(machine: Machine): void;
  forget(nodeName: string): void;
  /** The last machine of this node name. */
  of(nodeName: string): RegisteredMachine | undefined;
  ofInstance(instanceId: string): RegisteredMachine | undefined;
  /** Names of the nodes whose kubelets are alive, in the order their machines came. */
  aliveNodes(): string[];
}

export function createMachineRegistry(): MachineRegistry {
  const machines = new Map<string, RegisteredMachine>();
  const nodeNames = new Map<string, string>();

  return {
    add(machine) {
      machines.set(machine.privateDnsName, { machine, isAlive: true, isGone: false });
      nodeNames.set(machine.instanceId, machine.privateDnsName);
    },
    forget(nodeName) {
      const entry = machines.get(nodeName);
      if (entry === undefined) return;
      machines.delete(nodeName);
      nodeNames.delete(entry.machine.instanceId);
    },
    of: (nodeName) => machines.get(nodeName),
    ofInstance(instanceId) {
      const entry = machines.get(nodeNames.get(instanceId) ?? '');
      return entry?.machine.instanceId === instanceId ? entry : undefined;
    },
    aliveNodes: () => [...machines].flatMap(([nodeName, entry]) => (entry.isAlive ? [nodeName] : [])),
  };
}
