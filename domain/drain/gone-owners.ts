import type { Pod } from '../types.ts';

/** Owners that are remembered: a cluster in which more DaemonSets have gone without their pods is being taken apart. */
const MOST_OWNERS = 20;

/**
 * Find DaemonSets that are gone although pods of theirs are left: nothing would create those pods again.
 *
 * @param daemonSets uids of those that there are
 * @returns uids
 * @see https://github.com/kubernetes/kubectl/blob/master/pkg/drain/filters.go (daemonSetFilter)
 */
export function goneDaemonSets(pods: readonly Pod[], daemonSets: readonly string[]): string[] {
  const known = new Set(daemonSets);
  const gone = pods.flatMap(({ owner }) =>
    // A DaemonSet of another API group is not in the list.
    owner?.kind === 'DaemonSet' && owner.apiGroup === undefined && !known.has(owner.uid) ? [owner.uid] : [],
  );
  return [...new Set(gone)].sort().slice(0, MOST_OWNERS);
}

/** The same pods, where those whose owner is gone count as unmanaged. */
export function withoutGoneOwners(pods: readonly Pod[], goneOwners: readonly string[] = []): readonly Pod[] {
  if (goneOwners.length === 0) return pods;
  return pods.map((pod) => {
    const { owner, ...rest } = pod;
    return owner !== undefined && goneOwners.includes(owner.uid) ? rest : pod;
  });
}
