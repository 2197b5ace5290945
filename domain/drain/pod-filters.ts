import type { Run } from '../state.ts';
import type { Pod } from '../types.ts';
import { mayComeBack } from './pods.ts';
import { hasReturned, NO_PODS_SEEN, type PodMemory, returnedTooOften } from './returns.ts';

/** Why a pod is not evicted although only the settings of this run forbid it. */
export type Refusal = 'unmanaged' | 'localStorage';

/** A pod that has been asked to stop. */
export type TerminatingPod = Pod & { readonly deletionDeadlineAt: string };

const isTerminating = (pod: Pod): pod is TerminatingPod => pod.deletionDeadlineAt !== undefined;

/** What the filters compare a pod with. */
interface FilterContext {
  readonly policy: Run['pods'];
  /** Uids of pods that have returned too often to be evicted again. */
  readonly tooOften: ReadonlySet<string>;
  /** Uids of pods that have returned because they tolerate the taint, and are not waited for. */
  readonly tolerating: ReadonlySet<string>;
}

/** One reason to treat a pod otherwise than by evicting it. */
type PodFilter = { readonly applies: (pod: Pod, context: FilterContext) => boolean } & (
  | { readonly verdict: 'ignore'; readonly reason: 'mirror' | 'daemonSet' | 'finished' }
  | { readonly verdict: 'wait'; readonly reason: 'terminating' }
  | { readonly verdict: 'report'; readonly reason: 'toleratesEveryTaint' }
  | { readonly verdict: 'refuse'; readonly reason: Refusal }
  | { readonly verdict: 'block'; readonly reason: 'returned' }
);

/**
 * Every reason not to evict a pod, in the order in which they are tried; the first that applies decides.
 *
 * @see https://kubernetes.io/docs/tasks/administer-cluster/safely-drain-node/
 */
const FILTERS: readonly PodFilter[] = [
  { verdict: 'ignore', reason: 'mirror', applies: ({ isMirror, owner }) => isMirror || owner?.kind === 'Node' },
  { verdict: 'ignore', reason: 'daemonSet', applies: ({ owner }) => owner?.kind === 'DaemonSet' },
  { verdict: 'ignore', reason: 'finished', applies: ({ phase }) => phase === 'Succeeded' || phase === 'Failed' },
  { verdict: 'report', reason: 'toleratesEveryTaint', applies: ({ uid }, { tolerating }) => tolerating.has(uid) },
  { verdict: 'wait', reason: 'terminating', applies: isTerminating },
  {
    verdict: 'refuse',
    reason: 'unmanaged',
    applies: ({ owner }, { policy }) => owner === undefined && policy.unmanaged === 'refuse',
  },
  {
    verdict: 'refuse',
    reason: 'localStorage',
    applies: ({ hasLocalStorage }, { policy }) => hasLocalStorage && policy.localStorage === 'refuse',
  },
  { verdict: 'block', reason: 'returned', applies: ({ uid }, { tooOften }) => tooOften.has(uid) },
];

/** For filters that depend on the pod only. */
const NO_CONTEXT: FilterContext = {
  policy: { unmanaged: 'evict', localStorage: 'evict' },
  tooOften: new Set(),
  tolerating: new Set(),
};

const filterOf = (pod: Pod, context: FilterContext) => FILTERS.find(({ applies }) => applies(pod, context));

/** Decide whether the settings forbid the eviction of a pod that kubectl drain would refuse as well. */
export function refusalOf(pod: Pod, policy: Run['pods']): Refusal | undefined {
  const filter = FILTERS.find(
    ({ verdict, applies }) => verdict === 'refuse' && applies(pod, { ...NO_CONTEXT, policy }),
  );
  return filter?.verdict === 'refuse' ? filter.reason : undefined;
}

/** What to do with each pod of a node that is drained. */
export interface SortedPods {
  /** To be evicted now. Empty while any pod is refused, because a node is drained completely or not at all. */
  readonly evict: readonly Pod[];
  /** Asked to stop already. */
  readonly terminating: readonly TerminatingPod[];
  readonly refused: readonly { readonly pod: Pod; readonly refusal: Refusal }[];
  /** Came back too often, and must leave all the same. */
  readonly returned: readonly Pod[];
  /** Came back too often because they tolerate the taint: reported, not waited for. */
  readonly tolerating: readonly Pod[];
  /** Have outlasted their grace period on a node that is not Ready: reported, not waited for. */
  readonly presumedGone: readonly Pod[];
}

/**
 * Sort the pods of a node by what its drain does with them.
 *
 * @param pods   as listed now, terminating ones included
 * @param memory what the drain remembers of earlier lists
 * @param patience `none`: no time is left for pods that come back; `untolerating`: none for those that tolerate the taint
 */
export function sortPods(
  pods: readonly Pod[],
  policy: Run['pods'],
  memory: PodMemory = NO_PODS_SEEN,
  patience: 'all' | 'untolerating' | 'none' = 'all',
): SortedPods {
  const present = pods.filter((pod) => !isTerminating(pod) && !isIgnoredByDrain(pod));
  const often = returnedTooOften(present, memory);
  const isLate = (pod: Pod) =>
    hasReturned(pod, memory) && (patience === 'none' || (patience === 'untolerating' && mayComeBack(pod)));
  const tooOften = new Set([...often, ...present.filter(isLate).map(({ uid }) => uid)]);
  const isTolerating = (pod: Pod) => mayComeBack(pod) && (tooOften.has(pod.uid) || isLate(pod));
  const context = { policy, tooOften, tolerating: new Set(pods.filter(isTolerating).map(({ uid }) => uid)) };
  const filtered = pods.map((pod) => ({ pod, filter: filterOf(pod, context) }));
  const withVerdict = (verdict: PodFilter['verdict'] | undefined) =>
    filtered.flatMap(({ pod, filter }) => (filter?.verdict === verdict ? [pod] : []));
  const refused = filtered.flatMap(({ pod, filter }) =>
    filter?.verdict === 'refuse' ? [{ pod, refusal: filter.reason }] : [],
  );
  return {
    evict: refused.length > 0 ? [] : withVerdict(undefined),
    terminating: withVerdict('wait').filter(isTerminating),
    refused,
    returned: withVerdict('block'),
    tolerating: withVerdict('report'),
    presumedGone: [],
  };
}

/** The same pods once all those have left that were asked to. */
export const withoutLeft = (pods: SortedPods): SortedPods => ({ ...pods, evict: [], terminating: [] });

/** Number of pods that must still leave the node. */
export const countRemaining = ({ evict, terminating, refused, returned }: SortedPods): number =>
  evict.length + terminating.length + refused.length + returned.length;

/**
 * True for a pod that a drain leaves alone: a static pod's mirror, a DaemonSet's pod, or one that has finished.
 *
 * These are the pods that kubectl drain skips with --ignore-daemonsets.
 */
export const isIgnoredByDrain = (pod: Pod): boolean =>
  FILTERS.some(({ verdict, applies }) => verdict === 'ignore' && applies(pod, NO_CONTEXT));
