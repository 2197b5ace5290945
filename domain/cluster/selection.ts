import { firstWithin, SHARES, withinBytes } from '../bounded-lists.ts';
import { truncate } from '../text.ts';
import type { ClusterPlan, NodegroupResult, NodegroupSelection } from './cluster.ts';
import { groupInput } from './settings.ts';

/** How far a run of a cluster is. */
export interface ClusterProgress {
  readonly plan: ClusterPlan;
  readonly selection: NodegroupSelection;
}

export const hasFailed = ({ outcome }: NodegroupResult): boolean => outcome === 'failed';

/** Lengths of a reason, longest first: the execution of the group has all of it. */
const REASON_CHARACTERS = [500, 200, 100, 40];

/** How groups ended, with reasons as long as the state has room for. */
export const withShortReasons = <End extends Pick<NodegroupResult, 'reason' | 'summary'>>(
  ends: readonly End[],
): End[] =>
  firstWithin(
    REASON_CHARACTERS.map((most) => () => ends.map((end) => shortened(end, most))),
    SHARES.nodegroupEnds,
  );

const shortened = <End extends Pick<NodegroupResult, 'reason' | 'summary'>>(end: End, most: number): End => ({
  ...end,
  ...(end.reason !== undefined && { reason: truncate(end.reason, most) }),
  ...(end.summary !== undefined && { summary: truncate(end.summary, most) }),
});

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
  const selected = (isStopped ? [] : left.slice(0, run.maxParallelNodegroups)).map((group) => ({
    name: group.name,
    executionName: group.executionName,
    input: groupInput(run, group),
  }));
  const fitting = withinBytes(selected, SHARES.selectedNodegroups);
  const next = fitting.length > 0 ? fitting : selected.slice(0, 1);
  return {
    status: next.length === 0 ? 'done' : 'selected',
    number: selection.number + (next.length === 0 ? 0 : 1),
    nodegroups: next,
    ends: withShortReasons(ends),
    results: [],
  };
}
