import type { SandboxClock } from '../../../world/clock.ts';
import type { ClusterAccess, KubernetesPod } from './cluster-access.ts';

/** How long EKS tries to empty one node. @see https://docs.aws.amazon.com/eks/latest/userguide/managed-node-update-behavior.html */
const DRAIN_SECONDS = 15 * 60;
/** As `kubectl drain` waits between attempts; what EKS does is not documented. */
const POLL_SECONDS = 5;

/** Pods of DaemonSets and of the kubelet itself stay: they would come straight back. */
const isDrained = ({ metadata: { annotations = {}, ownerReferences = [] } }: KubernetesPod): boolean =>
  !('kubernetes.io/config.mirror' in annotations) &&
  !ownerReferences.some(({ kind, controller }) => kind === 'DaemonSet' && controller === true);

/**
 * Evict what is on a node, until nothing is left or the time is up.
 *
 * @returns the pods that are left
 * @throws {UpdateFailure} when the cluster cannot be used
 */
export async function drainNode(
  access: ClusterAccess,
  clock: SandboxClock,
  nodeName: string,
  limitSeconds = DRAIN_SECONDS,
): Promise<readonly KubernetesPod[]> {
  const deadlineAt = clock.now() + limitSeconds * 1000;
  for (;;) {
    const pods = (await access.podsOn(nodeName)).filter(isDrained);
    if (pods.length === 0 || clock.now() >= deadlineAt) return pods;
    for (const pod of pods) if (pod.metadata.deletionTimestamp === undefined) await access.evict(pod);
    await clock.sleep(POLL_SECONDS);
  }
}
