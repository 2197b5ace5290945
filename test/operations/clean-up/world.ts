import type { HeldEntry } from '../../../domain/admission/record.ts';
import { writeRecord } from '../../../domain/admission/record-text.ts';
import { OWNERSHIP_ANNOTATIONS, UNSCHEDULABLE_TAINT } from '../../../domain/nodegroup/node-ownership.ts';
import { ORIGINAL_SETTINGS_TAGS, originalSettingsTags } from '../../../domain/nodegroup/original-settings.ts';
import type { WorkflowRun } from '../../../domain/state.ts';
import type { AutoScalingGroup, Node } from '../../../domain/types.ts';
import { accountsWith } from '../../domain/admission/entry-builders.ts';
import { aGroup, aLease, aRun, EXECUTION_ARN } from '../../domain/builders.ts';
import { aTemplateVersion } from '../aws-in-memory.ts';
import { createPorts, type PortsInMemory } from '../ports-in-memory.ts';

export const LEASE = 'workers';
export const TEMPLATE = { launchTemplateId: 'lt-0123456789abcdef0', version: '4', previousVersion: '3', isNew: true };

export const groupOf = ({ aws }: PortsInMemory) => aws.groups.get('workers') as AutoScalingGroup;
export const setGroup = (ports: PortsInMemory, overrides: Partial<AutoScalingGroup>) =>
  ports.aws.groups.set('workers', { ...groupOf(ports), ...overrides });
export function setNode({ kubernetes }: PortsInMemory, name: string, overrides: Partial<Node>): void {
  kubernetes.nodes.set(name, { ...(kubernetes.nodes.get(name) as Node), ...overrides });
}

/** Tags that a run has written on a group that followed `$Latest` and whose AZRebalance it has suspended. */
const TAGS = {
  ...originalSettingsTags(aGroup(), aRun()),
  [ORIGINAL_SETTINGS_TAGS.launchTemplateVersion]: '$Latest',
  [ORIGINAL_SETTINGS_TAGS.suspendedProcess]: 'AZRebalance',
};

/** A run that has tainted node-0, suspended AZRebalance, and holds the lock. */
export function underWay({
  holder = EXECUTION_ARN,
  entries = [],
  run = aRun(),
}: {
  holder?: string;
  entries?: readonly HeldEntry[];
  run?: WorkflowRun;
} = {}): PortsInMemory {
  const ports = createPorts();
  const annotations = { [OWNERSHIP_ANNOTATIONS.tainted]: 'tuesday' };
  setNode(ports, 'node-0', { taints: [UNSCHEDULABLE_TAINT], annotations });
  const inputs = { c0ffee00: JSON.stringify({ run, launchTemplateVersion: '4' }) };
  const lease = writeRecord(aLease({ holder }), { nonce: 'conductor', accounts: accountsWith(entries), inputs });
  ports.kubernetes.leases.set(LEASE, lease);
  ports.aws.templateVersions.push(aTemplateVersion({ version: 4 }));
  setGroup(ports, { tags: TAGS, suspendedProcesses: [{ name: 'AZRebalance', reason: 'User suspended' }] });
  return ports;
}
