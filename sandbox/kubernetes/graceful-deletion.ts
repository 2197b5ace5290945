import { isoSeconds, type SandboxClock } from '../world/clock.ts';
import { withCondition } from './conditions.ts';
import type { Pod } from './kinds/pod.ts';
import { keyOf, splitKey } from './object-keys.ts';
import { isFinished, isTerminating, nodeNameOf } from './pod-state.ts';
import type { ObjectStore } from './store.ts';

/** Why a controller ends a pod; it stays readable in the pod's DisruptionTarget condition. */
export interface DisruptionReason {
  readonly reason: string;
  readonly message: string;
}

/**
 * Take a pod away for good.
 *
 * The API server first marks it as having no grace left, so that a watch sees MODIFIED before DELETED.
 */
export function removePod({ store, clock }: { store: ObjectStore; clock: SandboxClock }, pod: Pod): void {
  const [namespace, name] = splitKey(keyOf(pod));
  const deletionTimestamp = isoSeconds(clock.now());
  store.change('pods', namespace, name, (current) => ({
    ...current,
    metadata: { ...current.metadata, deletionTimestamp, deletionGracePeriodSeconds: 0 },
  }));
  store.remove('pods', namespace, name);
}

/**
 * Begin the end of a pod as the API server does: one that no kubelet runs goes at once, any other is marked and its
 * kubelet removes it; finalizers keep it in either case.
 *
 * @param graceSeconds default: the pod's own; 0 removes it without asking the kubelet
 */
export function deletePod(
  { store, clock }: { store: ObjectStore; clock: SandboxClock },
  pod: Pod,
  { graceSeconds, disruption }: { graceSeconds?: number; disruption?: DisruptionReason } = {},
): void {
  const [namespace, name] = splitKey(keyOf(pod));
  const hasNoFinalizer = (pod.metadata.finalizers ?? []).length === 0;
  const isRunByNobody = nodeNameOf(pod) === undefined || isFinished(pod);
  const grace = isRunByNobody ? 0 : (graceSeconds ?? pod.spec.terminationGracePeriodSeconds ?? 30);
  if (grace === 0 && hasNoFinalizer) {
    removePod({ store, clock }, pod);
    return;
  }
  if (isTerminating(pod) && grace >= (pod.metadata.deletionGracePeriodSeconds ?? 0)) return;
  const now = clock.now();
  store.change('pods', namespace, name, (current) => ({
    ...current,
    metadata: {
      ...current.metadata,
      deletionTimestamp: isoSeconds(now + grace * 1000),
      deletionGracePeriodSeconds: grace,
    },
    ...(disruption === undefined
      ? {}
      : {
          status: {
            ...current.status,
            conditions: withCondition(
              current.status?.conditions,
              { type: 'DisruptionTarget', status: 'True', ...disruption },
              isoSeconds(now),
            ),
          },
        }),
  }));
}
