import type { Cluster } from '../../clients/ports.ts';
import { restoreTaint } from '../../domain/drain/execution-patches.ts';
import type { DrainedNode } from '../../domain/state.ts';
import { changeNode } from '../nodegroup/change-node.ts';

/**
 * Put our taint back on a node to which pods come back, where somebody has removed it.
 *
 * @param by name of the run's execution
 * @returns true when it was missing
 */
export async function restoreMissingTaint(cluster: Cluster, { name, uid }: DrainedNode, by: string): Promise<boolean> {
  const node = await cluster.findNode(name);
  if (node === undefined || node.uid !== uid || restoreTaint(node, by) === undefined) return false;
  return (await changeNode(cluster, node, (seen) => restoreTaint(seen, by))) !== 'absent';
}
