import * as z from 'zod';
import type { Deps } from '../../clients/ports.ts';
import { countedOn, openAccounts } from '../../domain/admission/accounts.ts';
import { type Entry, entrySchema } from '../../domain/admission/entry.ts';
import type { Observation } from '../../domain/admission/observation.ts';
import type { Accounts, HeldEntry } from '../../domain/admission/record.ts';
import { readInHand } from '../../domain/drain/in-hand.ts';
import { isLeaving } from '../../domain/nodegroup/nodegroup.ts';
import type { Upgrade, WorkflowRun } from '../../domain/state.ts';

const inputSchema = z.looseObject({
  run: z.looseObject({ executionArn: z.string() }),
  node: entrySchema,
});

/** What the input of a node's execution says of its entry, and what it shares with others of its run. */
function parseInput(text: string | undefined): { entry: Entry; shared: string } | undefined {
  if (text === undefined) return undefined;
  try {
    const { node, drain: _drain, ...shared } = JSON.parse(text);
    const parsed = inputSchema.safeParse({ ...shared, node });
    return parsed.success ? { entry: parsed.data.node, shared: JSON.stringify(shared) } : undefined;
  } catch {
    return undefined;
  }
}

/** Names of the executions that work on nodes of the group: by the annotations they leave, and by those that are running. */
async function findExecutions(deps: Deps, seen: Observation): Promise<string[]> {
  const byNode = seen.members.flatMap(({ node }) => (node === undefined ? [] : (readInHand(node)?.execution ?? [])));
  const ids = new Set(seen.members.map(({ instanceId }) => instanceId));
  const running = await deps.nodeExecutions.listRunning();
  const ofGroup = running.filter((name) => ids.has(name.match(/i-[0-9a-f]+/)?.[0] ?? ''));
  return [...new Set([...byNode, ...ofGroup])];
}

/** Decrements of instances that are still in service. */
function pendingDecrements(entries: readonly HeldEntry[], { members }: Observation): number {
  const serving = new Set(
    members.flatMap(({ instanceId, lifecycleState }) => (isLeaving(lifecycleState) ? [] : [instanceId])),
  );
  return entries.filter(({ decrement, instanceId }) => decrement && serving.has(instanceId)).length;
}

/**
 * Rebuild accounts that were lost: entries from what their executions were started with, sizes from the last step's output.
 *
 * @param before accounts at the end of the last step, if one has ended
 */
export async function rebuildAccounts(
  deps: Deps,
  { run, before, seen }: { run: WorkflowRun; before: Upgrade['accounts']; seen: Observation },
): Promise<{ accounts: Accounts; inputs: Record<string, string> }> {
  const inputs: Record<string, string> = {};
  const entries: HeldEntry[] = [];
  for (const name of await findExecutions(deps, seen)) {
    const found = parseInput((await deps.nodeExecutions.describe(name))?.input);
    if (found === undefined) continue;
    const { entry, shared } = found;
    inputs[entry.runId] = shared;
    entries.push({ ...entry, state: 'inHand', since: entry.admittedAt, missed: 0 });
  }
  const opened = openAccounts(run, undefined, seen);
  // Nobody knows any more what was Ready at the start where no step has ended: what the owner wants is counted on.
  const readyAtStart = countedOn(seen, before?.readyAtStart ?? seen.sizes.desiredCapacity);
  const accounts = { ...opened, memory: { ...opened.memory, readyAtStart } };
  if (before === undefined) {
    // What the desired capacity shows is the surge and the decrements that have not taken effect.
    const surge = Math.max(0, accounts.surge - pendingDecrements(entries, seen));
    return { accounts: { ...accounts, entries, surge }, inputs };
  }
  const given = entries.filter(({ decrement, admittedAt }) => decrement && admittedAt > before.at);
  const surge = Math.max(0, before.surge - given.length);
  const memory = { ...accounts.memory, mostSurge: before.surge };
  return { accounts: { ...accounts, entries, wish: before.wish, surge, memory }, inputs };
}
