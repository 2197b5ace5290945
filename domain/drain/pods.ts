import { UNSCHEDULABLE_TAINT } from '../nodegroup/node-ownership.ts';
import type { Pod, Taint } from '../types.ts';

/** Name of a pod with its namespace. */
export const podName = (pod: { namespace: string; name: string }): string => `${pod.namespace}/${pod.name}`;

/** The workload a pod belongs to, in words: `Deployment checkout` rather than its replica set. */
export function ownerName(pod: Pod): string | undefined {
  if (pod.owner === undefined) return undefined;
  const { kind, name } = pod.owner;
  const hash = pod.labels['pod-template-hash'];
  return kind === 'ReplicaSet' && hash !== undefined && name.endsWith(`-${hash}`)
    ? `Deployment ${name.slice(0, -hash.length - 1)}`
    : `${kind} ${name}`;
}

/** The names by which people know a pod. */
export function identityOf(pod: Pod): { namespace: string; name: string; owner?: string } {
  const owner = ownerName(pod);
  return { namespace: pod.namespace, name: pod.name, ...(owner !== undefined && { owner }) };
}

/** Decide whether a pod tolerates a taint. @see https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/ */
export const tolerates = (pod: Pod, taint: Taint): boolean =>
  pod.tolerations.some(
    ({ key, operator = 'Equal', value = '', effect }) =>
      (effect === undefined || effect === '' || effect === taint.effect) &&
      (key === undefined || key === '' ? operator === 'Exists' : key === taint.key) &&
      (operator === 'Exists' || value === (taint.value ?? '')),
  );

/** True for a pod that tolerates the taint of outdated nodes: it may come straight back to a draining node. */
export const mayComeBack = (pod: Pod): boolean => tolerates(pod, UNSCHEDULABLE_TAINT);

/** Names of pods, sorted, at most `limit`. */
export const podNames = (pods: readonly Pod[], limit = 20): string[] => pods.map(podName).sort().slice(0, limit);
