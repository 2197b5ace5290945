import type { Deps } from '../../clients/ports.ts';
import {
  EXCLUDE_LABEL,
  executionNameOf,
  OWNERSHIP_ANNOTATIONS,
  startDraining,
} from '../../domain/nodegroup/node-ownership.ts';
import type { Turn, WorkflowRun } from '../../domain/state.ts';
import type { Node } from '../../domain/types.ts';
import { changeNode } from '../nodegroup/change-node.ts';

/**
 * Take a node out of the load balancers, and under MINIMAL taint it.
 *
 * @param facts what AwaitTurn saw of the node a moment ago, to save a request
 */
export async function beginDrain(
  deps: Deps,
  run: WorkflowRun,
  nodeName: string,
  facts: Turn['facts'],
): Promise<Node | 'absent'> {
  const cluster = await deps.cluster(run.clusterName);
  const by = executionNameOf(run.executionArn);
  if (run.updateStrategy === 'DEFAULT' && facts?.isExcluded === false) {
    const patched = await cluster.patchNode(nodeName, {
      labels: { [EXCLUDE_LABEL]: 'true' },
      annotations: { [OWNERSHIP_ANNOTATIONS.excluded]: by },
    });
    if (patched !== 'conflict') return patched;
  }
  const node = await cluster.findNode(nodeName);
  if (node === undefined) return 'absent';
  return changeNode(cluster, node, (seen) => startDraining(seen, by, { taint: run.updateStrategy === 'MINIMAL' }));
}
