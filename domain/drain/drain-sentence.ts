import type { BlockingPod } from '../state.ts';
import { describeBlockingPods } from './blocking-sentences.ts';
import type { DrainDecision } from './drain.ts';

/** What each rule says of the node. */
const VERDICTS: Readonly<Record<DrainDecision['rule'], (waitedSeconds: number) => string>> = {
  volumesAttached: () => 'has no pods left, and waits for its volumes to be detached',
  empty: () => 'is drained',
  graceOver: () => 'counts as drained: its last pods have outlived their grace period',
  comesBack: () => 'counts as drained: the pods left on it come back after every eviction',
  force: (waitedSeconds) => `was not drained within ${waitedSeconds} s, so the pods left on it are deleted`,
  undeletable: (waitedSeconds) =>
    `was not drained within ${waitedSeconds} s, and the deletion of the pods left on it is refused`,
  cannotMove: () => 'cannot be drained',
  timeIsOver: (waitedSeconds) => `was not drained within ${waitedSeconds} s`,
  gone: () => 'is listed again, as its pods were gone before they were evicted',
  budget: () => 'waits until a PodDisruptionBudget allows evictions',
  stopping: () => 'waits for pods that are stopping',
};

/** What the sentence about a decision needs besides it. */
interface SentenceContext {
  readonly nodeName: string;
  /** Since the drain began. */
  readonly waitedSeconds: number;
  /** The obstacles of the decision, explained. */
  readonly blockingPods: readonly BlockingPod[];
  readonly nowAt: string;
  readonly mostPods: number;
}

/** Say what a decision means for the node, and what each pod that blocks it is blocked by. */
export function sentenceOf({ rule }: DrainDecision, context: SentenceContext): string {
  const { nodeName, waitedSeconds, blockingPods, nowAt, mostPods } = context;
  const verdict = `node ${nodeName} ${VERDICTS[rule](waitedSeconds)}`;
  return blockingPods.length === 0 ? verdict : `${verdict}: ${describeBlockingPods(blockingPods, nowAt, mostPods)}`;
}
