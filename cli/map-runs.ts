import type { Executions } from '../clients/ports.ts';
import type { HistoryEvent } from '../domain/execution-history.ts';

const CLOSED_MAP_RUN = /^MapRun(Succeeded|Failed|Aborted)$/;

/** Map Runs of a history, and whether each has closed: no more children appear in a closed one. */
function mapRunsOf(history: readonly HistoryEvent[]): { arn: string; isClosed: boolean }[] {
  const runs: { arn: string; isClosed: boolean }[] = [];
  for (const { type = '', mapRunStartedEventDetails } of history) {
    const arn = mapRunStartedEventDetails?.mapRunArn;
    if (arn !== undefined) runs.push({ arn, isClosed: false });
    const last = runs.at(-1);
    if (last !== undefined && CLOSED_MAP_RUN.test(type)) last.isClosed = true;
  }
  return runs;
}

/**
 * List the nodes' executions of a run of an earlier version: they were the children of its Map Runs.
 *
 * @returns a function from the run's history to the ARNs of children that may be new
 */
export function createMapRunLister(executions: Executions) {
  const listed = new Set<string>();
  return async (history: readonly HistoryEvent[]): Promise<string[]> => {
    const children: string[] = [];
    for (const { arn, isClosed } of mapRunsOf(history)) {
      if (listed.has(arn)) continue;
      children.push(...(await executions.listChildren(arn)).flatMap(({ executionArn }) => executionArn ?? []));
      if (isClosed) listed.add(arn);
    }
    return children;
  };
}
