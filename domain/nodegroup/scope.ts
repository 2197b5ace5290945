import type { GroupNode } from './nodegroup.ts';

/**
 * Outdated members that the run is to upgrade.
 *
 * @param nodes instance ids of the only nodes of the run; absent: all
 */
export const outdatedInScope = (members: readonly GroupNode[], nodes: readonly string[] | undefined): GroupNode[] =>
  members.filter(({ instanceId, isOutdated }) => isOutdated && (nodes === undefined || nodes.includes(instanceId)));
