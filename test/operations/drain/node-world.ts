import { leaseName } from '../../../domain/admission/record.ts';
import { writeRecord } from '../../../domain/admission/record-text.ts';
import type { NodeStep } from '../../../domain/drain/node-step.ts';
import type { Drain, DrainedNode, WorkflowRun } from '../../../domain/state.ts';
import type { Node, Pod } from '../../../domain/types.ts';
import { accountsWith, aHeldEntry, anEntry, executionOf } from '../../domain/admission/entry-builders.ts';
import { aLease, aPod, aRun, NOW_AT } from '../../domain/builders.ts';
import { createPorts, type PortsInMemory } from '../ports-in-memory.ts';

/** The node that is in hand: node-0 of `createPorts`. */
export const INSTANCE = 'i-00000000000000000';
export const NODE_ENTRY = anEntry({ instanceId: INSTANCE, nodeName: 'node-0', uid: 'uid-of-node-0' });
export const EXECUTION = executionOf(NODE_ENTRY);

export const later = (seconds: number): string => new Date(Date.parse(NOW_AT) + seconds * 1000).toISOString();

/** A pod on the node. */
export const onNode = (overrides: Partial<Pod> = {}): Pod => aPod({ nodeName: 'node-0', ...overrides });

/** Write the record: one entry, and annotations that somebody has set. */
export function writeLease(
  { kubernetes }: PortsInMemory,
  entry: Parameters<typeof aHeldEntry>[0] = NODE_ENTRY,
  annotations: Readonly<Record<string, string>> = {},
): void {
  const lease = aLease({ name: leaseName('workers'), annotations });
  const accounts = accountsWith([aHeldEntry(entry)]);
  kubernetes.leases.set(lease.name, writeRecord(lease, { nonce: 'nonce', accounts, inputs: {} }));
}

/** Ports over a world in which node-0 is in hand, with pods on it. */
export function nodeInHand(...pods: Pod[]): PortsInMemory {
  const ports = createPorts();
  writeLease(ports);
  for (const pod of pods) ports.kubernetes.pods.set(pod.uid, pod);
  return ports;
}

/** The node as it is now. */
export const nodeOf = ({ kubernetes }: PortsInMemory, name = 'node-0'): Node => kubernetes.nodes.get(name) as Node;

/** What a drain keeps of the node as it is now. */
export const drainedNodeOf = (ports: PortsInMemory, name = 'node-0'): DrainedNode => {
  const { uid, providerId = '', resourceVersion, isUnschedulable } = nodeOf(ports, name);
  return { name, uid, providerId, resourceVersion, isUnschedulable };
};

/** A drain of the node as it is now, which has evicted nothing so far. */
export const aDrain = (ports: PortsInMemory): Extract<Drain, { status: 'draining' }> => ({
  status: 'draining',
  deadlineAt: later(900),
  node: drainedNodeOf(ports),
  firstPods: [],
  evictedOwners: {},
  taintsRestored: 0,
  refills: 0,
  evicted: [],
  evictedCount: 0,
  deletedCount: 0,
  remainingCount: 0,
  blockingPods: [],
  blockingPodCount: 0,
  volumeClaims: {},
  ignored: [],
  presumedGone: [],
  waitSeconds: 1,
});

/** Input of a step of the node's execution. */
export const aStep = (overrides: Partial<Omit<NodeStep, 'run'>> & { run?: Partial<WorkflowRun> } = {}): NodeStep => ({
  node: NODE_ENTRY,
  drain: { status: 'pending' },
  execution: EXECUTION,
  ...overrides,
  run: aRun(overrides.run),
});
