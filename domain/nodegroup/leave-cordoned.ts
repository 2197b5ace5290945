import type { Node, NodePatch } from '../types.ts';
import { OWNERSHIP_ANNOTATIONS, removeOwnedChanges } from './node-ownership.ts';

/** True for a node whose drain was blocked in this run or an earlier one. */
export const isParked = (node: Node): boolean => node.annotations[OWNERSHIP_ANNOTATIONS.parked] !== undefined;

/**
 * Patch that removes every change of ours but leaves the node cordoned, with our ownership annotation: a later run, or
 * `cleanup`, undoes it. A cordon of somebody else stays theirs.
 *
 * @param by name of the execution
 */
export function leaveCordoned(node: Node, by: string): NodePatch | undefined {
  const removed = removeOwnedChanges(node);
  const isOurs = node.annotations[OWNERSHIP_ANNOTATIONS.cordoned] !== undefined;
  if (node.isUnschedulable && !isOurs) return removed;
  const annotations = { ...removed?.annotations, [OWNERSHIP_ANNOTATIONS.cordoned]: by };
  return { ...removed, annotations, unschedulable: true, resourceVersion: node.resourceVersion };
}
