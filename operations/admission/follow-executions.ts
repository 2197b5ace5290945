import type { Deps } from '../../clients/ports.ts';
import { asksActivity, type Closing, type ClosingContext, closeEntry } from '../../domain/admission/closing.ts';
import { nodeExecutionName } from '../../domain/admission/entry.ts';
import type { ExecutionState } from '../../domain/admission/execution-state.ts';
import { entriesToLookUp } from '../../domain/admission/lookups.ts';
import type { HeldEntry } from '../../domain/admission/record.ts';
import { readInHand } from '../../domain/drain/in-hand.ts';
import { executionNameOf } from '../../domain/nodegroup/node-ownership.ts';
import { park } from '../../domain/nodegroup/parked.ts';
import { changeNode } from '../nodegroup/change-node.ts';
import { type Conductor, save } from './conductor.ts';
import { inspectNodes } from './inspect-nodes.ts';
import { startNode } from './start-nodes.ts';

/** Lookups in a row: Step Functions allows a few DescribeExecution a second. */
const MOST_AT_ONCE = 10;

/**
 * Make a node usable whose execution has ended without its termination: first the world, then the record. A Lambda that lives
 * on may do so when the node has been taken again; then it is the other execution's.
 */
async function reopen({ cluster, seen, request }: Conductor, entry: HeldEntry): Promise<void> {
  const node = seen.nodes.get(entry.instanceId);
  if (node === undefined || (entry.uid !== undefined && node.uid !== entry.uid)) return;
  const { run } = request;
  const untaint = run.updateStrategy === 'MINIMAL' || entry.kind === 'surplus';
  const own = nodeExecutionName(run.autoScalingGroupName, entry);
  await changeNode(cluster, node, (current) => {
    const isAnothers = (readInHand(current)?.execution ?? own) !== own;
    const options = { untaint, sinceAt: entry.admittedAt };
    return isAnothers ? undefined : park(current, executionNameOf(run.executionArn), options);
  });
}

/** Budgets over the pods of a node that allow nothing now. */
async function blockingBudgets(conductor: Conductor, { instanceId }: HeldEntry): Promise<string[]> {
  const budgets = await conductor.cluster.listBudgets();
  const { demands } = await inspectNodes({ ...conductor, budgets }, [instanceId]);
  const names = [...(demands.get(instanceId)?.byBudget.keys() ?? [])];
  return names.filter((name) =>
    budgets.some((budget) => `${budget.namespace}/${budget.name}` === name && budget.disruptionsAllowed === 0),
  );
}

async function apply(deps: Deps, conductor: Conductor, entry: HeldEntry, closing: Closing): Promise<Conductor> {
  switch (closing.kind) {
    case 'running':
      return conductor;
    case 'restart':
      await startNode(deps, conductor, entry);
      return conductor;
    case 'settled':
      return { ...conductor, accounts: closing.accounts };
    case 'closed':
      if (closing.reopens) await reopen(conductor, entry);
      return { ...conductor, accounts: closing.accounts, ended: [...conductor.ended, closing.end] };
    case 'repeat': {
      const repeated = await save({
        ...conductor,
        accounts: closing.accounts,
        ended: [...conductor.ended, closing.end],
      });
      await startNode(deps, repeated, closing.entry);
      return repeated;
    }
  }
}

/** What Auto Scaling says of the end of an instance, where its execution does not know whether capacity was shrunk. */
async function activityOf(
  deps: Deps,
  { seen, request }: Conductor,
  entry: HeldEntry,
  execution: ExecutionState | undefined,
): Promise<ClosingContext['activity']> {
  if (!asksActivity(entry, execution, seen, deps.clock.now().toISOString())) return undefined;
  const { autoScalingGroupName } = request.run;
  const found = await deps.autoScaling.terminationOf(
    autoScalingGroupName,
    entry.instanceId,
    new Date(entry.admittedAt),
  );
  return found ?? 'none';
}

/** Look up the executions of entries that are silent, blocked, overdue or unsettled, and close those that have ended. */
export async function followExecutions(deps: Deps, conductor: Conductor): Promise<Conductor> {
  const nowAt = deps.clock.now().toISOString();
  const { autoScalingGroupName: group } = conductor.request.run;
  const { accounts, seen, lookedUp } = conductor;
  const due = entriesToLookUp(accounts, { seen, group, lookedUp, nowAt }).slice(0, MOST_AT_ONCE);
  let after = conductor;
  for (const entry of due) {
    const execution = await deps.nodeExecutions.describe(nodeExecutionName(group, entry));
    const isBlocked = execution !== undefined && execution.status !== 'RUNNING' && entry.state === 'inHand';
    const budgets = isBlocked ? await blockingBudgets(after, entry) : [];
    const activity = await activityOf(deps, after, entry, execution);
    const context = { seen: after.seen, group, nowAt, budgets, ...(activity !== undefined && { activity }) };
    const closing = closeEntry(after.accounts, entry, execution, context);
    after = await apply(
      deps,
      { ...after, lookedUp: new Map([...after.lookedUp, [entry.instanceId, nowAt]]) },
      entry,
      closing,
    );
  }
  return after;
}
