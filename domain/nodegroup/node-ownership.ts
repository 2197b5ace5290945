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
  /** A new node chosen to leave in the scale-down phase. */
  surplus: `${OURS}/surplus-by`,
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

/** True when a node has the taint of outdated nodes, set by this workflow or by anybody else. */
export const isTainted = (node: Node): boolean => node.taints.some((taint) => isSame(taint, UNSCHEDULABLE_TAINT));

/** The name of an execution, from its ARN: the value of its ownership annotations. */
export const executionNameOf = (executionArn: string): string => executionArn.slice(executionArn.lastIndexOf(':') + 1);

/** The parts of a patch to one node, as they are put together. */
type Draft = {
  labels: Record<string, string | null>;
  annotations: Record<string, string | null>;
  taints?: readonly Taint[];
  unschedulable?: boolean;
};

function finish(node: Node, draft: Draft): NodePatch | undefined {
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

function dropTaint(node: Node, draft: Draft): void {
  if (!has(node, OWNERSHIP_ANNOTATIONS.tainted)) return;
  draft.annotations[OWNERSHIP_ANNOTATIONS.tainted] = null;
  if (isTainted(node)) draft.taints = node.taints.filter((taint) => !isSame(taint, UNSCHEDULABLE_TAINT));
}

function addTaint(node: Node, by: string, draft: Draft): void {
  if (isTainted(node)) return;
  draft.taints = [...node.taints, UNSCHEDULABLE_TAINT];
  draft.annotations[OWNERSHIP_ANNOTATIONS.tainted] = by;
}

function dropExclusion(node: Node, draft: Draft): void {
  if (!has(node, OWNERSHIP_ANNOTATIONS.excluded)) return;
  draft.annotations[OWNERSHIP_ANNOTATIONS.excluded] = null;
  draft.labels[EXCLUDE_LABEL] = null;
}

function dropCordon(node: Node, draft: Draft): void {
  if (!has(node, OWNERSHIP_ANNOTATIONS.cordoned)) return;
  draft.annotations[OWNERSHIP_ANNOTATIONS.cordoned] = null;
  draft.unschedulable = false;
}

function dropProtection(node: Node, draft: Draft): void {
  if (!has(node, OWNERSHIP_ANNOTATIONS.protected)) return;
  draft.annotations[OWNERSHIP_ANNOTATIONS.protected] = null;
  draft.annotations[SCALE_DOWN_DISABLED] = null;
}

function dropNotes(node: Node, draft: Draft): void {
  for (const annotation of [OWNERSHIP_ANNOTATIONS.parked, OWNERSHIP_ANNOTATIONS.surplus]) {
    if (has(node, annotation)) draft.annotations[annotation] = null;
  }
}

const draft = (): Draft => ({ labels: {}, annotations: {} });

/** Patch that taints an outdated node, and removes what a dead run left on it. */
export function taintOutdated(node: Node, by: string): NodePatch | undefined {
  const patch = draft();
  addTaint(node, by, patch);
  dropExclusion(node, patch);
  dropCordon(node, patch);
  dropProtection(node, patch);
  dropNotes(node, patch);
  return finish(node, patch);
}

/** Patch that keeps Cluster Autoscaler from removing a new node, and removes what an earlier run left on it. */
export function disableScaleDown(node: Node, by: string): NodePatch | undefined {
  const patch = draft();
  dropTaint(node, patch);
  dropExclusion(node, patch);
  dropCordon(node, patch);
  dropNotes(node, patch);
  if (node.annotations[SCALE_DOWN_DISABLED] === undefined) {
    patch.annotations[SCALE_DOWN_DISABLED] = 'true';
    patch.annotations[OWNERSHIP_ANNOTATIONS.protected] = by;
  }
  return finish(node, patch);
}

/** Patch that starts a drain: it takes the node out of the load balancers and, if asked to, taints it. */
export function startDraining(
  node: Node,
  by: string,
  options: { taint: boolean; isSurplus?: boolean },
): NodePatch | undefined {
  const patch = draft();
  if (options.taint) addTaint(node, by, patch);
  if (options.isSurplus && node.annotations[OWNERSHIP_ANNOTATIONS.surplus] !== by)
    patch.annotations[OWNERSHIP_ANNOTATIONS.surplus] = by;
  if (node.labels[EXCLUDE_LABEL] === undefined) {
    patch.labels[EXCLUDE_LABEL] = 'true';
    patch.annotations[OWNERSHIP_ANNOTATIONS.excluded] = by;
  }
  return finish(node, patch);
}

/** The instant at which the drain of a parked node began, ISO-8601 UTC. */
export const parkedSince = (node: Node): string | undefined =>
  node.annotations[OWNERSHIP_ANNOTATIONS.parked]?.split(' ').at(-1);

/** Patch that sets a blocked node aside: it keeps its taint and returns to the load balancers. */
export function park(node: Node, by: string, options: { untaint: boolean; sinceAt: string }): NodePatch | undefined {
  const patch = draft();
  if (options.untaint) dropTaint(node, patch);
  dropExclusion(node, patch);
  const parked = `${by} ${parkedSince(node) ?? options.sinceAt}`;
  if (node.annotations[OWNERSHIP_ANNOTATIONS.parked] !== parked)
    patch.annotations[OWNERSHIP_ANNOTATIONS.parked] = parked;
  return finish(node, patch);
}

/** Patch that cordons an empty node; `undefined` when it is cordoned already, by anybody. */
export function cordon(node: Node, by: string): NodePatch | undefined {
  const patch = draft();
  if (!node.isUnschedulable) {
    patch.unschedulable = true;
    patch.annotations[OWNERSHIP_ANNOTATIONS.cordoned] = by;
  }
  return finish(node, patch);
}

/** Patch that removes every change with an ownership annotation, and no other. */
export function removeOwnedChanges(node: Node): NodePatch | undefined {
  const patch = draft();
  dropTaint(node, patch);
  dropExclusion(node, patch);
  dropCordon(node, patch);
  dropProtection(node, patch);
  dropNotes(node, patch);
  return finish(node, patch);
}

/** True when a node has any ownership annotation. */
export const isOwned = (node: Node): boolean =>
  Object.values(OWNERSHIP_ANNOTATIONS).some((annotation) => has(node, annotation));
