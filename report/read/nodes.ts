import { omitUndefined } from '../../domain/omit-undefined.ts';
import type { Attempt, Counts, ExecutionStatus, NodeReport, PlanReport } from '../model/model.ts';
import type { ChildReading } from './child.ts';
import { isOfMapRun } from './earlier-versions.ts';
import { millisecondsOf } from './history.ts';
import type { Observation } from './update-observations.ts';

/** The node that was begun first comes first. */
export function inOrderOfBeginning(left: NodeReport, right: NodeReport): number {
  const [a, b] = [left.attempts[0]?.startedAt ?? '', right.attempts[0]?.startedAt ?? ''];
  return a.localeCompare(b) || left.instanceId.localeCompare(right.instanceId);
}

/** An attempt with what the node waited before it was admitted, from an instant on (epoch ms). */
function withWaiting(attempt: Attempt, since: number | undefined): Attempt {
  const [first] = attempt.segments;
  // The child of a Map Run waited itself.
  if (since === undefined || first === undefined || isOfMapRun(attempt.executionArn)) return attempt;
  if (since >= Date.parse(first.startedAt)) return attempt;
  const waiting = { state: 'waiting' as const, startedAt: new Date(since).toISOString(), endedAt: first.startedAt };
  return { ...attempt, segments: [waiting, ...attempt.segments] };
}

/** Join the attempts on one node. `readings` are of that node only. */
function nodeOf(readings: readonly ChildReading[], upgradeAt: number | undefined): NodeReport[] {
  const inOrder = readings.toSorted((left, right) => left.attempt.startedAt.localeCompare(right.attempt.startedAt));
  const last = inOrder.at(-1);
  if (last === undefined) return [];
  const { instanceId, nodeName, zone, isSurplus, remainingCount, initialCount } = last;
  // One that was started by hand or redriven, and so touched nothing, says nothing of the node.
  const { attempt } = inOrder.findLast((reading) => reading.attempt.outcome !== 'skipped') ?? last;
  const sum = (figure: (reading: ChildReading) => number): number =>
    inOrder.reduce((total, reading) => total + figure(reading), 0);
  // A surplus node is not waited for: it serves until it is taken.
  const waitsSince = (index: number): number | undefined =>
    isSurplus ? undefined : index === 0 ? upgradeAt : millisecondsOf(inOrder[index - 1]?.attempt.endedAt);
  const presumedGone = [...new Set(inOrder.flatMap((reading) => reading.presumedGone))];
  return [
    omitUndefined({
      instanceId,
      nodeName,
      zone,
      outcome: attempt.outcome,
      isSurplus: isSurplus || undefined,
      state: attempt.outcome === 'inProgress' ? attempt.segments.at(-1)?.state : undefined,
      attempts: inOrder.map((reading, index) => withWaiting(reading.attempt, waitsSince(index))),
      evictedCount: sum((reading) => reading.evictedCount),
      deletedCount: sum((reading) => reading.deletedCount),
      evicted: [...new Set(inOrder.flatMap(({ evicted }) => evicted))],
      ignored: [...new Set(inOrder.flatMap(({ ignored }) => ignored))],
      ...(presumedGone.length > 0 && { presumedGone }),
      remainingCount,
      initialCount,
    }),
  ];
}

/**
 * Join the executions of nodes by node, in the order in which the nodes were begun.
 *
 * @param upgradeAt epoch ms: the start of the upgrade phase, since when nodes wait to be admitted
 */
export const nodesOf = (children: readonly ChildReading[], upgradeAt: number | undefined): NodeReport[] =>
  [...Map.groupBy(children, ({ instanceId }) => instanceId).values()]
    .flatMap((readings) => nodeOf(readings, upgradeAt))
    .sort(inOrderOfBeginning);

/** True for a run that ended with its nodes on the target. */
const hasUpgraded = (plan: PlanReport | undefined, status: ExecutionStatus): boolean =>
  status === 'SUCCEEDED' && plan?.isDryRun === false && !plan.isNothingToDo;

/** Nodes of the plan of which no execution tells: not begun, or after a success upgraded unseen. */
export function otherNodes(
  plan: PlanReport | undefined,
  begun: readonly NodeReport[],
  status: ExecutionStatus,
): NodeReport[] {
  const outcome = hasUpgraded(plan, status) ? ('upgraded' as const) : ('queued' as const);
  const listed = new Set(begun.map(({ instanceId }) => instanceId));
  return (plan?.outdatedNodes ?? []).flatMap(({ instanceId, nodeName, zone }) => {
    if (listed.has(instanceId)) return [];
    return [
      omitUndefined({
        instanceId,
        nodeName,
        zone,
        outcome,
        attempts: [],
        evictedCount: 0,
        deletedCount: 0,
        evicted: [],
        ignored: [],
        remainingCount: 0,
      }),
    ];
  });
}

/**
 * Outdated nodes that the run itself says are done, whether its history lists them or not: lists are capped, and executions of
 * nodes may be gone or forbidden to read.
 */
function toldDone(
  outdated: number,
  plan: PlanReport | undefined,
  observations: readonly Observation[],
  status: ExecutionStatus,
): number {
  // A run succeeds only when nothing is outdated.
  if (hasUpgraded(plan, status)) return outdated;
  const left = observations.at(-1)?.update.outdatedCount;
  return left === undefined ? 0 : Math.max(0, outdated - left);
}

/**
 * Count nodes by how they ended or stand. Nodes and pods that the run has counted count also when they are not listed.
 *
 * @param unread number of nodes that the run's own history calls upgraded, and whose executions could not be read
 */
export function countsOf(
  nodes: readonly NodeReport[],
  plan: PlanReport | undefined,
  observations: readonly Observation[],
  status: ExecutionStatus,
  unread: number,
): Counts {
  const ofOutdated = nodes.filter(({ isSurplus }) => isSurplus !== true);
  const count = (...outcomes: NodeReport['outcome'][]): number =>
    ofOutdated.filter(({ outcome }) => outcomes.includes(outcome)).length;
  const evicted = (seen: readonly { evictedCount: number }[]): number =>
    seen.reduce((sum, { evictedCount }) => sum + evictedCount, 0);
  const outdated = Math.max(ofOutdated.length, plan?.nodes.outdated ?? 0);
  const listed = {
    upgraded: count('upgraded'),
    blocked: count('blocked', 'interrupted'),
    gone: count('gone'),
    inProgress: count('inProgress'),
  };
  // One that is being ended is no longer counted as outdated.
  const others = listed.blocked + listed.gone + listed.inProgress;
  const told = Math.max(toldDone(outdated, plan, observations, status) - others, listed.upgraded + unread);
  const counts = { ...listed, upgraded: Math.max(listed.upgraded, Math.min(told, outdated - others)) };
  const deleted = nodes.reduce((sum, { deletedCount }) => sum + deletedCount, 0);
  const deletedSeen = observations.reduce((sum, { update }) => sum + (update.deletedCount ?? 0), 0);
  return {
    outdated,
    ...counts,
    // The plan's list of nodes is capped, so what is queued is what is left over.
    queued: outdated - counts.upgraded - others,
    evicted: Math.max(evicted(nodes), evicted(observations.map(({ update }) => update))),
    deleted: Math.max(deleted, deletedSeen),
  };
}
