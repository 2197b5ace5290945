import type { Cluster } from '../../clients/ports.ts';
import type { DrainedNode } from '../../domain/state.ts';
import type { Node, NodePatch } from '../../domain/types.ts';
import { changeNode } from '../nodegroup/change-node.ts';

/**
 * Change the Node of an execution without reading it before, unless it has changed since the last patch.
 *
 * @param seen   what the drain keeps of the Node
 * @param first  the change, as decided from that
 * @param decide the same, decided from the Node as it is now
 * @returns the Node after the change, or `absent`
 */
export async function changeOwnNode(
  cluster: Cluster,
  seen: DrainedNode,
  first: NodePatch | undefined,
  decide: (node: Node) => NodePatch | undefined,
): Promise<Node | 'absent'> {
  const outcome = first === undefined ? 'conflict' : await cluster.patchNode(seen.name, first);
  if (outcome !== 'conflict') return outcome;
  const node = await cluster.findNode(seen.name);
  return node === undefined || node.uid !== seen.uid ? 'absent' : changeNode(cluster, node, decide);
}
