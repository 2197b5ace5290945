import { budgetsOf, forbidsEviction } from '../drain/budgets.ts';
import { isIgnoredByDrain } from '../drain/pod-filters.ts';
import { ownerName, podName } from '../drain/pods.ts';
import { plural } from '../text.ts';
import type { Pod } from '../types.ts';
import type { PlanFacts } from './facts.ts';
import { placesLeft, suits } from './places.ts';

const MOST_NAMED = 5;

function someOf(names: readonly string[]): string {
  const more = names.length - MOST_NAMED;
  return `${names.slice(0, MOST_NAMED).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

/** Owners of which one pod stands for all: nothing answers in its place while it moves. */
const HAS_REPLICAS = new Set(['ReplicaSet', 'StatefulSet', 'ReplicationController']);

/** Warn of workloads whose only pod must move. */
export function loneReplicas({ pods: all, budgets }: PlanFacts, pods: readonly Pod[]): string | false {
  const replicas = new Map<string, number>();
  for (const pod of all) {
    if (pod.owner === undefined || isIgnoredByDrain(pod)) continue;
    replicas.set(pod.owner.uid, (replicas.get(pod.owner.uid) ?? 0) + 1);
  }
  // A pod that its budget keeps is named among those that block, with what to do.
  const isKept = (pod: Pod) => budgetsOf(pod, budgets).some((budget) => forbidsEviction(budget, pod));
  const lone = pods.filter(
    (pod) =>
      pod.isReady &&
      pod.owner !== undefined &&
      HAS_REPLICAS.has(pod.owner.kind) &&
      replicas.get(pod.owner.uid) === 1 &&
      !isKept(pod),
  );
  const names = lone.map((pod) => `${pod.namespace}/${ownerName(pod)}`).sort();
  return (
    names.length > 0 &&
    `${plural(names.length, 'workload')} with one pod will be away until that pod is Ready elsewhere: ${someOf(names)}`
  );
}

/** Warn of pods that only outdated nodes suit: they stay Pending after their eviction. */
export function fitNowhereElse(facts: PlanFacts, pods: readonly Pod[]): string | false {
  const places = placesLeft(facts);
  const names = pods
    .filter((pod) => (pod.nodeSelector ?? pod.nodeTerms) !== undefined && !places.some((labels) => suits(pod, labels)))
    .map(podName)
    .sort();
  return (
    names.length > 0 &&
    `${plural(names.length, 'pod')} will stay Pending after eviction, as only nodes that go satisfy the node selector or affinity: ${someOf(names)}`
  );
}
