import type { ClusterPlan, NodegroupResult, NodegroupSelection } from './cluster.ts';
import { groupInput } from './settings.ts';

/** How far a run of a cluster is. */
export interface ClusterProgress {
  readonly plan: ClusterPlan;
  readonly selection: NodegroupSelection;
}

export const hasFailed = ({ outcome }: NodegroupResult): boolean => outcome === 'failed';

/** How each group ended whose execution is over. */
export const resultsOf = ({ ends, results }: NodegroupSelection): NodegroupResult[] => [...ends, ...results];

/**
 * Choose the groups that are upgraded next: at most as many as may be upgraded in parallel, no group twice, and no group
 * after a failure when the run is to stop there.
 */
export function selectNodegroups({ plan, selection }: ClusterProgress): NodegroupSelection {
  const { run, groups } = plan;
  const ends = resultsOf(selection);
  const isStopped = run.onNodegroupFailure === 'stop' && ends.some(hasFailed);
  const over = new Set(ends.map(({ name }) => name));
  const left = groups.filter(({ name, status }) => status === 'outdated' && !over.has(name));
  const next = isStopped ? [] : left.slice(0, run.maxParallelNodegroups);
  return {
    status: next.length === 0 ? 'done' : 'selected',
    number: selection.number + (next.length === 0 ? 0 : 1),
    nodegroups: next.map((group) => ({
      name: group.name,
      executionName: group.executionName,
      input: groupInput(run, group),
    })),
    ends,
    results: [],
  };
}
