import pMap from 'p-map';
import type { Cluster } from '../../clients/ports.ts';
import { Conflict } from '../../domain/errors.ts';
import type { Node, NodePatch } from '../../domain/types.ts';

/** Attempts before a change fails with Conflict, which the state machine retries. */
const MOST_ATTEMPTS = 5;
/** Changes under way at once: enough for 5,000 nodes in a step, gentle on the API server. */
const MOST_AT_ONCE = 25;

/**
 * Change a node as decided from its state, and read it again when somebody else has changed it in between.
 *
 * @returns the node as it is now, or `absent`
 * @throws {Conflict} when it keeps changing
 */
export async function changeNode(
  cluster: Cluster,
  node: Node,
  decide: (node: Node) => NodePatch | undefined,
): Promise<Node | 'absent'> {
  let reading: Node | undefined = node;
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt += 1) {
    const patch = decide(reading);
    if (patch === undefined) return reading;
    const outcome = await cluster.patchNode(reading.name, patch);
    if (outcome !== 'conflict') return outcome;
    reading = await cluster.findNode(node.name);
    // Another node may have the name by now.
    if (reading === undefined || reading.uid !== node.uid) return 'absent';
  }
  throw new Conflict(`node ${node.name} changed ${MOST_ATTEMPTS} times while it was being patched`);
}

/** Change many nodes, some at a time; vanished ones do not count. Returns how many were changed. */
export async function changeNodes(
  cluster: Cluster,
  nodes: readonly Node[],
  decide: (node: Node) => NodePatch | undefined,
): Promise<number> {
  const pending = nodes.filter((node) => decide(node) !== undefined);
  const outcomes = await pMap(pending, (node) => changeNode(cluster, node, decide), { concurrency: MOST_AT_ONCE });
  return outcomes.filter((outcome) => outcome !== 'absent').length;
}
