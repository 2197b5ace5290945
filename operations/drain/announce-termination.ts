import type { Cluster } from '../../clients/ports.ts';
import { sayPhase, sayPhaseOf } from '../../domain/drain/execution-patches.ts';
import { type InHand, readInHand } from '../../domain/drain/in-hand.ts';
import type { DrainedNode } from '../../domain/state.ts';
import { changeNode } from '../nodegroup/change-node.ts';

/**
 * How far an execution had come before: it had announced the termination, or had given the node up; `gone` when there is no
 * Node that could say so.
 */
export type PhaseBefore = 'terminating' | 'blocked' | 'none' | 'gone';

/** Read on the Node how far this execution had come. */
export async function readPhaseBefore(cluster: Cluster, { name, uid }: DrainedNode, execution: string) {
  const node = await cluster.findNode(name);
  if (node === undefined || node.uid !== uid) return { phase: 'gone' as const };
  const said = readInHand(node);
  const isSaid = said?.execution === execution && (said.phase === 'terminating' || said.phase === 'blocked');
  return { phase: isSaid ? (said.phase as 'terminating' | 'blocked') : ('none' as const), node };
}

/**
 * Say on the Node that its instance is about to be terminated, before it is asked for: so that a retry can tell that the
 * termination may have been asked for already.
 *
 * @param before what this execution wrote last on the Node, if it knows
 */
export async function announceTermination(
  cluster: Cluster,
  seen: DrainedNode,
  inHand: InHand,
  before: InHand | undefined,
): Promise<PhaseBefore> {
  const patch = sayPhaseOf(seen, inHand, before);
  const outcome = patch === undefined ? 'conflict' : await cluster.patchNode(seen.name, patch);
  if (outcome === 'absent') return 'gone';
  if (outcome !== 'conflict') return 'none';
  const { phase, node } = await readPhaseBefore(cluster, seen, inHand.execution);
  if (phase !== 'none' || node === undefined) return phase;
  const said = await changeNode(cluster, node, (now) => sayPhase(now, inHand));
  return said === 'absent' ? 'gone' : 'none';
}
