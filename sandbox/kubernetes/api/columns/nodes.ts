import { conditionOf } from '../../conditions.ts';
import type { Node } from '../../kinds/node.ts';
import { AGE, type Column, NAME, NONE, text, wide } from './column.ts';

function statusOf(node: Node): string {
  const ready = conditionOf(node, 'Ready');
  const words = [ready === undefined ? 'Unknown' : ready.status === 'True' ? 'Ready' : 'NotReady'];
  if (node.spec?.unschedulable === true) words.push('SchedulingDisabled');
  return words.join(',');
}

function rolesOf(node: Node): string {
  const roles = Object.entries(node.metadata.labels ?? {}).flatMap(([key, value]) => {
    if (key.startsWith('node-role.kubernetes.io/')) return [key.slice('node-role.kubernetes.io/'.length)];
    return key === 'kubernetes.io/role' && value !== '' ? [value] : [];
  });
  return (
    roles
      .filter((role) => role !== '')
      .sort()
      .join(',') || NONE
  );
}

const address = (type: string) => (node: Node) =>
  (node.status?.addresses ?? []).find((each) => each.type === type)?.address ?? NONE;

const info = (field: string) => (node: Node) => node.status?.nodeInfo?.[field] || '<unknown>';

export const NODE_COLUMNS: readonly Column<Node>[] = [
  NAME,
  text('Status', statusOf),
  text('Roles', rolesOf),
  AGE,
  text('Version', ({ status }) => status?.nodeInfo?.kubeletVersion ?? ''),
  wide(text('Internal-IP', address('InternalIP'))),
  wide(text('External-IP', address('ExternalIP'))),
  wide(text('OS-Image', info('osImage'))),
  wide(text('Kernel-Version', info('kernelVersion'))),
  wide(text('Container-Runtime', info('containerRuntimeVersion'))),
];
