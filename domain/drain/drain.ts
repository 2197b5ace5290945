/*
 * Words of this folder:
 *
 * drain         everything done to a node until no pod is left on it that must leave
 * round         one list of a node's pods, the evictions asked for, and the answers to them
 * filter        a named reason not to evict a pod, such as `daemonSet` or `localStorage`
 * terminating   (a pod) asked to stop, within its grace period or past it
 * refused       (a pod) not evicted because the setting `pods.unmanaged` or `pods.localStorage` says so
 * late          (a pod) on the node only after the drain's first list, and the first of its owner: evicted like the others
 * returned      (a pod) on the node after a pod of the same owner was evicted from it; evicted a few times more
 * tolerating    (a pod) returned too often, and no taint keeps it away: reported, and not waited for
 * presumed gone (a pod) has outlasted its grace period on a node that is not Ready: reported, and not waited for
 * undeletable   (a pod) whose deletion by `force` is refused
 * obstacle      a pod that has not left, with the cause as the round saw it
 * blocking pod  an obstacle in words: the reason, the detail and what to do about it
 * budget        a PodDisruptionBudget
 * deadline      the instant at which a drain is over, counted from the admission of its node: a retry never moves it
 */

import type { EvictionOutcome, Pod } from '../types.ts';
import { countRemaining, type Refusal, type SortedPods, type TerminatingPod } from './pod-filters.ts';
import type { AttachedVolume } from './volumes.ts';

/** What one round saw of a node. */
export interface DrainRound {
  /** ISO-8601 UTC, after the evictions were answered. */
  readonly nowAt: string;
  readonly pods: SortedPods;
  /** What the Eviction API answered, by pod uid. */
  readonly answers: ReadonlyMap<string, EvictionOutcome>;
  /** Of pods that have left; read only once all have. */
  readonly attachedVolumes: readonly AttachedVolume[];
  /** Deletions by `force` that were refused, by pod uid, in the words of the API server. */
  readonly deletionsRefused?: ReadonlyMap<string, string>;
}

/** An answer of the Eviction API that leaves the pod where it is. */
export type RefusedEviction = Extract<EvictionOutcome, { status: 'blocked' | 'ambiguous' | 'refused' | 'later' }>;

/** A pod that has not left, and why. */
export type Obstacle =
  | { readonly cause: 'eviction'; readonly pod: Pod; readonly outcome: RefusedEviction }
  | { readonly cause: 'notAsked'; readonly pod: Pod }
  | { readonly cause: 'refused'; readonly pod: Pod; readonly refusal: Refusal }
  | { readonly cause: 'undeletable'; readonly pod: Pod; readonly message: string }
  | { readonly cause: 'returned'; readonly pod: Pod }
  | { readonly cause: 'terminating'; readonly pod: TerminatingPod };

/** What a round calls for. `drained` and `blocked` end the drain; after the others comes another round. In words: `sentenceOf`. */
export interface DrainDecision {
  readonly status:
    | 'drained'
    | 'blocked'
    | 'deleteRest'
    | 'listAgain'
    | 'waitForVolumes'
    | 'waitForBudget'
    | 'waitForPods';
  readonly rule: RuleName;
  /** True when the drain is over. */
  readonly isComplete: boolean;
  /** Pods that must still leave. */
  readonly remaining: number;
  /** Pods that are stopping: a watch on them ends the wait. */
  readonly stopping: readonly Pod[];
  /** Pods to delete by force. Empty unless the status is `deleteRest`. */
  readonly rest: readonly Pod[];
  /** In the order of the sentences about them. */
  readonly obstacles: readonly Obstacle[];
}

/**
 * Seconds by which a deleted pod may outlast its grace period before the instance is terminated all the same, and for which
 * deletions that are refused are asked for again.
 */
const FORCE_LEEWAY_SECONDS = 60;

type RuleName =
  | 'volumesAttached'
  | 'empty'
  | 'graceOver'
  | 'comesBack'
  | 'undeletable'
  | 'force'
  | 'cannotMove'
  | 'timeIsOver'
  | 'gone'
  | 'budget'
  | 'stopping';

/** What the rules decide by. */
interface RuleFacts {
  readonly isEmpty: boolean;
  readonly hasVolumes: boolean;
  /** Waiting will not move any of the pods: all are refused, have more than one budget, or come back for ever. */
  readonly cannotMove: boolean;
  readonly isPastDeadline: boolean;
  readonly force: boolean;
  /** Only pods are left that have had their grace period and more, or that come back for ever. */
  readonly isGraceOver: boolean;
  /** Only pods are left that come back for ever. */
  readonly isOnlyReturned: boolean;
  /** Nothing is stopping, and the deletion of every pod is refused, also some time after the deadline. */
  readonly isUndeletable: boolean;
  /** The pods were gone before they were evicted. */
  readonly areGone: boolean;
  readonly isEvictionRefused: boolean;
}

/** Every rule for a round, in the order in which they are tried; the first that applies decides. */
const RULES: readonly {
  readonly name: RuleName;
  readonly status: DrainDecision['status'];
  readonly applies: (facts: RuleFacts) => boolean;
}[] = [
  {
    name: 'volumesAttached',
    status: 'waitForVolumes',
    applies: ({ isEmpty, hasVolumes, isPastDeadline }) => isEmpty && hasVolumes && !isPastDeadline,
  },
  { name: 'empty', status: 'drained', applies: ({ isEmpty }) => isEmpty },
  {
    name: 'graceOver',
    status: 'drained',
    applies: ({ force, isPastDeadline, isGraceOver }) => force && isPastDeadline && isGraceOver,
  },
  { name: 'comesBack', status: 'drained', applies: ({ force, isOnlyReturned }) => force && isOnlyReturned },
  { name: 'undeletable', status: 'blocked', applies: ({ force, isUndeletable }) => force && isUndeletable },
  { name: 'force', status: 'deleteRest', applies: ({ force, isPastDeadline }) => force && isPastDeadline },
  // With `force` even these have until the deadline: somebody may delete a budget or move the pods meanwhile.
  { name: 'cannotMove', status: 'blocked', applies: ({ force, cannotMove }) => cannotMove && !force },
  { name: 'timeIsOver', status: 'blocked', applies: ({ isPastDeadline }) => isPastDeadline },
  { name: 'gone', status: 'listAgain', applies: ({ areGone }) => areGone },
  {
    name: 'budget',
    status: 'waitForBudget',
    applies: ({ isEvictionRefused, cannotMove }) => isEvictionRefused || cannotMove,
  },
  { name: 'stopping', status: 'waitForPods', applies: () => true },
];

const isPast = (nowAt: string, instantAt: string, leewaySeconds = 0): boolean =>
  Date.parse(nowAt) >= Date.parse(instantAt) + leewaySeconds * 1000;

/** Pods that `force` deletes. */
const restOf = ({ evict, refused }: SortedPods): Pod[] => [...evict, ...refused.map(({ pod }) => pod)];

function factsOf(
  { nowAt, pods, answers, attachedVolumes, deletionsRefused = new Map() }: DrainRound,
  deadlineAt: string,
  force: boolean,
): RuleFacts {
  const statuses = pods.evict.map(({ uid }) => answers.get(uid)?.status);
  const isEmpty = countRemaining(pods) === 0;
  const isNothingToAsk = pods.evict.length + pods.refused.length === 0;
  return {
    isEmpty,
    hasVolumes: attachedVolumes.length > 0,
    cannotMove: !isEmpty && pods.terminating.length === 0 && statuses.every((status) => status === 'ambiguous'),
    isPastDeadline: isPast(nowAt, deadlineAt),
    force,
    isGraceOver:
      isNothingToAsk &&
      pods.terminating.every(({ deletionDeadlineAt }) => isPast(nowAt, deletionDeadlineAt, FORCE_LEEWAY_SECONDS)),
    isUndeletable:
      !isNothingToAsk &&
      pods.terminating.length === 0 &&
      isPast(nowAt, deadlineAt, FORCE_LEEWAY_SECONDS) &&
      !statuses.some((status) => status === 'evicted' || status === 'absent') &&
      restOf(pods).every(({ uid }) => deletionsRefused.has(uid)),
    isOnlyReturned: isNothingToAsk && !isEmpty && pods.terminating.length === 0,
    areGone: statuses.length > 0 && pods.terminating.length === 0 && statuses.every((status) => status === 'absent'),
    isEvictionRefused: statuses.some((status) => status !== undefined && status !== 'evicted' && status !== 'absent'),
  };
}

/** List the pods that have not left, each with its cause, without pods that are evicted or gone. */
export function obstaclesOf(
  pods: SortedPods,
  answers: ReadonlyMap<string, EvictionOutcome>,
  deletionsRefused: ReadonlyMap<string, string> = new Map(),
): Obstacle[] {
  const answered = pods.evict.flatMap((pod): Obstacle[] => {
    const outcome = answers.get(pod.uid);
    if (outcome?.status === 'evicted' || outcome?.status === 'absent') return [];
    const message = deletionsRefused.get(pod.uid);
    if (message !== undefined) return [{ cause: 'undeletable', pod, message }];
    if (outcome === undefined) return [{ cause: 'notAsked', pod }];
    return [{ cause: 'eviction', pod, outcome }];
  });
  return [
    ...answered,
    ...pods.refused.map(({ pod, refusal }): Obstacle => ({ cause: 'refused', pod, refusal })),
    ...pods.returned.map((pod): Obstacle => ({ cause: 'returned', pod })),
    ...pods.terminating.map((pod): Obstacle => ({ cause: 'terminating', pod })),
  ];
}

/** Pods of a round whose eviction was answered with one of these statuses. */
export const podsAnswered = (
  { pods, answers }: Pick<DrainRound, 'pods' | 'answers'>,
  ...statuses: readonly EvictionOutcome['status'][]
): Pod[] => pods.evict.filter(({ uid }) => statuses.some((status) => answers.get(uid)?.status === status));

/**
 * Decide what a round of a drain calls for.
 *
 * @param deadlineAt   ISO-8601 UTC; past it nothing is waited for, and `force` deletes what is left
 * @param policy.force delete instead of giving up
 */
export function decideDrainRound(round: DrainRound, deadlineAt: string, policy: { force: boolean }): DrainDecision {
  const facts = factsOf(round, deadlineAt, policy.force);
  const { name, status } = RULES.find(({ applies }) => applies(facts)) as (typeof RULES)[number];
  const { pods, answers } = round;
  return {
    status,
    rule: name,
    isComplete: status === 'drained' || status === 'blocked',
    remaining: countRemaining(pods),
    stopping: [...pods.terminating, ...podsAnswered(round, 'evicted')],
    rest: status === 'deleteRest' ? restOf(pods) : [],
    obstacles: obstaclesOf(pods, answers, round.deletionsRefused),
  };
}
