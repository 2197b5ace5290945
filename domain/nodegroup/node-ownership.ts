import { IN_HAND_ANNOTATION, IN_HAND_LABEL } from '../drain/in-hand.ts';
import type { Node, NodePatch, Taint } from '../types.ts';

const OURS = 'eks-nodegroup-upgrade';

/**
 * Ownership annotations of nodes. The patch that makes a change sets the annotation that names the execution, so that a run
 * can tell its own changes from those of others, and a later run can undo them.
 */
export const OWNERSHIP_ANNOTATIONS = {
  tainted: `${OURS}/tainted-by`,
  excluded: `${OURS}/excluded-by`,
  cordoned: `${OURS}/cordoned-by`,
  protected: `${OURS}/protected-by`,
  /** The node's drain ran out of time once; it is tried again after all others. */
  parked: `${OURS}/parked-by`,
  /** A new node, launched only to cover a zone, that is tainted until the nodes of that zone are drained. */
  keptFree: `${OURS}/kept-free-by`,
} as const;

/** The taint EKS puts on outdated nodes. */
export const UNSCHEDULABLE_TAINT: Taint = {
  key: 'eks.amazonaws.com/nodegroup',
  value: 'unschedulable',
  effect: 'NoSchedule',
};
/** Takes a node out of the load balancers of Services. @see https://kubernetes.io/docs/reference/labels-annotations-taints/ */
export const EXCLUDE_LABEL = 'node.kubernetes.io/exclude-from-external-load-balancers';
/** Keeps Cluster Autoscaler from removing a node. */
export const SCALE_DOWN_DISABLED = 'cluster-autoscaler.kubernetes.io/scale-down-disabled';

const isSame = (left: Taint, right: Taint) => left.key === right.key && left.effect === right.effect;
/** An operator's taint of the same key has another value. */
const isOurs = (taint: Taint) => isSame(taint, UNSCHEDULABLE_TAINT) && taint.value === UNSCHEDULABLE_TAINT.value;

/** True when a node has the taint of outdated nodes, set by this workflow or by anybody else. */
export const isTainted = (node: Node): boolean => node.taints.some((taint) => isSame(taint, UNSCHEDULABLE_TAINT));

/** The name of an execution, from its ARN: the value of its ownership annotations. */
export const executionNameOf = (executionArn: string): string => executionArn.slice(executionArn.lastIndexOf(':') + 1);

/** The parts of a patch to one node, as they are put together. */
export type Draft = {
  labels: Record<string, string | null>;
  annotations: Record<string, string | null>;
  taints?: readonly Taint[];
  unschedulable?: boolean;
};

export const draft = (): Draft => ({ labels: {}, annotations: {} });

/** The patch of a draft; `undefined` for an empty one. */
export function finish(node: Pick<Node, 'resourceVersion'>, draft: Draft): NodePatch | undefined {
  const { labels, annotations, taints, unschedulable } = draft;
  const patch: NodePatch = {
    ...(Object.keys(labels).length > 0 && { labels }),
    ...(Object.keys(annotations).length > 0 && { annotations }),
    ...(taints !== undefined && { taints }),
    ...(unschedulable !== undefined && { unschedulable }),
  };
  // The version is always sent, because what the patch removes was decided from this state of the node.
  return Object.keys(patch).length === 0 ? undefined : { ...patch, resourceVersion: node.resourceVersion };
}

const has = (node: Node, annotation: string) => node.annotations[annotation] !== undefined;

/** True for a new node that is tainted because it was launched only to cover a zone. */
export const isKeptFree = (node: Node): boolean => has(node, OWNERSHIP_ANNOTATIONS.keptFree);

function removeTaint(node: Node, draft: Draft, mark: string): void {
  if (!has(node, mark)) return;
  draft.annotations[mark] = null;
  if (node.taints.some(isOurs)) draft.taints = node.taints.filter((taint) => !isOurs(taint));
}

/** Remove the taint of an outdated node, if we set it. */
export const dropTaint = (node: Node, draft: Draft): void => removeTaint(node, draft, OWNERSHIP_ANNOTATIONS.tainted);

const dropKeptFree = (node: Node, draft: Draft): void => removeTaint(node, draft, OWNERSHIP_ANNOTATIONS.keptFree);

/** Taint a node, and claim a taint that we had set for another reason. */
export function addTaint(node: Node, by: string, draft: Draft): void {
  if (isTainted(node) && !isKeptFree(node)) return;
  if (isKeptFree(node)) draft.annotations[OWNERSHIP_ANNOTATIONS.keptFree] = null;
  if (!isTainted(node)) draft.taints = [...node.taints, UNSCHEDULABLE_TAINT];
  draft.annotations[OWNERSHIP_ANNOTATIONS.tainted] = by;
}

/** Let a node back into the load balancers, if we took it out. */
export function dropExclusion(node: Node, draft: Draft): void {
  if (!has(node, OWNERSHIP_ANNOTATIONS.excluded)) return;
  draft.annotations[OWNERSHIP_ANNOTATIONS.excluded] = null;
  draft.labels[EXCLUDE_LABEL] = null;
}

/** Uncordon a node, if we cordoned it. */
export function dropCordon(node: Node, draft: Draft): void {
  if (!has(node, OWNERSHIP_ANNOTATIONS.cordoned)) return;
  draft.annotations[OWNERSHIP_ANNOTATIONS.cordoned] = null;
  draft.unschedulable = false;
}

function dropProtection(node: Node, draft: Draft): void {
  if (!has(node, OWNERSHIP_ANNOTATIONS.protected)) return;
  draft.annotations[OWNERSHIP_ANNOTATIONS.protected] = null;
  draft.annotations[SCALE_DOWN_DISABLED] = null;
}

function dropParked(node: Node, draft: Draft): void {
  if (has(node, OWNERSHIP_ANNOTATIONS.parked)) draft.annotations[OWNERSHIP_ANNOTATIONS.parked] = null;
}

/** True while a node says that an execution works on it. */
const isInHand = (node: Node): boolean => has(node, IN_HAND_ANNOTATION) || node.labels[IN_HAND_LABEL] !== undefined;

/** Say of a node no longer that an execution works on it. */
export function dropInHand(node: Node, draft: Draft): void {
  if (has(node, IN_HAND_ANNOTATION)) draft.annotations[IN_HAND_ANNOTATION] = null;
  if (node.labels[IN_HAND_LABEL] !== undefined) draft.labels[IN_HAND_LABEL] = null;
}

/** Remove what the drain of a dead run has left. */
function dropLeftovers(node: Node, draft: Draft): void {
  dropExclusion(node, draft);
  dropCordon(node, draft);
  dropParked(node, draft);
}

/** Patch that taints an outdated node, and removes what a dead run left on it unless an execution works on it. */
export function taintOutdated(node: Node, by: string): NodePatch | undefined {
  const patch = draft();
  addTaint(node, by, patch);
  if (isInHand(node)) return finish(node, patch);
  dropLeftovers(node, patch);
  dropProtection(node, patch);
  return finish(node, patch);
}

/** Patch that lets pods onto an outdated node again, if we tainted it. */
export function liftTaint(node: Node): NodePatch | undefined {
  const patch = draft();
  dropTaint(node, patch);
  return finish(node, patch);
}

/** Patch that keeps Cluster Autoscaler from removing a new node, and removes what an earlier run left on it. */
export function disableScaleDown(node: Node, by: string): NodePatch | undefined {
  const patch = draft();
  if (!isInHand(node)) {
    dropTaint(node, patch);
    if (node.annotations[OWNERSHIP_ANNOTATIONS.keptFree] !== by) dropKeptFree(node, patch);
    dropLeftovers(node, patch);
  }
  if (node.annotations[SCALE_DOWN_DISABLED] === undefined) {
    patch.annotations[SCALE_DOWN_DISABLED] = 'true';
    patch.annotations[OWNERSHIP_ANNOTATIONS.protected] = by;
  }
  return finish(node, patch);
}

/** Patch that taints a new node which was launched only to cover a zone, so that no pod moves to it that must move again. */
export function keepFree(node: Node, by: string): NodePatch | undefined {
  const patch = draft();
  if (!isTainted(node)) {
    patch.taints = [...node.taints, UNSCHEDULABLE_TAINT];
    patch.annotations[OWNERSHIP_ANNOTATIONS.keptFree] = by;
  }
  return finish(node, patch);
}

/** Patch that removes every change of ours, and no other. */
export function removeOwnedChanges(node: Node): NodePatch | undefined {
  const patch = draft();
  dropTaint(node, patch);
  dropKeptFree(node, patch);
  dropLeftovers(node, patch);
  dropProtection(node, patch);
  dropInHand(node, patch);
  return finish(node, patch);
}

/** True when anything of ours is on a node. */
export const isOwned = (node: Node): boolean =>
  isInHand(node) || Object.values(OWNERSHIP_ANNOTATIONS).some((annotation) => has(node, annotation));
