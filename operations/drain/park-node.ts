import type { Deps } from '../../clients/ports.ts';
import { countBlocked, haltsTheRun, readControl, withControl } from '../../domain/admission/control.ts';
import { executionNameOf, isTainted, park } from '../../domain/nodegroup/node-ownership.ts';
import type { WaveNode, WorkflowRun } from '../../domain/state.ts';
import { changeControl } from '../lease/control-record.ts';
import { changeNode } from '../nodegroup/change-node.ts';

/** Set a blocked node aside, and halt the run when the cause looks systemic or the input says so. */
export async function parkNode(deps: Deps, run: WorkflowRun, node: WaveNode, startedAt: string): Promise<void> {
  const cluster = await deps.cluster(run.clusterName);
  const by = executionNameOf(run.executionArn);
  const nodes = await cluster.listNodes();
  const own = nodes.find(({ name }) => name === node.nodeName);
  if (own !== undefined) {
    await changeNode(cluster, own, (seen) =>
      park(seen, by, { untaint: run.updateStrategy === 'MINIMAL', sinceAt: startedAt }),
    );
  }
  const outdatedLeft = nodes.filter(isTainted).length;
  await changeControl(cluster, run, (lease) => {
    const before = readControl(lease);
    const blocked = countBlocked(before.blocked, outdatedLeft);
    // A second attempt that fails is the end of this node only; it is no sign of a systemic fault.
    if (before.halt !== undefined || node.attempt > 1 || !haltsTheRun(blocked, run)) {
      return withControl(lease, { blocked });
    }
    const cause =
      run.failurePolicy === 'halt'
        ? 'the first one stops the run, as failurePolicy "halt" says'
        : `${blocked.count} in a row, so the run stopped before it tried the others`;
    return withControl(lease, { blocked, halt: { error: 'PodEvictionFailure', cause } });
  });
}
