import {
  addTaint,
  draft,
  dropCordon,
  dropExclusion,
  dropTaint,
  EXCLUDE_LABEL,
  finish,
  OWNERSHIP_ANNOTATIONS,
} from '../nodegroup/node-ownership.ts';
import { addParked } from '../nodegroup/parked.ts';
import type { DrainedNode } from '../state.ts';
import type { Node, NodePatch } from '../types.ts';
import { IN_HAND_ANNOTATION, IN_HAND_LABEL, type InHand, inHandValue, readInHand, writeInHand } from './in-hand.ts';

/*
 * What the execution of a node writes on it. Each patch tests that the node is still the one that was taken, and the version
 * it was decided from.
 */

type Identity = Pick<Node, 'uid' | 'providerId'>;

function identified({ uid, providerId }: Identity, patch: NodePatch | undefined): NodePatch | undefined {
  return patch === undefined || providerId === undefined ? patch : { ...patch, identity: { uid, providerId } };
}

const isSaid = (node: Node, { execution, phase, decrement }: InHand): boolean => {
  const said = readInHand(node);
  return said?.execution === execution && said.phase === phase && said.decrement === decrement;
};

/** Patch that says what the execution does now; `undefined` when the node says so already. */
export function sayPhase(node: Node, inHand: InHand): NodePatch | undefined {
  return isSaid(node, inHand) ? undefined : sayPhaseOf(node, inHand);
}

/**
 * The same for a node that is only known by what its drain keeps of it.
 *
 * Where the execution knows what it has written last the patch tests that, and not the version, which a kubelet changes every
 * few minutes: a retry of the step must notice that it has been here before.
 *
 * @param before what the execution wrote last
 */
export function sayPhaseOf(node: DrainedNode | Node, inHand: InHand, before?: InHand): NodePatch | undefined {
  const annotations = { [IN_HAND_ANNOTATION]: writeInHand(inHand) };
  const isTested = before !== undefined && node.providerId !== undefined;
  return identified(
    node,
    isTested
      ? { annotations, annotationsBefore: { [IN_HAND_ANNOTATION]: writeInHand(before) } }
      : finish(node, { ...draft(), annotations }),
  );
}

/**
 * Patch that begins a drain: the node is in hand, out of the load balancers, and tainted.
 *
 * @param by name of the run's execution, for ownership annotations
 */
export function beginDraining(
  node: Node,
  { by, autoScalingGroupName, inHand }: { by: string; autoScalingGroupName: string; inHand: InHand },
): NodePatch | undefined {
  const patch = draft();
  const value = inHandValue(autoScalingGroupName);
  if (node.labels[IN_HAND_LABEL] !== value) patch.labels[IN_HAND_LABEL] = value;
  if (!isSaid(node, inHand)) patch.annotations[IN_HAND_ANNOTATION] = writeInHand(inHand);
  addTaint(node, by, patch);
  if (node.labels[EXCLUDE_LABEL] === undefined) {
    patch.labels[EXCLUDE_LABEL] = 'true';
    patch.annotations[OWNERSHIP_ANNOTATIONS.excluded] = by;
  }
  return identified(node, finish(node, patch));
}

/** Patch that puts our taint back; `undefined` when the node has it. */
export function restoreTaint(node: Node, by: string): NodePatch | undefined {
  const patch = draft();
  addTaint(node, by, patch);
  return identified(node, finish(node, patch));
}

/** Patch that cordons a node that is known by what its drain keeps of it. A cordon that was there stays its owner's. */
export function cordonOf(node: DrainedNode | Node, by: string, inHand: InHand): NodePatch | undefined {
  const patch = draft();
  patch.annotations[IN_HAND_ANNOTATION] = writeInHand(inHand);
  if (!node.isUnschedulable) {
    patch.unschedulable = true;
    patch.annotations[OWNERSHIP_ANNOTATIONS.cordoned] = by;
  }
  return identified(node, finish(node, patch));
}

/** Patch that cordons a node; `undefined` when the node says already that this execution has. */
export const cordon = (node: Node, by: string, inHand: InHand): NodePatch | undefined =>
  node.isUnschedulable && isSaid(node, inHand) ? undefined : cordonOf(node, by, inHand);

/**
 * Patch that makes a node usable again that stays. The conductor ends its being in hand once it has written that down.
 *
 * @param options.untaint the taint goes as well, if it is ours
 * @param options.parkedSinceAt begin of its drain, for a node that was blocked; ISO-8601 UTC
 */
export function reopen(
  node: Node,
  by: string,
  { untaint, parkedSinceAt, inHand }: { untaint: boolean; parkedSinceAt?: string | undefined; inHand: InHand },
): NodePatch | undefined {
  const patch = draft();
  if (untaint) dropTaint(node, patch);
  dropExclusion(node, patch);
  dropCordon(node, patch);
  if (parkedSinceAt !== undefined) addParked(node, by, parkedSinceAt, patch);
  if (!isSaid(node, inHand)) patch.annotations[IN_HAND_ANNOTATION] = writeInHand(inHand);
  return identified(node, finish(node, patch));
}
