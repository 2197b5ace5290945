import { checksumOf } from '../text.ts';
import type { Pod } from '../types.ts';

/** Evictions that the pods of a lineage get beyond the first ones: whatever comes back after that comes back for ever. */
const MOST_EVICTIONS_BEYOND = 2;

/** What a drain remembers of pods, so that it knows those that come back. No clock is asked: clocks differ. */
export interface PodMemory {
  /** Uids of the pods of the drain's first list, and of those that came late, as far as they are still on the node. */
  readonly firstPods: readonly string[];
  /** By lineage of a pod that was evicted here: evictions beyond the first pods of that lineage. */
  readonly evictedOwners: Readonly<Record<string, number>>;
}

export const NO_PODS_SEEN: PodMemory = { firstPods: [], evictedOwners: {} };

/**
 * What pods have in common of which one takes the place of another: their owner, or the name that somebody gives them who
 * creates them without one.
 */
const lineageOf = ({ owner, namespace, name, generateName = name }: Pod): string =>
  owner?.uid ?? `bare-${checksumOf(`${namespace}/${generateName}`)}`;

const evictionsBeyond = (pod: Pod, { evictedOwners }: PodMemory): number | undefined => evictedOwners[lineageOf(pod)];

/** True for a pod that came to the node after a pod of the same lineage had been evicted from it. */
export const hasReturned = (pod: Pod, memory: PodMemory): boolean =>
  evictionsBeyond(pod, memory) !== undefined && !memory.firstPods.includes(pod.uid);

/**
 * Find the pods that have returned too often to be evicted again.
 *
 * @param pods that would be evicted otherwise
 * @returns their uids
 */
export function returnedTooOften(pods: readonly Pod[], memory: PodMemory): ReadonlySet<string> {
  const evictions = new Map<string, number>();
  return new Set(
    pods
      .filter((pod) => hasReturned(pod, memory))
      .filter((pod) => {
        const lineage = lineageOf(pod);
        const before = evictions.get(lineage) ?? evictionsBeyond(pod, memory) ?? 0;
        evictions.set(lineage, before + 1);
        return before >= MOST_EVICTIONS_BEYOND;
      })
      .map(({ uid }) => uid),
  );
}

/**
 * Remember the pods of a list that have not returned: those of the first list, later also those that came late. A pod that
 * has left is forgotten, as no other has its uid. One that is stopping was evicted, also when the answer to that was lost.
 */
export function rememberListed(memory: PodMemory, pods: readonly Pod[]): PodMemory {
  const firstPods = pods.filter((pod) => !hasReturned(pod, memory)).map(({ uid }) => uid);
  const stopping = pods.filter(({ deletionDeadlineAt }) => deletionDeadlineAt !== undefined).map(lineageOf);
  const known = Object.fromEntries(stopping.map((lineage) => [lineage, memory.evictedOwners[lineage] ?? 0]));
  return { firstPods, evictedOwners: { ...memory.evictedOwners, ...known } };
}

/** Remember whose pods were evicted or deleted. */
export function rememberEvicted(memory: PodMemory, pods: readonly Pod[]): PodMemory {
  const evictedOwners = { ...memory.evictedOwners };
  const first = new Set(memory.firstPods);
  for (const pod of pods) {
    const lineage = lineageOf(pod);
    evictedOwners[lineage] = (evictedOwners[lineage] ?? 0) + (first.has(pod.uid) ? 0 : 1);
  }
  return { ...memory, evictedOwners };
}
