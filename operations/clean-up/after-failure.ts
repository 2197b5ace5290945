import type { Deps } from '../../clients/ports.ts';
import { pendingDecrements } from '../../domain/admission/ended-entries.ts';
import type { Accounts, GroupRecord } from '../../domain/admission/record.ts';
import { readInHand } from '../../domain/drain/in-hand.ts';
import { isParked } from '../../domain/nodegroup/leave-cordoned.ts';
import { isLeft, leftTags, newWish, sizesOf } from '../../domain/nodegroup/original-settings.ts';
import type { AutoScalingGroup, Node } from '../../domain/types.ts';
import { findRecord } from '../lease/record.ts';
import { cleanUpNodes, nodesOf, removeTraces, resumeProcesses } from './clean-up.ts';
import type { PutBack } from './put-back.ts';
import { writeAccounts } from './release-lease.ts';
import { settleEntries } from './settle-entries.ts';

/** What is cleaned up after a run that did not succeed. */
export interface Aftermath {
  readonly clusterName: string;
  /** Read after the Lease was taken, so that nobody admits nodes any more; absent: there is no Lease. */
  readonly record: GroupRecord | undefined;
  readonly group: AutoScalingGroup;
  /** All nodes of the cluster. */
  readonly nodes: readonly Node[];
  /** Name of the execution by which blocked nodes stay cordoned; absent: they are reopened too. */
  readonly cordonsParkedBy?: string | undefined;
  /** What the state of the run says, for a tag that somebody has removed. */
  readonly isRebalancingSuspended?: boolean | undefined;
  /** Original settings that are to be on the group and are not; absent: the run has not touched the group. */
  readonly missingTags?: Readonly<Record<string, string>> | undefined;
  /** Puts back what the run has done, unless a new node of it is healthy; absent: the group stays as it is. */
  readonly undo?: (accounts: Accounts | undefined) => Promise<PutBack | undefined>;
}

/** What was done; `yielded`: another execution has taken the Lease meanwhile. */
export type CleanedUp =
  | {
      readonly status: 'cleanedUp';
      readonly cleanedNodes: number;
      /** Blocked nodes that stay cordoned. */
      readonly cordonedNodes: number;
      /** Nodes whose executions go on. */
      readonly inHand: number;
      readonly putBack?: PutBack;
    }
  | { readonly status: 'yielded' };

/** Stop executions that the record knows nothing of: without an entry they would end before they terminate anything. */
async function stopUnlicensed(deps: Deps, nodes: readonly Node[], inHand: ReadonlySet<string>): Promise<void> {
  for (const node of nodes) {
    const own = node.instanceId !== undefined && inHand.has(node.instanceId) ? undefined : readInHand(node);
    if (own === undefined || own.phase === 'blocked') continue;
    const reason = { error: 'UpgradeCancelled', cause: 'the record of the group has no entry for this node' };
    await deps.nodeExecutions.stop(own.execution, reason);
  }
}

/** Write down the sizes as they are left, unless the owner has changed them since an earlier clean-up wrote them. */
async function writeSizes(deps: Deps, { group, missingTags = {} }: Aftermath, decrements: number): Promise<void> {
  const isOwners = isLeft(group) && Object.keys(newWish(group)).length > 0;
  const wanted = { ...missingTags, ...(isOwners ? {} : leftTags(sizesOf(group), decrements)) };
  const tags = Object.entries(wanted).filter(([key, value]) => group.tags[key] !== value);
  if (tags.length > 0) await deps.autoScaling.setTags(group.name, Object.fromEntries(tags));
}

/** Leave the group to the next run: as it was before this one, or with a note of what is left. */
async function leaveGroup(
  deps: Deps,
  aftermath: Aftermath,
  accounts: Accounts | undefined,
  undone: PutBack | undefined,
): Promise<void> {
  const { isRebalancingSuspended, missingTags } = aftermath;
  const group = undone?.group ?? aftermath.group;
  if (undone?.isComplete === true) return removeTraces(deps, group, isRebalancingSuspended);
  await resumeProcesses(deps, group, isRebalancingSuspended);
  if (missingTags === undefined) return;
  await writeSizes(deps, { ...aftermath, group }, accounts === undefined ? 0 : pendingDecrements(accounts));
}

/**
 * Clean up nodes and group after a run that did not succeed: the one clean-up for a failure, a cancel, the janitor and
 * `cleanup`. Only changes of ours are undone. Nodes that are still in hand are left to their executions.
 */
export async function cleanUpAfterFailure(deps: Deps, aftermath: Aftermath): Promise<CleanedUp> {
  const { clusterName, record, group } = aftermath;
  const cluster = await deps.cluster(clusterName);
  const before = record?.accounts === 'unreadable' ? undefined : record?.accounts;
  const accounts = before && (await settleEntries(deps, before, group, aftermath.nodes));
  if (record !== undefined && accounts !== undefined && accounts !== before) {
    if (!(await writeAccounts(cluster, group.name, record, accounts))) return { status: 'yielded' };
  }
  const inHand = new Set((accounts?.entries ?? []).map(({ instanceId }) => instanceId));
  const nodes = nodesOf(group, aftermath.nodes);
  await stopUnlicensed(deps, nodes, inHand);
  const { cordonsParkedBy } = aftermath;
  const free = nodes.filter(({ instanceId = '' }) => !inHand.has(instanceId));
  const mayGoOn = async () => (await findRecord(cluster, group.name))?.holder === record?.holder;
  const cleanedNodes = await cleanUpNodes(deps, clusterName, free, { cordonsParkedBy, mayGoOn });
  const undone = await aftermath.undo?.(accounts);
  await leaveGroup(deps, aftermath, accounts, undone);
  const cordonedNodes = cordonsParkedBy === undefined ? 0 : free.filter(isParked).length;
  return {
    status: 'cleanedUp',
    cleanedNodes,
    cordonedNodes,
    inHand: inHand.size,
    ...(undone !== undefined && { putBack: undone }),
  };
}
