import { isCounted } from '../../auto-scaling/state/group.ts';
import { UpdateFailure } from '../state/update.ts';
import type { KubernetesNode } from './cluster-access.ts';
import { instanceIdOf, isReady, type UpdateRun } from './update-run.ts';

/** How long new nodes may take from the raise of the sizes. */
export const BOOT_SECONDS = 15 * 60;

const NO_ADDRESSES = 'not enough free addresses';

/** Nodes with the newest configuration that are Ready on an instance of the group. */
export const readyNodes = ({ group, isNewest }: UpdateRun, nodes: readonly KubernetesNode[]): KubernetesNode[] =>
  nodes.filter((node) => {
    const member = group.members.get(instanceIdOf(node));
    return member !== undefined && isCounted(member) && isNewest(node) && isReady(node);
  });

/**
 * Why an update cannot go on without new nodes.
 *
 * EKS names no instance; it reports a subnet without free addresses.
 */
export function creationFailure({ state, nodegroup, group }: UpdateRun): UpdateFailure {
  const since = state.clock.now() - BOOT_SECONDS * 1000;
  const failed = group.activities.list().find(({ status, startedAt }) => status === 'Failed' && startedAt >= since);
  if (failed?.statusMessage?.includes(NO_ADDRESSES))
    return new UpdateFailure('InsufficientFreeAddresses', failed.statusMessage, [...nodegroup.subnets]);
  return new UpdateFailure(
    'NodeCreationFailure',
    `Couldn't proceed with upgrade process as new nodes are not joining node group ${nodegroup.name}`,
  );
}
