import type { GroupNode } from './nodegroup.ts';

/** True for an instance that this run may upgrade: one of its `nodes`, or any when it names none. */
export const isInScope = ({ nodes }: { nodes?: readonly string[] | undefined }, instanceId: string): boolean =>
  nodes === undefined || nodes.includes(instanceId);

/**
 * Outdated members that the run is to upgrade.
 *
 * @param nodes instance ids of the only nodes of the run; absent: all
 */
export const outdatedInScope = (members: readonly GroupNode[], nodes: readonly string[] | undefined): GroupNode[] =>
  members.filter(({ instanceId, isOutdated }) => isOutdated && isInScope({ nodes }, instanceId));
