import pMap from 'p-map';
import type { Deps } from '../../clients/ports.ts';
import { dropEntry, type EntryEnd, endOfEntry } from '../../domain/admission/ended-entries.ts';
import { nodeExecutionName } from '../../domain/admission/entry.ts';
import type { Accounts } from '../../domain/admission/record.ts';
import { sizesOf } from '../../domain/nodegroup/original-settings.ts';
import type { AutoScalingGroup, Node } from '../../domain/types.ts';

/** DescribeExecution allows about 15 calls a second. */
const LOOKUPS_AT_ONCE = 4;

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
  const lifecycleStates = new Map(
    group.instances.map(({ instanceId, lifecycleState }) => [instanceId, lifecycleState]),
  );
  const byInstance = new Map(nodes.map((node) => [node.instanceId, node]));
  const ends = await pMap(
    accounts.entries,
    async (entry): Promise<[string, EntryEnd]> => {
      const execution = await deps.nodeExecutions.describe(nodeExecutionName(group.name, entry));
      const lifecycleState = lifecycleStates.get(entry.instanceId);
      const node = byInstance.get(entry.instanceId);
      return [entry.instanceId, endOfEntry(entry, { execution, lifecycleState, node, now: deps.clock.now() })];
    },
    { concurrency: LOOKUPS_AT_ONCE },
  );
  return ends.reduce(
    (before, [instanceId, end]) =>
      end.kind === 'kept' ? before : dropEntry(before, instanceId, end.decrement, sizesOf(group)),
    accounts,
  );
}
