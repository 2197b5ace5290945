import pMap from 'p-map';
import type { Deps } from '../../clients/ports.ts';
import { closeEnded, type EntryEnd, endOfEntry } from '../../domain/admission/ended-entries.ts';
import { isUnsettled } from '../../domain/admission/entries.ts';
import { nodeExecutionName } from '../../domain/admission/entry.ts';
import type { Accounts, HeldEntry } from '../../domain/admission/record.ts';
import type { DecrementOutcome } from '../../domain/drain/in-hand.ts';
import type { AutoScalingGroup, Node } from '../../domain/types.ts';

/** DescribeExecution allows about 15 calls a second. */
const LOOKUPS_AT_ONCE = 4;

/** What became of a decrement that nobody has told: by the activities of the group, once the instance has left. */
async function decrementOf(
  deps: Deps,
  groupName: string,
  entry: HeldEntry,
  end: Exclude<EntryEnd, { kind: 'kept' }>,
): Promise<DecrementOutcome> {
  if (end.kind === 'reopened' || end.decrement !== 'unknown' || !isUnsettled(entry)) return end.decrement;
  const since = new Date(entry.admittedAt);
  return (await deps.autoScaling.terminationOf(groupName, entry.instanceId, since)) === 'shrank' ? 'yes' : 'no';
}

/**
 * Close the entries whose executions have ended, as far as that is certain now.
 *
 * @param group as read after the record
 * @returns the accounts with the entries that are left
 */
export async function settleEntries(
  deps: Deps,
  accounts: Accounts,
  group: AutoScalingGroup,
  nodes: readonly Node[],
): Promise<Accounts> {
  const lifecycleStates = new Map(group.instances.map((instance) => [instance.instanceId, instance.lifecycleState]));
  const byInstance = new Map(nodes.map((node) => [node.instanceId, node]));
  const closings = await pMap(
    accounts.entries,
    async (entry) => {
      const { instanceId } = entry;
      const execution = await deps.nodeExecutions.describe(nodeExecutionName(group.name, entry));
      const lifecycleState = lifecycleStates.get(instanceId);
      const end = endOfEntry(entry, {
        execution,
        lifecycleState,
        node: byInstance.get(instanceId),
        now: deps.clock.now(),
      });
      return end.kind === 'kept'
        ? undefined
        : { instanceId, decrement: await decrementOf(deps, group.name, entry, end) };
    },
    { concurrency: LOOKUPS_AT_ONCE },
  );
  return closings.reduce(
    (before: Accounts, closing) =>
      closing === undefined ? before : closeEnded(before, closing.instanceId, closing.decrement),
    accounts,
  );
}
