import { blockedByTermination, isStuckTerminating } from '../drain/blocking-pods.ts';
import { findBlockingPods, toleratesEveryTaint } from '../drain/planned-blocking-pods.ts';
import { isIgnoredByDrain, sortPods, type TerminatingPod } from '../drain/pod-filters.ts';
import { mayComeBack, podName } from '../drain/pods.ts';
import type { BlockingPod } from '../state.ts';
import type { Budget, Pod } from '../types.ts';
import type { UpdateBlockingPod } from './eks-update.ts';
import { EKS_DRAIN_TIMEOUT_SECONDS } from './settings.ts';

/** Pods that are still on a node which EKS drains. */
export interface PodsLeft {
  /** Number of pods that EKS waits for. */
  readonly left: number;
  /** Number of those that have been asked to go. */
  readonly terminating: number;
  /** Those among them that EKS cannot evict. */
  readonly blockingPods: readonly UpdateBlockingPod[];
  /** Names of the others. */
  readonly free: readonly string[];
}

/** EKS evicts everything, pods without a controller and with local data included. */
const EKS_POLICY = { unmanaged: 'evict', localStorage: 'evict' } as const;

const SHORTER_GRACE_PERIOD = `shorten it to less than ${EKS_DRAIN_TIMEOUT_SECONDS} s, which is all that EKS waits, or ask for {"engine": "workflow"}`;

/** What to do about a pod where advice about the settings of a run does not help. */
const EKS_ADVICE: Partial<Record<BlockingPod['reason'], string>> = {
  gracePeriod: SHORTER_GRACE_PERIOD,
  toleratesEveryTaint:
    'narrow its tolerations, or make it a DaemonSet; EKS evicts it again and again, and gives up after 15 minutes',
};

/** A blocking pod with the advice that helps while EKS drains the node. */
export function withEksAdvice(blockingPod: BlockingPod): BlockingPod {
  const advice = EKS_ADVICE[blockingPod.reason];
  return advice === undefined ? blockingPod : { ...blockingPod, advice };
}

/** Say of a pod that takes long to stop what helps: once its grace period is over, a shorter one does not. */
function blockedByTerminationUnderEks(pod: TerminatingPod, nowAt: string): BlockingPod {
  const blockingPod = blockedByTermination(pod, nowAt);
  const isOverdue = Date.parse(pod.deletionDeadlineAt) < Date.parse(nowAt);
  return isOverdue ? blockingPod : { ...blockingPod, advice: SHORTER_GRACE_PERIOD };
}

/** True for a pod that came after the drain began, although the node was tainted. Only a sentence depends on the clocks. */
const isLaterAndTolerant = (pod: Pod, drainStartedAt: string): boolean =>
  // creationTimestamp has whole seconds.
  mayComeBack(pod) && Math.floor(Date.parse(drainStartedAt) / 1000) < Math.floor(Date.parse(pod.createdAt) / 1000);

/**
 * List what is left on a node that EKS drains, and what blocks it.
 *
 * Whether a budget blocks is read from its status: EKS asks for the eviction, and only EKS gets the answer.
 *
 * @param drainStartedAt ISO-8601 UTC; pods that came later tolerate the taint
 */
export function podsLeftOn(
  node: { readonly instanceId: string; readonly nodeName: string },
  pods: readonly Pod[],
  budgets: readonly Budget[],
  { drainStartedAt, nowAt }: { drainStartedAt: string; nowAt: string },
): PodsLeft {
  const returned = pods.filter((pod) => !isIgnoredByDrain(pod) && isLaterAndTolerant(pod, drainStartedAt));
  const { evict, terminating } = sortPods(
    pods.filter((pod) => !returned.includes(pod)),
    EKS_POLICY,
  );
  const givesUpAt = Date.parse(drainStartedAt) + EKS_DRAIN_TIMEOUT_SECONDS * 1000;
  const settings = { drainTimeoutSeconds: Number.POSITIVE_INFINITY, pods: EKS_POLICY };
  const late = terminating.filter(
    (pod) => isStuckTerminating(pod, nowAt) || Date.parse(pod.deletionDeadlineAt) > givesUpAt,
  );
  const blockingPods = [
    ...findBlockingPods(evict, budgets, settings).map(withEksAdvice),
    ...late.map((pod) => blockedByTerminationUnderEks(pod, nowAt)),
    // Each comes back under a new name: its owner has blocked the node ever since the drain began.
    ...returned.map((pod) => ({ ...withEksAdvice(toleratesEveryTaint(pod)), sinceAt: drainStartedAt })),
  ];
  const names = new Set(blockingPods.map(podName));
  return {
    left: evict.length + terminating.length + returned.length,
    terminating: terminating.length,
    blockingPods: blockingPods.map((pod): UpdateBlockingPod => ({ ...pod, ...node })),
    free: [...evict, ...terminating].map(podName).filter((name) => !names.has(name)),
  };
}
