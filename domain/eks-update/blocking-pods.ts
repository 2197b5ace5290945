import {
  blockedByTermination,
  findBlockingPods,
  isStuckTerminating,
  toleratesEveryTaint,
} from '../drain/blocking-pods.ts';
import { decideDrain } from '../drain/drain.ts';
import { podName } from '../drain/pods.ts';
import type { BlockingPod } from '../state.ts';
import type { Budget, Pod } from '../types.ts';
import type { BlockedNodePods } from './eks-update.ts';
import type { PodsLeft } from './observation.ts';
import { EKS_DRAIN_TIMEOUT_SECONDS } from './settings.ts';

/** What EKS evicts: everything, bare pods and those with local data included. */
const EKS_POLICY = { unmanaged: 'evict', localStorage: 'evict' } as const;

/** What to do about a pod where our settings have no say. */
const EKS_ADVICE: Partial<Record<BlockingPod['reason'], string>> = {
  gracePeriod: `shorten it to less than ${EKS_DRAIN_TIMEOUT_SECONDS} s, which is all that EKS waits, or ask for {"engine": "workflow"}`,
  toleratesEveryTaint:
    'narrow its tolerations, or make it a DaemonSet; EKS evicts it again and again, and gives up after 15 minutes',
};

/** Say of a held pod what to do about it while EKS drains the node. */
export function withEksAdvice(blockingPods: BlockingPod): BlockingPod {
  const isWaitedFor = blockingPods.reason === 'terminating' && blockingPods.advice.includes('drainTimeoutSeconds');
  const advice = isWaitedFor ? EKS_ADVICE.gracePeriod : EKS_ADVICE[blockingPods.reason];
  return advice === undefined ? blockingPods : { ...blockingPods, advice };
}

/**
 * Say what is left on a node that EKS drains, and what holds it.
 *
 * What a budget holds is read from its status: it is EKS that asks, and nobody but EKS hears the answer.
 *
 * @param drainStartedAt ISO-8601 UTC; pods that came later tolerate the taint
 */
export function podsLeftOn(
  node: { readonly instanceId: string; readonly nodeName: string },
  pods: readonly Pod[],
  budgets: readonly Budget[],
  { drainStartedAt, nowAt }: { drainStartedAt: string; nowAt: string },
): PodsLeft {
  const { evict, leaving, returned } = decideDrain(pods, drainStartedAt, EKS_POLICY);
  const givesUpAt = Date.parse(drainStartedAt) + EKS_DRAIN_TIMEOUT_SECONDS * 1000;
  const settings = { drainTimeoutSeconds: Number.POSITIVE_INFINITY, pods: EKS_POLICY };
  const late = leaving.filter(
    (pod) => isStuckTerminating(pod, nowAt) || Date.parse(pod.deletionDeadlineAt ?? nowAt) > givesUpAt,
  );
  const blockingPods = [
    ...findBlockingPods(evict, budgets, settings),
    ...late.map((pod) => blockedByTermination(pod, nowAt)),
    // Each comes under a new name: what is held is their owner, ever since.
    ...returned.map((pod) => ({ ...toleratesEveryTaint(pod), sinceAt: drainStartedAt })),
  ];
  const names = new Set(blockingPods.map(podName));
  return {
    left: evict.length + leaving.length + returned.length,
    blockingPods: blockingPods.map((pod): BlockedNodePods => ({ ...withEksAdvice(pod), ...node })),
    free: [...evict, ...leaving].map(podName).filter((name) => !names.has(name)),
  };
}
