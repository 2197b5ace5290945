import { leaseName } from '../../../domain/admission/record.ts';
import { readRecord } from '../../../domain/admission/record-text.ts';
import { IN_HAND_ANNOTATION, IN_HAND_LABEL, inHandValue, writeInHand } from '../../../domain/drain/in-hand.ts';
import type { Upgrade } from '../../../domain/state.ts';
import type { Lease } from '../../../domain/types.ts';
import { conductWithinStep } from '../../../operations/admission/conduct.ts';
import { anUpgrade } from '../../domain/admission/upgrade-builder.ts';
import { aRun, EXECUTION_ARN } from '../../domain/builders.ts';
import { createPorts, type PortsInMemory } from '../ports-in-memory.ts';

/** Its name. */
export const LEASE = leaseName('workers');
/** One node at a time, without surge: the first decision takes one. */
export const run = aRun({ updateStrategy: 'MINIMAL', surge: 0, coversZones: false });

/** What the conductor reads in its first step. */
export const begun = anUpgrade({ status: 'pending', readyNodes: 0, freeNodes: 0, requiredNodes: 0 });

/** A run over three outdated nodes; `step` conducts it for one step. */
export function createRun(): PortsInMemory & { step: (upgrade?: Upgrade) => Promise<Upgrade> } {
  const ports = createPorts();
  ports.aws.runningExecutions.add(EXECUTION_ARN);
  const launchTemplate = { id: 'lt-0123456789abcdef0', version: '4', created: true } as never;
  const step = (upgrade = begun) =>
    conductWithinStep(ports.deps, {
      run,
      launchTemplate,
      upgrade,
      executionArn: EXECUTION_ARN,
      retryCount: 0,
      eventBudget: 20_000,
    });
  return { ...ports, step };
}

/** The executions that were started, in order. */
export const started = ({ changes }: PortsInMemory) => changes.filter((change) => change.startsWith('startExecution'));
/** The Lease of the group. */
export const leaseOf = ({ kubernetes }: PortsInMemory) => kubernetes.leases.get(LEASE) as Lease;
/** The entries in the record. */
export const entriesOf = (ports: PortsInMemory) => {
  const { accounts } = readRecord(leaseOf(ports));
  return accounts === undefined || accounts === 'unreadable' ? accounts : accounts.entries;
};

/** What the first patch of a node's execution writes. */
export function beginDrains({ kubernetes, aws, clock }: PortsInMemory): void {
  for (const [execution, { input = '{}' }] of aws.nodeExecutions) {
    const { node } = JSON.parse(input) as { node: { nodeName: string } };
    const found = kubernetes.nodes.get(node.nodeName);
    if (found === undefined) continue;
    const note = writeInHand({ execution, phase: 'draining', since: clock.now().toISOString() });
    kubernetes.nodes.set(node.nodeName, {
      ...found,
      labels: { ...found.labels, [IN_HAND_LABEL]: inHandValue('workers') },
      annotations: { ...found.annotations, [IN_HAND_ANNOTATION]: note },
    });
  }
}
