import type { Node, NodePatch } from '../types.ts';
import {
  type Draft,
  draft,
  dropCordon,
  dropExclusion,
  dropInHand,
  dropTaint,
  finish,
  OWNERSHIP_ANNOTATIONS,
} from './node-ownership.ts';

/** The instant at which the first drain of a parked node began, ISO-8601 UTC. */
export const parkedSince = (node: Node): string | undefined =>
  node.annotations[OWNERSHIP_ANNOTATIONS.parked]?.split(' ').at(-1);

/** Write down on a node that it is set aside, and since when. */
export function addParked(node: Node, by: string, sinceAt: string, draft: Draft): void {
  const parked = `${by} ${parkedSince(node) ?? sinceAt}`;
  if (node.annotations[OWNERSHIP_ANNOTATIONS.parked] !== parked)
    draft.annotations[OWNERSHIP_ANNOTATIONS.parked] = parked;
}

/**
 * Patch that sets a node aside whose execution has ended without upgrading it: it is made usable again, and is no longer in
 * hand. An outdated node keeps its taint, except under MINIMAL.
 */
export function park(node: Node, by: string, options: { untaint: boolean; sinceAt: string }): NodePatch | undefined {
  const patch = draft();
  if (options.untaint) dropTaint(node, patch);
  dropExclusion(node, patch);
  dropCordon(node, patch);
  dropInHand(node, patch);
  addParked(node, by, options.sinceAt, patch);
  return finish(node, patch);
}
