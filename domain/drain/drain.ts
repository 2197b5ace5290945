import type { Run } from '../state.ts';
import type { Pod } from '../types.ts';
import { isIgnoredByDrain, mayComeBack, podName } from './pods.ts';

/** Why a pod is not evicted though nothing but our own settings forbids it. */
export type Refusal = 'unmanaged' | 'localStorage';

/** What a look at a draining node calls for. */
export interface DrainTick {
  /** Nothing is left to wait for. */
  readonly isEmpty: boolean;
  /** To be evicted now. Empty while anything is refused: a node that cannot be drained is not drained by half. */
  readonly evict: readonly Pod[];
  /** Already terminating. */
  readonly leaving: readonly Pod[];
  readonly refused: readonly { readonly pod: Pod; readonly refusal: Refusal }[];
  /** Came back because they tolerate every taint: reported, not waited for. */
  readonly returned: readonly Pod[];
}

/** Decide whether our settings forbid the eviction of a pod that kubectl drain would refuse as well. */
export function refusalOf(pod: Pod, policy: Run['pods']): Refusal | undefined {
  if (pod.owner === undefined && policy.unmanaged === 'refuse') return 'unmanaged';
  if (pod.hasLocalStorage && policy.localStorage === 'refuse') return 'localStorage';
  return undefined;
}

/** A pod that appeared on the node after its drain had begun, in spite of the taint. */
const hasReturned = (pod: Pod, drainStartedAt: string): boolean =>
  // creationTimestamp has whole seconds; in doubt the pod is evicted once more.
  mayComeBack(pod) && Math.floor(Date.parse(drainStartedAt) / 1000) < Math.floor(Date.parse(pod.createdAt) / 1000);

/**
 * Decide what one look at a draining node calls for.
 *
 * In order, first match wins: mirror, DaemonSet and finished pods stay; pods that came back although the node is closed are
 * reported; terminating pods are waited for; the settings refuse some; the rest is evicted.
 *
 * @param pods           as listed now, terminating ones included
 * @param drainStartedAt ISO-8601 UTC
 * @see https://kubernetes.io/docs/tasks/administer-cluster/safely-drain-node/
 */
export function decideDrain(pods: readonly Pod[], drainStartedAt: string, policy: Run['pods']): DrainTick {
  const candidates = pods.filter((pod) => !isIgnoredByDrain(pod));
  const returned = candidates.filter((pod) => hasReturned(pod, drainStartedAt));
  const bound = candidates.filter((pod) => !returned.includes(pod));
  const leaving = bound.filter((pod) => pod.deletionDeadlineAt !== undefined);
  const omitUndefined = bound.filter((pod) => pod.deletionDeadlineAt === undefined);
  const refused = omitUndefined.flatMap((pod) => {
    const refusal = refusalOf(pod, policy);
    return refusal === undefined ? [] : [{ pod, refusal }];
  });
  return { isEmpty: bound.length === 0, evict: refused.length > 0 ? [] : omitUndefined, leaving, refused, returned };
}

/** Names of pods, sorted, at most `limit`. */
export const podNames = (pods: readonly Pod[], limit = 20): string[] => pods.map(podName).sort().slice(0, limit);
