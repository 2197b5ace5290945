import { blockedByEviction } from '../drain/blocking-pods.ts';
import { saysNothing } from '../drain/deferrals.ts';
import { podName } from '../drain/pods.ts';
import type { BlockingPod } from '../state.ts';
import { plural } from '../text.ts';
import type { Budget, EvictionOutcome, Pod } from '../types.ts';
import { KUBERNETES_GROUPS } from './rights.ts';

/** What dry runs of evictions were answered, by uid; absent when nobody was asked. */
type Answers = ReadonlyMap<string, EvictionOutcome> | undefined;

/** Pods whose eviction a dry run was refused, in the words of whoever refused, besides those that are named already. */
export function refusedDryRuns(
  pods: readonly Pod[],
  answers: Answers,
  budgets: readonly Budget[],
  named: ReadonlySet<string>,
): BlockingPod[] {
  return pods.flatMap((pod) => {
    const outcome = answers?.get(pod.uid);
    if (outcome === undefined || outcome.status === 'evicted' || outcome.status === 'absent') return [];
    // An API server that is busy now says nothing about the pod.
    const isSilent = outcome.status === 'later' && saysNothing(outcome.message ?? '');
    return isSilent || named.has(podName(pod)) ? [] : [blockedByEviction(pod, outcome, budgets)];
  });
}

/** Say whether webhooks and policies were asked, and what that is worth. */
export const admissionNote = (pods: readonly Pod[], answers: Answers): string =>
  answers === undefined
    ? `webhooks and policies were not asked about the evictions: the group ${KUBERNETES_GROUPS.readers} may not create any (kubernetes/rbac-dry-run.yaml lets it)`
    : `webhooks and policies were asked about ${answers.size} of ${plural(pods.length, 'eviction')} by dry runs; the real ones may be answered otherwise`;
