import { type GroupNode, isLeaving } from '../nodegroup/nodegroup.ts';
import { isInScope } from '../nodegroup/scope.ts';
import type { Sizes, WorkflowRun } from '../state.ts';
import type { Node } from '../types.ts';
import type { Accounts } from './record.ts';

/** What the conductor has seen of a group. */
export interface Observation {
  /** ISO-8601 UTC, before Auto Scaling was asked for sizes and members. */
  readonly at: string;
  /** ISO-8601 UTC, before the nodes were listed. */
  readonly nodesAt: string;
  readonly sizes: Sizes;
  /** Every instance of the group, those that are leaving included. */
  readonly members: readonly GroupNode[];
  /** Every Node of the cluster that names an instance, by instance id. */
  readonly nodes: ReadonlyMap<string, Node>;
}

/** Members that count for the desired capacity: without what is leaving by itself, or was sent away by us. */
export function stayingMembers(
  { members }: Pick<Observation, 'members'>,
  { entries }: Pick<Accounts, 'entries'>,
): GroupNode[] {
  const leaving = new Set(entries.flatMap(({ instanceId, state }) => (state === 'leaving' ? [instanceId] : [])));
  return members.filter(({ instanceId, lifecycleState }) => !isLeaving(lifecycleState) && !leaving.has(instanceId));
}

/** Outdated members of the scope that have not been taken. */
export function outdatedMembers(seen: Observation, accounts: Accounts, run: Pick<WorkflowRun, 'nodes'>): GroupNode[] {
  const taken = new Set(accounts.entries.map(({ instanceId }) => instanceId));
  return seen.members.filter(
    ({ instanceId, isOutdated, lifecycleState }) =>
      isOutdated && !isLeaving(lifecycleState) && !taken.has(instanceId) && isInScope(run, instanceId),
  );
}
