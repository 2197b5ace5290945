import type { Pod } from '../kinds/pod.ts';
import { isReady, isTerminating } from '../pod-state.ts';
import type { ObjectStore } from '../store.ts';
import { REVISION_LABEL } from './daemon-pods.ts';

/** Pods of one DaemonSet that are not terminating, and how many of them are Ready or of an older revision. */
export interface DaemonCounts {
  readonly pods: number;
  readonly ready: number;
  readonly outdated: number;
}

/** Counts kept as pods change, so that reporting does not walk over a pod a node. */
export interface DaemonTally {
  of(uid: string): DaemonCounts;
  count(uid: string, pod: Pod, difference: 1 | -1): void;
  /** Say which revision is current; the pods are counted again when it is another than before. */
  setRevision(uid: string, revision: string): void;
  forget(uid: string): void;
}

const NONE: DaemonCounts = { pods: 0, ready: 0, outdated: 0 };

/** Create an empty tally. */
export function createDaemonTally(store: ObjectStore): DaemonTally {
  const counts = new Map<string, { pods: number; ready: number; outdated: number }>();
  const revisions = new Map<string, string>();

  const count: DaemonTally['count'] = (uid, pod, difference) => {
    const known = counts.get(uid) ?? { ...NONE };
    counts.set(uid, known);
    if (isTerminating(pod)) return;
    known.pods += difference;
    if (isReady(pod)) known.ready += difference;
    if (pod.metadata.labels?.[REVISION_LABEL] !== revisions.get(uid)) known.outdated += difference;
  };

  return {
    of: (uid) => counts.get(uid) ?? NONE,
    count,
    setRevision(uid, revision) {
      if (revisions.get(uid) === revision) return;
      revisions.set(uid, revision);
      counts.delete(uid);
      for (const pod of store.ownedBy('pods', uid)) count(uid, pod, 1);
    },
    forget(uid) {
      counts.delete(uid);
      revisions.delete(uid);
    },
  };
}
