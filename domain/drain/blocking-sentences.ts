import type { BlockingPod } from '../state.ts';
import { plural } from '../text.ts';
import { podName } from './pods.ts';

/** One sentence about a blocking pod, as the error and the report show it. */
export function describeBlockingPod(pod: BlockingPod, nowAt: string): string {
  const owner = pod.owner === undefined ? '' : ` (${pod.owner})`;
  const minutes = pod.sinceAt === undefined ? 0 : Math.round((Date.parse(nowAt) - Date.parse(pod.sinceAt)) / 60_000);
  const blocks = minutes > 0 ? `has blocked the drain for ${plural(minutes, 'minute')}` : 'blocks the drain';
  return `pod ${podName(pod)}${owner} ${blocks}: ${pod.detail}. To do: ${pod.advice}.`;
}

/** Describe all pods that block the drain of a node, at most `limit` of them. */
export function describeBlockingPods(pods: readonly BlockingPod[], nowAt: string, limit: number): string {
  const sentences = pods.slice(0, limit).map((pod) => describeBlockingPod(pod, nowAt));
  const more = pods.length - sentences.length;
  return [...sentences, ...(more > 0 ? [`and ${more} more`] : [])].join(' ');
}

/** A pod that was seen to block, and since when. */
export type Sighting = Pick<BlockingPod, 'namespace' | 'name' | 'sinceAt'> & {
  readonly reason?: BlockingPod['reason'];
};

/** The volume of a pod blocks only once the pod itself does not any more. */
const sightingOf = (pod: Sighting): string => `${podName(pod)}${pod.reason === 'volume' ? ' volume' : ''}`;

/** Keep the instant at which each pod was first seen to block. */
export function rememberSince<BlockingPodLike extends BlockingPod>(
  pods: readonly BlockingPodLike[],
  before: readonly Sighting[],
  nowAt: string,
): (BlockingPodLike & { sinceAt: string })[] {
  // The earliest comes first in the list, so it is written last.
  const since = new Map([...before].reverse().map((pod) => [sightingOf(pod), pod.sinceAt]));
  return pods.map((pod) => ({ ...pod, sinceAt: since.get(sightingOf(pod)) ?? pod.sinceAt ?? nowAt }));
}
