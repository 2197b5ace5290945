import { plural } from '../../domain/text.ts';
import { secondsBetween } from '../../report/model/text.ts';
import { tidy } from './cells.ts';
import { type Change, createChangeFeed, type Untimed } from './changes.ts';
import type { ClusterView, GroupCell } from './cluster-view.ts';

/** When a group reached its outcome: at the start or end of its execution, else now. */
function momentOf({ outcome, view }: GroupCell, now: string): string {
  if (view === undefined) return now;
  return outcome === 'inProgress' ? view.startedAt : view.at;
}

const isChange = ({ outcome }: GroupCell): boolean => outcome !== 'queued';

/** The change of a group's outcome since the previous view. */
function groupChange(cell: GroupCell, before: GroupCell | undefined, now: string): Untimed<Change>[] {
  if (cell.outcome === before?.outcome || !isChange(cell)) return [];
  const { name, outcome, error, reason } = cell;
  const why = outcome === 'inProgress' ? {} : { ...(error && { error }), ...(reason && { reason }) };
  return [{ type: 'group', at: momentOf(cell, now), name, outcome, ...why }];
}

function planChanges(previous: ClusterView | undefined, { planSummary, startedAt }: ClusterView): Untimed<Change>[] {
  if (planSummary === undefined || previous?.planSummary !== undefined) return [];
  return [{ type: 'plan', at: startedAt, summary: planSummary }];
}

function endChanges(previous: ClusterView | undefined, view: ClusterView): Untimed<Change>[] {
  const { status, headline, failure, at } = view;
  if (status === 'RUNNING' || previous?.status === status) return [];
  return [{ type: 'end', at, status, headline, ...(failure && { error: failure.error, cause: failure.cause }) }];
}

/**
 * Compare each view of the run of a cluster with the previous one: the outcomes of its groups, and what happened in each.
 *
 * @returns what happened since the previous view, oldest first; for the first view everything so far
 */
export function createClusterFeed(): (view: ClusterView) => Change[] {
  const feeds = new Map<string, ReturnType<typeof createChangeFeed>>();
  let previous: ClusterView | undefined;
  const ofGroup = ({ name, view }: GroupCell): Change[] => {
    if (view === undefined) return [];
    const feed = feeds.get(name) ?? createChangeFeed();
    feeds.set(name, feed);
    // The outcome of the group says how its run ended.
    return feed(view).flatMap((change) => (change.type === 'end' ? [] : [{ ...change, group: name }]));
  };
  return (view) => {
    const before = new Map(previous?.groups.map((cell) => [cell.name, cell]));
    const ofGroups = view.groups.flatMap((cell) => groupChange(cell, before.get(cell.name), view.at));
    const isBeginning = (change: Untimed<Change>): boolean => 'outcome' in change && change.outcome === 'inProgress';
    const changes = [
      ...planChanges(previous, view),
      ...ofGroups.filter(isBeginning),
      ...view.groups.flatMap(ofGroup),
      ...ofGroups.filter((change) => !isBeginning(change)),
      ...endChanges(previous, view),
    ];
    previous = view;
    return changes
      .sort((left, right) => left.at.localeCompare(right.at))
      .map((change) => ({ ...change, elapsedSeconds: Math.floor(secondsBetween(view.startedAt, change.at)) }));
  };
}

/** The run of a cluster in a few lines, for its end. */
export function clusterSummary({ headline, failure, advice, groups }: ClusterView): string[] {
  const notes = groups.flatMap(({ name, outcome, view }) =>
    outcome === 'upgraded' && view !== undefined ? [`${name}: ${view.headline}.`] : [],
  );
  const evicted = groups.reduce((sum, { view }) => sum + (view?.counts.evicted ?? 0), 0);
  return [
    headline,
    ...(failure === undefined ? [] : [failure.cause]),
    ...advice,
    ...notes,
    ...(evicted === 0 ? [] : [`${plural(evicted, 'pod')} evicted.`]),
  ].map(tidy);
}
