import type { Deps } from '../../clients/ports.ts';
import { executionNameOf, OWNERSHIP_ANNOTATIONS } from '../../domain/nodegroup/node-ownership.ts';
import type { WorkflowRun } from '../../domain/state.ts';

/**
 * Cordon a node whose pods have left, and say so in an Event on it.
 *
 * @param isCordonedAlready somebody else's cordon is on it: nothing to do, nothing to undo
 */
export async function cordonEmptyNode(
  deps: Deps,
  run: WorkflowRun,
  nodeName: string,
  isCordonedAlready: boolean,
): Promise<'cordoned' | 'alreadyCordoned' | 'absent'> {
  const cluster = await deps.cluster(run.clusterName);
  const by = executionNameOf(run.executionArn);
  if (isCordonedAlready) return 'alreadyCordoned';
  const node = await cluster.patchNode(nodeName, {
    unschedulable: true,
    annotations: { [OWNERSHIP_ANNOTATIONS.cordoned]: by },
  });
  if (node === 'absent' || node === 'conflict') return 'absent';
  await cluster.recordNodeEvent(node, {
    type: 'Normal',
    reason: 'NodeUpgradeCordoned',
    message: `Empty and cordoned; its instance is terminated in ${run.cordonWaitSeconds} s`,
  });
  return 'cordoned';
}
