import type { Machine } from '../world/machines.ts';

/** A machine of the simulated cloud, and what has become of its Node. */
export interface BridgedMachine {
  readonly machine: Machine;
  isStopping: boolean;
  /** The cluster has noticed that the kubelet says nothing any more. */
  isSilent: boolean;
  isGone: boolean;
  /** Of the Node while there is one that we registered: we change and delete no other. */
  uid: string | undefined;
  /** Changes to one node happen one after the other. */
  last: Promise<void>;
}

export const newBridgedMachine = (machine: Machine): BridgedMachine => ({
  machine,
  isStopping: false,
  isSilent: false,
  isGone: false,
  uid: undefined,
  last: Promise.resolve(),
});

export const nodePathOf = (machine: Machine): string => `/api/v1/nodes/${encodeURIComponent(machine.privateDnsName)}`;
