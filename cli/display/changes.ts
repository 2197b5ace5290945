import type { GroupOutcome } from '../../report/cluster/model.ts';
import { secondsBetween } from '../../report/model/text.ts';
import type { CellState, NodeCell, ProgressView } from './view.ts';

/** Something that happened between two views of a run. `at` is ISO-8601 UTC of the history's own time. */
export type Change = {
  readonly at: string;
  readonly elapsedSeconds: number;
  /** The node group, in the run of a cluster. */
  readonly group?: string;
} & (
  | { readonly type: 'plan'; readonly summary: string }
  | { readonly type: 'phase'; readonly phase: string; readonly title: string }
  | {
      readonly type: 'node';
      readonly instanceId: string;
      readonly name: string;
      readonly state: CellState;
      readonly attempt: number;
      readonly podsLeft?: number;
      /** How long it stayed in that state, once it has left it. */
      readonly seconds?: number;
      readonly error?: string;
      readonly reason?: string;
    }
  | { readonly type: 'progress'; readonly replaced: number; readonly outdated: number; readonly readyNodes?: number }
  | {
      readonly type: 'blocked';
      readonly pod: string;
      readonly node: string;
      readonly detail: string;
      readonly advice: string;
    }
  | {
      readonly type: 'group';
      readonly name: string;
      readonly outcome: GroupOutcome;
      readonly error?: string;
      readonly reason?: string;
    }
  | { readonly type: 'update'; readonly update: string }
  | { readonly type: 'pause'; readonly reason: string }
  | { readonly type: 'resume' }
  | { readonly type: 'wait'; readonly reason: string }
  | { readonly type: 'capacity'; readonly readyNodes: number; readonly originalNodes: number }
  | {
      readonly type: 'end';
      readonly status: string;
      readonly headline: string;
      readonly error?: string;
      readonly cause?: string;
    }
);

/** A change without the time since the start of the run. */
export type Untimed<T> = T extends unknown ? Omit<T, 'elapsedSeconds'> : never;

function nodeChanges(cell: NodeCell, before: NodeCell | undefined): Untimed<Change>[] {
  const known = before?.steps.length ?? 0;
  const steps = cell.steps.slice(known);
  const isMoving = cell.state === 'draining' && before?.state === 'draining' && cell.podsLeft !== before.podsLeft;
  const of = { type: 'node' as const, instanceId: cell.instanceId, name: cell.label };
  const changes: Untimed<Change>[] = steps.map(({ state, at, attempt }, index) => {
    const next = steps[index + 1];
    const isLast = next === undefined;
    return {
      ...of,
      at,
      state,
      attempt,
      ...(isLast ? {} : { seconds: secondsBetween(at, next.at) }),
      ...(isLast && state === 'draining' && cell.podsLeft > 0 ? { podsLeft: cell.podsLeft } : {}),
      ...(isLast && cell.error !== undefined ? { error: cell.error } : {}),
      ...(isLast && cell.reason !== undefined ? { reason: cell.reason } : {}),
    };
  });
  const last = cell.steps.at(-1);
  return isMoving && last !== undefined
    ? [...changes, { ...of, at: '', state: 'draining', attempt: last.attempt, podsLeft: cell.podsLeft }]
    : changes;
}

type BlockingPodView = ProgressView['blockingPods'][number];

/** Identifies a blocking pod: one that stops blocking and blocks again in the same attempt is reported once. */
const keyOf = ({ instanceId, namespace, name, reason, budget }: BlockingPodView, cell: NodeCell | undefined): string =>
  JSON.stringify([instanceId, cell?.steps.at(-1)?.attempt, namespace, name, reason, budget]);

function blockedChanges({ blockingPods, nodes }: ProgressView, reported: Set<string>): Untimed<Change>[] {
  const cells = new Map(nodes.map((cell) => [cell.instanceId, cell]));
  return blockingPods.flatMap((pod) => {
    const cell = cells.get(pod.instanceId);
    const key = keyOf(pod, cell);
    if (reported.has(key)) return [];
    reported.add(key);
    return [
      {
        type: 'blocked' as const,
        at: pod.blockedFrom,
        pod: `${pod.namespace}/${pod.name}`,
        node: cell?.label ?? pod.instanceId,
        detail: pod.detail,
        advice: pod.advice,
      },
    ];
  });
}

function orderChanges(
  { pauseReason: before }: Partial<ProgressView>,
  { pauseReason, status }: ProgressView,
): Untimed<Change>[] {
  if (pauseReason === before || status !== 'RUNNING') return [];
  return [pauseReason === undefined ? { type: 'resume', at: '' } : { type: 'pause', at: '', reason: pauseReason }];
}

/** The conductor says why no further node is taken; a changed sentence is news, its end is not. */
function waitChanges(
  { waitsFor: before }: Partial<ProgressView>,
  { waitsFor, status }: ProgressView,
): Untimed<Change>[] {
  if (waitsFor === undefined || waitsFor === before || status !== 'RUNNING') return [];
  return [{ type: 'wait', at: '', reason: waitsFor }];
}

/**
 * Compare each view of a run with the previous one.
 *
 * @returns what happened since the previous view, oldest first; for the first view everything so far
 */
export function createChangeFeed(): (view: ProgressView) => Change[] {
  const reported = new Set<string>();
  let previous: ProgressView | undefined;
  return (view) => {
    const changes = changesBetween(previous, view, reported);
    previous = view;
    return changes;
  };
}

function changesBetween(previous: ProgressView | undefined, view: ProgressView, reported: Set<string>): Change[] {
  const changes: Untimed<Change>[] = [];
  if (view.planSummary !== undefined && previous?.planSummary === undefined) {
    changes.push({ type: 'plan', at: view.phases[1]?.startedAt ?? view.at, summary: view.planSummary });
  }
  for (const { name, title, startedAt } of view.phases.slice(previous?.phases.length ?? 0)) {
    changes.push({ type: 'phase', at: startedAt, phase: name, title });
  }
  const before = new Map(previous?.nodes.map((cell) => [cell.instanceId, cell]));
  for (const cell of view.nodes) changes.push(...nodeChanges(cell, before.get(cell.instanceId)));
  const replaced = view.counts.upgraded;
  if (replaced > (previous?.counts.upgraded ?? 0)) {
    const { readyNodes } = view;
    const ready = readyNodes === undefined ? {} : { readyNodes };
    const lastAt = view.nodes
      .flatMap(({ steps }) => steps)
      .reduce((latest, { state, at }) => (state === 'replaced' && at > latest ? at : latest), '');
    changes.push({ type: 'progress', at: lastAt, replaced, outdated: view.counts.outdated, ...ready });
  }
  const last = previous ?? {};
  changes.push(...blockedChanges(view, reported), ...orderChanges(last, view), ...waitChanges(last, view));
  if (view.update !== undefined && previous?.update === undefined) {
    changes.push({ type: 'update', at: view.update.at, update: view.update.name });
  }
  const { lowestReadyNodes, originalNodes } = view;
  const isBelow = lowestReadyNodes !== undefined && originalNodes !== undefined && lowestReadyNodes < originalNodes;
  if (isBelow && lowestReadyNodes !== previous?.lowestReadyNodes) {
    changes.push({ type: 'capacity', at: '', readyNodes: lowestReadyNodes, originalNodes });
  }
  if (view.status !== 'RUNNING' && previous?.status !== view.status) {
    const { failure } = view;
    const why = failure === undefined ? {} : { error: failure.error, cause: failure.cause };
    changes.push({ type: 'end', at: view.at, status: view.status, headline: view.headline, ...why });
  }
  return changes
    .map((change) => (change.at === '' ? { ...change, at: view.at } : change))
    .sort((left, right) => left.at.localeCompare(right.at))
    .map((change) => ({ ...change, elapsedSeconds: Math.floor(secondsBetween(view.startedAt, change.at)) }));
}
