import { omitUndefined } from '../../domain/omit-undefined.ts';
import type { Counts, NodeReport, PlanReport } from '../model/model.ts';
import type { ChildReading } from './child.ts';
import { outputsOf } from './outputs.ts';
import type { Observation } from './update-observations.ts';
import type { Visit } from './visits.ts';

/** The node that was begun first comes first. */
export function inOrderOfBeginning(left: NodeReport, right: NodeReport): number {
  const [a, b] = [left.attempts[0]?.startedAt ?? '', right.attempts[0]?.startedAt ?? ''];
  return a.localeCompare(b) || left.instanceId.localeCompare(right.instanceId);
}

/** Join the attempts on one node. `readings` are of that node only. */
function nodeOf(readings: readonly ChildReading[]): NodeReport[] {
  const inOrder = readings.toSorted((left, right) => left.attempt.startedAt.localeCompare(right.attempt.startedAt));
  const last = inOrder.at(-1);
  if (last === undefined) return [];
  const { instanceId, nodeName, zone, attempt, remainingCount, initialCount } = last;
  const sum = (figure: (reading: ChildReading) => number): number =>
    inOrder.reduce((total, reading) => total + figure(reading), 0);
  return [
    omitUndefined({
      instanceId,
      nodeName,
      zone,
      outcome: attempt.outcome,
      state: attempt.outcome === 'inProgress' ? attempt.segments.at(-1)?.state : undefined,
      attempts: inOrder.map((reading) => reading.attempt),
      evictedCount: sum((reading) => reading.evictedCount),
      deletedCount: sum((reading) => reading.deletedCount),
      evicted: [...new Set(inOrder.flatMap(({ evicted }) => evicted))],
      ignored: [...new Set(inOrder.flatMap(({ ignored }) => ignored))],
      remainingCount,
      initialCount,
    }),
  ];
}

/** Join the child executions by node, in the order in which the nodes were begun. */
export const nodesOf = (children: readonly ChildReading[]): NodeReport[] =>
  [...Map.groupBy(children, ({ instanceId }) => instanceId).values()].flatMap(nodeOf).sort(inOrderOfBeginning);

/** Nodes of the plan and of the waves that have not been started. */
export function queuedNodes(
  plan: PlanReport | undefined,
  visits: readonly Visit[],
  begun: readonly NodeReport[],
): NodeReport[] {
  const selected = outputsOf(visits, 'SelectNodes').flatMap(({ nodes = [] }) => nodes);
  const listed = new Set(begun.map(({ instanceId }) => instanceId));
  return [...selected, ...(plan?.outdatedNodes ?? [])].flatMap(({ instanceId, nodeName, zone }) => {
    if (listed.has(instanceId)) return [];
    listed.add(instanceId);
    return [
      omitUndefined({
        instanceId,
        nodeName,
        zone,
        outcome: 'queued' as const,
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

/** Count nodes by how they ended or stand. Pods that `observations` saw leave count also when their node is not listed. */
export function countsOf(
  nodes: readonly NodeReport[],
  plan: PlanReport | undefined,
  observations: readonly Observation[],
): Counts {
  const count = (...outcomes: NodeReport['outcome'][]): number =>
    nodes.filter(({ outcome }) => outcomes.includes(outcome)).length;
  const evicted = (seen: readonly { evictedCount: number }[]): number =>
    seen.reduce((sum, { evictedCount }) => sum + evictedCount, 0);
  const outdated = Math.max(nodes.length, plan?.nodes.outdated ?? 0);
  const counts = {
    upgraded: count('upgraded'),
    blocked: count('blocked', 'interrupted'),
    skipped: count('skipped'),
    inProgress: count('inProgress'),
  };
  return {
    outdated,
    ...counts,
    // The plan's list of nodes is capped, so what is queued is what is left over.
    queued: outdated - counts.upgraded - counts.blocked - counts.skipped - counts.inProgress,
    evicted: Math.max(evicted(nodes), evicted(observations.map(({ update }) => update))),
    deleted: nodes.reduce((sum, { deletedCount }) => sum + deletedCount, 0),
  };
}
