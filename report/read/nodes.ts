import type { Counts, NodeReport, PlanReport } from '../model/model.ts';
import { listOf, objectOf, omitUndefined, textOf } from './fields.ts';
import type { Visit } from './history.ts';
import { type ChildReading, nodeOf } from './node.ts';
import type { Observation } from './update-observations.ts';

/** The node that was begun first comes first. */
export function inOrderOfBeginning(left: NodeReport, right: NodeReport): number {
  const [a, b] = [left.attempts[0]?.startedAt ?? '', right.attempts[0]?.startedAt ?? ''];
  return a.localeCompare(b) || left.instanceId.localeCompare(right.instanceId);
}

/** Join the child executions by node, in the order in which the nodes were begun. */
export function nodesOf(children: readonly ChildReading[]): NodeReport[] {
  return [...Map.groupBy(children, ({ instanceId }) => instanceId).values()].map(nodeOf).sort(inOrderOfBeginning);
}

/** Nodes of the plan and of the waves that nobody has begun. */
export function queuedNodes(
  plan: PlanReport | undefined,
  visits: readonly Visit[],
  begun: readonly NodeReport[],
): NodeReport[] {
  const selected = visits
    .filter(({ state }) => state === 'SelectNodes')
    .flatMap(({ output }) => listOf(objectOf(output).nodes).map(objectOf));
  const isBegun = new Set(begun.map(({ instanceId }) => instanceId));
  const known = new Map<string, NodeReport>();
  for (const node of [...selected, ...(plan?.outdatedNodes ?? [])].map(objectOf)) {
    const instanceId = textOf(node.instanceId);
    if (instanceId === undefined || isBegun.has(instanceId) || known.has(instanceId)) continue;
    known.set(
      instanceId,
      omitUndefined({
        instanceId,
        nodeName: textOf(node.nodeName),
        zone: textOf(node.zone),
        outcome: 'queued' as const,
        attempts: [],
        evictedCount: 0,
        deletedCount: 0,
        evicted: [],
        ignored: [],
        remainingCount: 0,
      }),
    );
  }
  return [...known.values()];
}

/** Count nodes by how they ended or stand. What `looks` saw leave counts also when its node is not listed. */
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
