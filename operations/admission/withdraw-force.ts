import * as z from 'zod';
import type { Deps } from '../../clients/ports.ts';
import { FORCE_WITHDRAWN } from '../../domain/admission/closing.ts';
import { nodeExecutionName, runIdOf } from '../../domain/admission/entry.ts';
import { readInHand } from '../../domain/drain/in-hand.ts';
import type { Conductor } from './conductor.ts';

const forcedSchema = z.looseObject({ run: z.looseObject({ force: z.literal(true) }) });

/** Runs whose drains may delete pods by force. */
const forcedRuns = (inputs: Readonly<Record<string, string>>): Set<string> =>
  new Set(Object.keys(inputs).filter((id) => forcedSchema.safeParse(JSON.parse(inputs[id] ?? 'null')).success));

/**
 * Stop the drains of an earlier run that may delete pods by force, where this run must not. Their nodes are taken again once
 * these executions are closed.
 */
export async function withdrawForce(deps: Deps, { request, session, accounts, seen }: Conductor): Promise<void> {
  const { run } = request;
  if (run.force) return;
  const forced = forcedRuns(session.inputs);
  for (const entry of accounts.entries) {
    if (entry.state !== 'inHand' || entry.runId === runIdOf(run.executionArn) || !forced.has(entry.runId)) continue;
    const node = seen.nodes.get(entry.instanceId);
    // Its pods have left: there is nothing to delete any more.
    if (node !== undefined && readInHand(node)?.phase === 'terminating') continue;
    await deps.nodeExecutions.stop(nodeExecutionName(run.autoScalingGroupName, entry), {
      error: FORCE_WITHDRAWN,
      cause: `run ${run.executionArn} goes on with this node, and does not delete pods by force`,
    });
  }
}
