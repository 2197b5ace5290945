import { isStuckTerminating } from './blocking-pods.ts';
import type { SortedPods, TerminatingPod } from './pod-filters.ts';

/** Pods that should have stopped, and do not seem to. */
export const overduePods = ({ terminating }: Pick<SortedPods, 'terminating'>, nowAt: string): TerminatingPod[] =>
  terminating.filter((pod) => isStuckTerminating(pod, nowAt));

/**
 * Count overdue pods of a node that is not Ready as gone: its kubelet cannot say that they have stopped, and no other pod takes
 * their place before the instance is terminated, which ends them for certain.
 */
export function countOverdueAsGone(pods: SortedPods, nowAt: string): SortedPods {
  const overdue = overduePods(pods, nowAt);
  return {
    ...pods,
    terminating: pods.terminating.filter((pod) => !overdue.includes(pod)),
    presumedGone: overdue,
  };
}
