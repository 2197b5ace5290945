import { isIgnoredByDrain } from '../drain/pod-filters.ts';
import { outdatedInScope } from '../nodegroup/scope.ts';
import type { Pod } from '../types.ts';
import type { PlanFacts } from './facts.ts';

/** Pods on outdated nodes that a drain must move. */
export function podsToMove({ pods, members, scope }: PlanFacts): Pod[] {
  const outdated = outdatedInScope(members, scope?.instanceIds);
  const nodeNames = new Set(outdated.flatMap(({ node }) => (node === undefined ? [] : [node.name])));
  return pods.filter((pod) => pod.nodeName !== undefined && nodeNames.has(pod.nodeName) && !isIgnoredByDrain(pod));
}
