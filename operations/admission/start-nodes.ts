import pMap from 'p-map';
import type { Deps } from '../../clients/ports.ts';
import { admitEntries } from '../../domain/admission/accounts.ts';
import { type Entry, nodeExecutionInput, nodeExecutionName } from '../../domain/admission/entry.ts';
import { AccessDenied } from '../../domain/errors.ts';
import { type Conductor, save } from './conductor.ts';

const MOST_AT_ONCE = 10;

/** Start the execution of an entry, again if need be: name and input are always the same. */
export function startNode(deps: Deps, { request, session }: Conductor, entry: Entry): Promise<'started' | 'taken'> {
  const shared = session.inputs[entry.runId];
  // Without what the inputs share the execution cannot be told apart from one that somebody else starts.
  if (shared === undefined) return Promise.resolve('taken');
  const name = nodeExecutionName(request.run.autoScalingGroupName, entry);
  return deps.nodeExecutions.start(name, nodeExecutionInput(shared, entry));
}

/** Take an entry out again whose execution Step Functions refuses to start, and end the run for that reason. */
function refuse(conductor: Conductor, entry: Entry, { message }: AccessDenied): Conductor {
  const { accounts } = conductor;
  return {
    ...conductor,
    accounts: {
      ...accounts,
      entries: accounts.entries.filter(({ instanceId }) => instanceId !== entry.instanceId),
      surge: accounts.surge + (entry.decrement ? 1 : 0),
      memory: { ...accounts.memory, fatal: { error: 'AccessDenied', cause: message } },
    },
  };
}

/**
 * Take nodes: first their entries into the record, then their executions are started. What is written and not started is
 * started by the next step.
 */
export async function startNodes(deps: Deps, conductor: Conductor, entries: readonly Entry[]): Promise<Conductor> {
  const { accounts, request } = conductor;
  const admitted = await save({
    ...conductor,
    accounts: admitEntries(accounts, entries, request.run.autoScalingGroupName),
  });
  const refusals = await pMap(
    entries,
    async (entry) => {
      try {
        await startNode(deps, admitted, entry);
        return undefined;
      } catch (error) {
        if (error instanceof AccessDenied) return { entry, error };
        throw error;
      }
    },
    { concurrency: MOST_AT_ONCE },
  );
  return refusals.reduce(
    (before: Conductor, refusal) => (refusal ? refuse(before, refusal.entry, refusal.error) : before),
    admitted,
  );
}
