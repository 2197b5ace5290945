import type { Deps } from '../../clients/ports.ts';
import { nodeExecutionName } from '../../domain/admission/entry.ts';
import type { GroupRecord } from '../../domain/admission/record.ts';

/**
 * Stop the executions of all nodes that are in hand or leaving.
 *
 * @returns their names
 */
export async function stopNodeExecutions(
  deps: Deps,
  groupName: string,
  record: GroupRecord | undefined,
  cause: string,
): Promise<string[]> {
  const { accounts } = record ?? {};
  const entries = accounts === undefined || accounts === 'unreadable' ? [] : accounts.entries;
  const names = entries.map((entry) => nodeExecutionName(groupName, entry));
  for (const name of names) await deps.nodeExecutions.stop(name, { error: 'UpgradeCancelled', cause });
  return names;
}
