import pMap from 'p-map';
import type { Executions } from '../clients/ports.ts';
import { runIdOf } from '../domain/admission/entry.ts';
import { nodeExecutionArn, nodeStateMachineArn, readNodeExecutionName } from '../domain/admission/node-execution.ts';
import type { HistoryEvent } from '../domain/execution-history.ts';
import type { ExecutionHistory } from '../report/read/history.ts';
import { type NodeExecutionNames, nodeExecutionsOf } from '../report/read/node-executions.ts';
import { createFollower, type Follower, isAbsence } from './follower.ts';
import { createMapRunLister } from './map-runs.ts';

/** Histories fetched at a time: GetExecutionHistory allows about 20 calls a second. */
const NODES_AT_ONCE = 8;

/** A step may have recorded the name of an execution that it had not started when it was observed, or never will. */
async function updateIfThere(follower: Follower): Promise<void> {
  try {
    await follower.update();
  } catch (error) {
    if (!isAbsence(error)) throw error;
  }
}

/**
 * Follow the executions of a run's nodes. Their names stand in the outputs of the run's steps; what a step at work has
 * started, or one that died, is found in the list of executions by the run's id in their names.
 *
 * @param runArn of the run's first execution
 */
export function createNodeSource(executions: Executions, runArn: string) {
  const followers = new Map<string, Follower>();
  const listMapRuns = createMapRunLister(executions);
  const machine = nodeStateMachineArn(runArn);
  const runId = runIdOf(runArn);

  function follow(arn: string | undefined): void {
    if (arn === undefined || followers.has(arn)) return;
    followers.set(arn, createFollower(executions, { executionArn: arn, name: arn.split(':').at(-1) }));
  }

  async function findUnreported({ unreportedSince }: NodeExecutionNames): Promise<void> {
    if (unreportedSince === undefined || machine === undefined) return;
    const started = await executions.listStartedSince(machine, new Date(unreportedSince)).catch((error: unknown) => {
      if (isAbsence(error)) return [];
      throw error;
    });
    for (const { name = '', executionArn } of started.toReversed()) {
      if (readNodeExecutionName(name)?.runId === runId) follow(executionArn);
    }
  }

  return {
    haveClosed: (): boolean => [...followers.values()].every((follower) => follower.hasClosed()),
    /** @param parts events of the run's own execution, and of those that continued it */
    async fetch(parts: readonly (readonly HistoryEvent[])[]): Promise<ExecutionHistory[]> {
      for (const history of parts) {
        const found = nodeExecutionsOf(history);
        for (const name of found.names) follow(nodeExecutionArn(runArn, name));
        await findUnreported(found);
        for (const arn of await listMapRuns(history)) follow(arn);
      }
      await pMap(followers.values(), updateIfThere, { concurrency: NODES_AT_ONCE });
      return [...followers.values()].map((follower) => follower.seen()).filter(({ history }) => history.length > 0);
    },
  };
}
