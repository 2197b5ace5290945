import type { UpdateConfig } from '../state/nodegroup.ts';

/** Quota of nodes that one update takes at a time. */
const MOST_PARALLEL = 100;

/**
 * How many nodes an update takes at a time.
 *
 * How a percentage is rounded is not documented: down here, and never to nothing.
 *
 * @param nodes nodes to be replaced
 * @see https://docs.aws.amazon.com/eks/latest/userguide/managed-node-update-behavior.html (setup phase)
 */
export const maxParallelNodes = (
  { maxUnavailable = 1, maxUnavailablePercentage }: UpdateConfig,
  nodes: number,
): number => {
  const wanted =
    maxUnavailablePercentage === undefined ? maxUnavailable : Math.floor((nodes * maxUnavailablePercentage) / 100);
  return Math.max(1, Math.min(MOST_PARALLEL, wanted));
};
